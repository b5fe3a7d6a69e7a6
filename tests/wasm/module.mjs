// Loads the WebAssembly module in Node, for the tests here.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support.mjs';

/** Loads build/wasm/NAME.mjs without any calibration: all its estimates are generic. */
async function load(name) {
  const { default: create } = await import(join(root, `build/wasm/${name}.mjs`));
  return create({ wasmBinary: readFileSync(join(root, `build/wasm/${name}.wasm`)) });
}
const folder = join(root, 'presets/calibration');

/** The files of presets/calibration/, the index first. */
export const calibrations = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .sort((a, b) => Number(b === 'index.json') - Number(a === 'index.json'))
  .map((file) => readFileSync(join(folder, file), 'utf8'));

/** The page's module as it starts. */
export const bareEngine = () => load('tokencast');

/** With every calibration, as the command line has them built in. */
async function calibrated(name) {
  const module = await load(name);
  for (const text of calibrations) {
    const refused = module.addCalibration(text);
    if (refused !== '') throw new Error(refused);
  }
  return module;
}

export const engine = await calibrated('tokencast');
/** The worker's, which has simulate too. */
export const simulator = await calibrated('tokencast-simulate');
