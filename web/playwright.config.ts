/** The browser tests, on the built page. They need dist/ and, for comparisons, build/native/tokencast. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '../tests/page',
  outputDir: 'node_modules/.cache/playwright',
  reporter: 'list',
  // Browsers on a small machine; a test that needs a second try is a defect.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  timeout: 30_000,
  use: {
    browserName: 'chromium',
    locale: 'en-US',
    colorScheme: 'light',
    // Only hosting.spec.ts needs the worker; elsewhere it would fetch the whole site for each test.
    serviceWorkers: 'block',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
