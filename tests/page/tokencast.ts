/** What the tests share: a page that fails on any complaint of the browser, and the native engine. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test as base, type BrowserContext, type Page } from '@playwright/test';
import { startServer, type Server } from './server.ts';

const root = resolve(import.meta.dirname, '../..');
export const nativeFolder = resolve(root, 'build/native');

/** Fails the test on a console error, an exception or a breach of the content security policy. */
export function complaintsOf(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('console', (message) => {
    // The one is the test runner's own, the other what some Chromium say when the service worker answers a preload.
    const harmless = [
      'Service Worker registration blocked by Playwright',
      'cross-world service worker resource mismatch',
    ].some((part) => message.text().includes(part));
    if (!harmless && ['error', 'warning'].includes(message.type()))
      complaints.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`exception: ${error.error().message}`));
  return complaints;
}

interface Fixtures {
  readonly complaints: string[];
}

export const test = base.extend<Fixtures, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ server }, use) => {
    await use(server.url);
  },
  complaints: [
    async ({ context }, use) => {
      const complaints = complaintsOf(context);
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await use(complaints);
      expect(complaints, 'the browser has nothing to complain of').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export const verdict = (page: Page) => page.locator('#answer-title');

export async function open(page: Page, hash = ''): Promise<void> {
  await page.goto(`./${hash}`);
  await expect(verdict(page)).toBeVisible();
}

type Picker = 'model' | 'accelerator';

export const picker = (page: Page, field: Picker) => page.locator(`#${field}`);
export const options = (page: Page, field: Picker) => page.locator(`#${field}-list`).getByRole('option');

/** Types into a list and takes what it offers first; `own` is what stands at its end. */
export async function choose(page: Page, field: Picker, wanted: string): Promise<void> {
  await picker(page, field).click();
  if (wanted === 'own') await page.keyboard.press('End');
  else {
    await picker(page, field).fill(wanted);
    await expect(page.locator(`#${field}-list .option:not(.action)`).first()).toBeVisible();
  }
  await page.keyboard.press('Enter');
  await expect(picker(page, field)).toHaveAttribute('data-value', wanted);
}

const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

export async function copied(page: Page, button: string, notice: string): Promise<string> {
  await page.getByRole('button', { name: button }).click();
  await expect(page.getByText(notice)).toBeVisible();
  return clipboard(page);
}

export const copyLink = (page: Page): Promise<string> => copied(page, 'Copy link', 'Link copied');

export const copyCommand = (page: Page): Promise<string> =>
  copied(page, 'Copy command line', 'Command line copied');

export async function copyResult(page: Page): Promise<unknown> {
  return JSON.parse(await copied(page, 'Copy result as JSON', 'Result copied')) as unknown;
}

/** The section "Under load", and what it says of its simulation. */
export const loadCard = (page: Page) => page.locator('.under-load');
export const simulated = (page: Page) => loadCard(page).getByRole('status');

export async function openLoad(page: Page): Promise<void> {
  await loadCard(page).locator('summary').first().click();
}

/** Runs a copied command as a reader would: in a shell, with the native engine on the path. */
export function runCommand(command: string): unknown {
  const env = { ...process.env, PATH: `${nativeFolder}:${process.env['PATH'] ?? ''}` };
  return JSON.parse(execFileSync('bash', ['-c', command], { env, encoding: 'utf8' })) as unknown;
}

interface ModelPreset {
  readonly config: Readonly<Record<string, unknown>>;
}

export const presetText = (kind: 'models' | 'accelerators', id: string): string =>
  readFileSync(resolve(root, `presets/${kind}/${id}.json`), 'utf8');

/** The config of a preset, as one would paste it. */
export const configOf = (preset: string): string =>
  JSON.stringify((JSON.parse(presetText('models', preset)) as ModelPreset).config, null, 2);

/** Puts a text into the clipboard and pastes it where the focus is. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
  await page.keyboard.press('ControlOrMeta+V');
}
