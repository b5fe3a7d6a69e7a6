/**
 * `virtual:calibrations`: presets/calibration/. The index comes with the script; the calibration of an
 * accelerator is a hashed asset of its own where the page is hosted, a module elsewhere. All are texts, as the
 * engine takes them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { paths } from './paths.ts';

const id = 'virtual:calibrations';

/** A file's JSON, without the spaces. */
const compact = (...path: readonly string[]): string =>
  JSON.stringify(JSON.parse(readFileSync(join(paths.presets, ...path), 'utf8')));

interface Index {
  readonly measured: readonly { readonly accelerator: string }[];
}

const nameOf = (accelerator: string): string =>
  (JSON.parse(compact('accelerators', `${accelerator}.json`)) as { name: string }).name;

/** An answer waits for it, so a connection that hangs must end as one that fails. */
const patienceMs = 15_000;

const fetched = `
async function fetched(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(${patienceMs}) });
  if (!response.ok) throw new Error(url + ': HTTP ' + response.status);
  return response.text();
}`;

export function calibrationsPlugin(from: 'asset' | 'single-file'): Plugin {
  let asAssets = false;
  return {
    name: 'tokencast-calibrations',
    configResolved({ command }) {
      asAssets = from === 'asset' && command === 'build';
    },
    resolveId: (source) => (source === id || source.startsWith(`${id}/`) ? `\0${source}` : undefined),
    load(module) {
      if (module.startsWith(`\0${id}/`)) {
        const text = compact('calibration', `${module.slice(id.length + 2)}.json`);
        return `export default ${JSON.stringify(text)};`;
      }
      if (module !== `\0${id}`) return undefined;
      const index = compact('calibration', 'index.json');
      const loader = (accelerator: string): string => {
        if (!asAssets) return `async () => (await import('${id}/${accelerator}')).default`;
        const file = this.emitFile({
          type: 'asset',
          name: `calibration-${accelerator}.json`,
          source: compact('calibration', `${accelerator}.json`),
        });
        return `() => fetched(import.meta.ROLLUP_FILE_URL_${file})`;
      };
      const entries = (JSON.parse(index) as Index).measured.map(
        ({ accelerator }) =>
          `${JSON.stringify(accelerator)}: { name: ${JSON.stringify(nameOf(accelerator))}, load: ${loader(accelerator)} },`,
      );
      return [
        `export const index = ${JSON.stringify(index)};`,
        asAssets ? fetched : '',
        `export const calibrations = {\n${entries.join('\n')}\n};`,
      ].join('\n');
    },
  };
}
