/**
 * `virtual:engine-glue` and `virtual:engine-wasm`: the engine as CMake built it.
 * One .wasm serves both pages: the hosted one fetches it as a hashed asset, the single file carries it.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { HtmlTagDescriptor, Plugin } from 'vite';
import { paths } from './paths.ts';

const fetched = `
import url from ${JSON.stringify(`${paths.wasm}?url`)};
export async function loadWasm() {
  const response = await fetch(url);
  if (!response.ok) throw new Error('tokencast.wasm: HTTP ' + response.status);
  return response.arrayBuffer();
}`;

const embedded = (): string => `
const data = ${JSON.stringify(readFileSync(paths.wasm, 'base64'))};
export function loadWasm() {
  return Promise.resolve(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)).buffer);
}`;

export function enginePlugin(from: 'asset' | 'single-file'): Plugin {
  return {
    name: 'tokencast-engine',
    enforce: 'pre',
    buildStart() {
      if (!existsSync(paths.wasm))
        throw new Error('build/wasm/tokencast.wasm is missing: run ./start --build at the root');
    },
    resolveId(source) {
      if (source === 'virtual:engine-glue') return paths.glue;
      if (source === 'virtual:engine-wasm') return '\0virtual:engine-wasm';
      return undefined;
    },
    load(module) {
      if (module !== '\0virtual:engine-wasm') return undefined;
      return from === 'asset' ? fetched : embedded();
    },
    transform(code, module) {
      // The bytes are always passed in, so the glue's own address of them would only add a second copy.
      if (module !== paths.glue) return undefined;
      return code.replace(/(new URL\((["'])tokencast\.wasm\2,\s*)import\.meta\.url\)/g, '$1"file:///")');
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }): HtmlTagDescriptor[] {
        const wasm = Object.keys(bundle ?? {}).find((name) => name.endsWith('.wasm'));
        if (from !== 'asset' || wasm === undefined) return [];
        const attrs = {
          rel: 'preload',
          as: 'fetch',
          type: 'application/wasm',
          href: `./${wasm}`,
          crossorigin: true,
        };
        return [{ tag: 'link', attrs, injectTo: 'head' }];
      },
    },
  };
}
