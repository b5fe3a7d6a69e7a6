/**
 * `virtual:engine-glue` and `virtual:engine-wasm`: the engine as CMake built it. `virtual:simulator-glue` and
 * `-wasm`: the same with `simulate` and `compare`, which only their readers load.
 * The hosted page fetches each .wasm as a hashed asset. The single file carries the second alone, which has
 * everything that the first has.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { HtmlTagDescriptor, Plugin } from 'vite';
import { paths } from './paths.ts';

const engine = { glue: paths.glue, wasm: paths.wasm };
const simulator = { glue: paths.simulatorGlue, wasm: paths.simulatorWasm };

const wasmId = /^\0wasm:(.*)$/;

const fetched = (path: string): string => `
import url from ${JSON.stringify(`${path}?url`)};
export async function loadWasm() {
  const response = await fetch(url);
  if (!response.ok) throw new Error(url + ': HTTP ' + response.status);
  return response.arrayBuffer();
}`;

const embedded = (path: string): string => `
const data = ${JSON.stringify(readFileSync(path, 'base64'))};
export function loadWasm() {
  return Promise.resolve(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)).buffer);
}`;

export function enginePlugin(from: 'asset' | 'single-file'): Plugin {
  const modules = { engine: from === 'asset' ? engine : simulator, simulator };
  const files = Object.entries(modules).flatMap(([name, { glue, wasm }]) => [
    [`virtual:${name}-glue`, glue] as const,
    [`virtual:${name}-wasm`, `\0wasm:${wasm}`] as const,
  ]);
  const ids = new Map<string, string>(files);
  return {
    name: 'tokencast-engine',
    enforce: 'pre',
    buildStart() {
      for (const { wasm } of [engine, simulator])
        if (!existsSync(wasm)) throw new Error(`${wasm} is missing: run ./start --build at the root`);
    },
    resolveId: (source) => ids.get(source),
    load(module) {
      const path = wasmId.exec(module)?.[1];
      if (path === undefined) return undefined;
      return from === 'asset' ? fetched(path) : embedded(path);
    },
    transform(code, module) {
      // The bytes are always passed in, so the glue's own address of them would only add a second copy.
      if (module !== engine.glue && module !== simulator.glue) return undefined;
      return code.replace(/(new URL\((["'])[\w-]+\.wasm\2,\s*)import\.meta\.url\)/g, '$1"file:///")');
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }): HtmlTagDescriptor[] {
        const wasm = Object.values(bundle ?? {}).find(
          (file) => file.type === 'asset' && file.names.includes('tokencast.wasm'),
        );
        if (from !== 'asset' || wasm === undefined) return [];
        const attrs = {
          rel: 'preload',
          as: 'fetch',
          type: 'application/wasm',
          href: `./${wasm.fileName}`,
          crossorigin: true,
        };
        return [{ tag: 'link', attrs, injectTo: 'head' }];
      },
    },
  };
}
