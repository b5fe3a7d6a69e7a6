/** dist/tokencast.html: the whole page in one file that works from a disk and never uses the network. */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { calibrationsPlugin } from './build/calibrations-plugin.ts';
import { enginePlugin } from './build/engine-plugin.ts';
import { paths } from './build/paths.ts';
import { presetsPlugin } from './build/presets-plugin.ts';
import { singleFilePlugin } from './build/single-file-plugin.ts';

export default defineConfig({
  base: './',
  publicDir: false,
  define: { 'import.meta.env.SINGLE_FILE': 'true' },
  resolve: { alias: { 'virtual:pwa-register': resolve(import.meta.dirname, 'src/offline/none.ts') } },
  build: { outDir: paths.dist, emptyOutDir: false, target: 'es2023', modulePreload: false },
  // Browsers run no module from a blob: address where the page itself is a file.
  worker: { format: 'iife', plugins: () => [enginePlugin('single-file')] },
  plugins: [
    enginePlugin('single-file'),
    presetsPlugin('single-file'),
    calibrationsPlugin('single-file'),
    viteSingleFile({ removeViteModuleLoader: true }),
    singleFilePlugin(),
  ],
});
