/**
 * Dynamic imports as the browser has them. Vite wraps each to preload the styles and modules that come with it;
 * here none brings any, and the wrapper is half a kilobyte of the first load.
 */
import type { Plugin } from 'vite';

export function dynamicImportPlugin(): Plugin {
  return {
    name: 'tokencast-dynamic-import',
    enforce: 'pre',
    load: (id) =>
      id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : undefined,
  };
}
