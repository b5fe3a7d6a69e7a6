/** The hosted page: hashed assets, presets that are fetched when needed, service worker. */
import { configDefaults, defineConfig } from 'vitest/config';
import { VitePWA } from 'vite-plugin-pwa';
import { calibrationsPlugin } from './build/calibrations-plugin.ts';
import { documentsPlugin } from './build/documents-plugin.ts';
import { dynamicImportPlugin } from './build/dynamic-import-plugin.ts';
import { enginePlugin } from './build/engine-plugin.ts';
import { paths } from './build/paths.ts';
import { presetsPlugin } from './build/presets-plugin.ts';

export default defineConfig({
  base: './',
  build: {
    outDir: paths.dist,
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  worker: { format: 'es', plugins: () => [enginePlugin('asset')] },
  server: { fs: { allow: [paths.root] } },
  plugins: [
    dynamicImportPlugin(),
    enginePlugin('asset'),
    presetsPlugin('asset'),
    calibrationsPlugin('asset'),
    documentsPlugin(),
    VitePWA({
      // A new version waits until the reader agrees to reload: nobody loses what they typed.
      registerType: 'prompt',
      injectRegister: false,
      manifest: {
        name: 'Tokencast',
        short_name: 'Tokencast',
        description:
          'Estimates how fast a large language model answers on given hardware, and whether it fits.',
        start_url: './',
        scope: './',
        display: 'standalone',
        background_color: '#f7f8f8',
        theme_color: '#0b6b66',
        icons: [
          { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any maskable' },
        ],
      },
      workbox: {
        globPatterns: ['index.html', 'assets/*.{js,css,wasm,json}', '*.{svg,png,webmanifest}'],
        // One page: an address that does not exist stays a 404, and the single file stays a download.
        navigateFallback: null,
        inlineWorkboxRuntime: true,
        sourcemap: false,
        cleanupOutdatedCaches: true,
        // So that an update can reload the page even on the visit that installed the worker.
        clientsClaim: true,
      },
    }),
  ],
  test: { include: ['test/**/*.test.ts'], exclude: configDefaults.exclude },
});
