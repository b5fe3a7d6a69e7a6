// Loads the WebAssembly module in Node, for the tests here.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support.mjs';

const { default: create } = await import(join(root, 'build/wasm/tokencast.mjs'));
const folder = join(root, 'presets/calibration');

/** The files of presets/calibration/, the index first. */
export const calibrations = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .sort((a, b) => Number(b === 'index.json') - Number(a === 'index.json'))
  .map((file) => readFileSync(join(folder, file), 'utf8'));

/** A module without any calibration: all its estimates are generic. */
export const bareEngine = () => create({ wasmBinary: readFileSync(join(root, 'build/wasm/tokencast.wasm')) });

/** With every calibration, as the command line has them built in. */
export const engine = await bareEngine();
for (const text of calibrations) {
  const refused = engine.addCalibration(text);
  if (refused !== '') throw new Error(refused);
}
