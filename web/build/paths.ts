/** Where the build finds what the other parts of the repository make. */
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export const paths = {
  root,
  dist: resolve(root, 'dist'),
  presets: resolve(root, 'presets'),
  glue: resolve(root, 'build/wasm/tokencast.mjs'),
  wasm: resolve(root, 'build/wasm/tokencast.wasm'),
  simulatorGlue: resolve(root, 'build/wasm/tokencast-simulate.mjs'),
  simulatorWasm: resolve(root, 'build/wasm/tokencast-simulate.wasm'),
  simulatorWorker: resolve(root, 'web/src/engine/simulator-worker.ts'),
} as const;

/** What the page opens with: the article's example. */
export const defaults = { model: 'qwen2.5-32b', accelerator: 'h20-96-sxm' } as const;
