/**
 * The engine as CMake built it: `virtual:engine-glue` and `virtual:engine-wasm` are what the page starts with,
 * `virtual:simulator-…` what its worker runs. Hosted, each .wasm is a hashed asset that is fetched when needed.
 * The single file carries one: the simulator's module, which has all functions of the other.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { HtmlTagDescriptor, Plugin } from 'vite';
import { paths } from './paths.ts';

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

const wasm = '\0virtual:engine-wasm';
const simulatorWasm = '\0virtual:simulator-wasm';
const simulatorWorker = '\0virtual:simulator-worker';

export function enginePlugin(from: 'asset' | 'single-file'): Plugin {
  const hosted = from === 'asset';
  const places: Readonly<Record<string, string>> = {
    'virtual:engine-glue': hosted ? paths.glue : paths.simulatorGlue,
    'virtual:engine-wasm': hosted ? wasm : simulatorWasm,
    'virtual:simulator-glue': paths.simulatorGlue,
    'virtual:simulator-wasm': simulatorWasm,
    'virtual:simulator-worker': simulatorWorker,
  };
  return {
    name: 'tokencast-engine',
    enforce: 'pre',
    buildStart() {
      for (const path of [paths.wasm, paths.simulatorWasm]) {
        if (!existsSync(path)) throw new Error(`${path} is missing: run ./start --build at the root`);
      }
    },
    resolveId: (source) => places[source],
    load(module) {
      if (module === wasm) return fetched(paths.wasm);
      if (module === simulatorWasm) return (hosted ? fetched : embedded)(paths.simulatorWasm);
      if (module !== simulatorWorker) return undefined;
      const worker = `${paths.simulatorWorker}?worker${hosted ? '' : '&inline'}`;
      return `export { default } from ${JSON.stringify(worker)};`;
    },
    transform(code, module) {
      if (module !== paths.glue && module !== paths.simulatorGlue) return undefined;
      // The bytes are always passed in: the glue's own address of them would only add a second copy, and its
      // ways to fetch them, which differ by where it runs, only weight.
      return code
        .replace(/(new URL\((["'])[\w-]+\.wasm\2,\s*)import\.meta\.url\)/g, '$1"file:///")')
        .replace(/\bvar (ENVIRONMENT_IS_(?:WEB|WORKER|NODE)=)typeof [^;]+;/g, 'const $1false;');
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }): HtmlTagDescriptor[] {
        const first = Object.values(bundle ?? {}).find(
          (file) => file.type === 'asset' && file.names.includes('tokencast.wasm'),
        );
        if (!hosted || first === undefined) return [];
        const attrs = {
          rel: 'preload',
          as: 'fetch',
          type: 'application/wasm',
          href: `./${first.fileName}`,
          crossorigin: true,
        };
        return [{ tag: 'link', attrs, injectTo: 'head' }];
      },
    },
  };
}
