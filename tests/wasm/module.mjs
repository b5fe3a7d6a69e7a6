// Loads the WebAssembly module in Node, for the tests here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support.mjs';

const { default: create } = await import(join(root, 'build/wasm/tokencast.mjs'));
export const engine = await create({ wasmBinary: readFileSync(join(root, 'build/wasm/tokencast.wasm')) });
