/**
 * `virtual:presets`: the two presets that the page opens with, and loaders for what it fetches later: the
 * catalogue (what lists and searches show of all presets) and the files, all models in one and all
 * accelerators in another. Hosted, these are hashed assets of their own; elsewhere, modules.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import type {
  AcceleratorEntry,
  AcceleratorFile,
  Catalogue,
  Figure,
  ModelEntry,
  ModelFile,
} from '../src/presets/types.ts';
import makers from './makers.json' with { type: 'json' };
import { defaults, paths } from './paths.ts';

const id = 'virtual:presets';

function read(kind: 'models' | 'accelerators'): readonly unknown[] {
  const folder = join(paths.presets, kind);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => parsed(join(folder, name)));
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`${path}: ${String(cause)}`, { cause });
  }
}

const value = (figure: Figure): number => (typeof figure === 'number' ? figure : figure.value);

const text = (field: unknown): string | undefined => (typeof field === 'string' ? field : undefined);

/** Without the members that are undefined, which JSON would leave out as well. */
function modelEntry({ id, name, organisation, aliases = [], released, modality }: ModelFile): ModelEntry {
  return {
    id,
    name,
    maker: organisation,
    aliases,
    ...(released === undefined ? {} : { released }),
    ...(modality === undefined ? {} : { modality }),
  };
}

function acceleratorEntry(file: AcceleratorFile): AcceleratorEntry {
  const { memory_type, architecture, class: kind, year, aliases } = file;
  const entry: Record<string, unknown> = {
    id: file.id,
    name: file.name,
    maker: file.vendor,
    aliases: Array.isArray(aliases) ? aliases : [],
    memory_bytes: value(file.memory_bytes),
    memory_bandwidth_bytes_per_s: value(file.memory_bandwidth_bytes_per_s),
    memory_type: text(memory_type),
    architecture: text(architecture),
    class: text(kind),
    year: typeof year === 'number' ? year : undefined,
  };
  return entry as unknown as AcceleratorEntry;
}

const classes = ['datacentre', 'workstation', 'consumer', 'soc', 'edge', 'cpu'];

const byText = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** As they are browsed: by maker; among theirs the newest first, accelerators by their class before. */
const byAge = (a: ModelEntry, b: ModelEntry): number =>
  byText(a.maker, b.maker) || byText(b.released ?? '', a.released ?? '') || byText(a.name, b.name);

const place = ({ class: kind }: AcceleratorEntry): number =>
  kind === undefined ? classes.length : classes.indexOf(kind);

const byClass = (a: AcceleratorEntry, b: AcceleratorEntry): number =>
  byText(a.maker, b.maker) || place(a) - place(b) || (b.year ?? 0) - (a.year ?? 0) || byText(a.name, b.name);

function first<File extends { readonly id: string }>(files: readonly File[], wanted: string): File {
  const found = files.find((file) => file.id === wanted);
  if (!found) throw new Error(`The page opens with the preset ${wanted}, which presets/ does not have`);
  return found;
}

const fetched = `
async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(url + ': HTTP ' + response.status);
  return response.json();
}`;

export function presetsPlugin(from: 'asset' | 'single-file'): Plugin {
  let asAssets = false;

  const parts = (): Readonly<Record<string, unknown>> => {
    const models = read('models') as readonly ModelFile[];
    const accelerators = read('accelerators') as readonly AcceleratorFile[];
    const catalogue: Catalogue = {
      models: models.map(modelEntry).sort(byAge),
      accelerators: accelerators.map(acceleratorEntry).sort(byClass),
      makers,
    };
    return { catalogue, models, accelerators };
  };

  return {
    name: 'tokencast-presets',
    configResolved({ command }) {
      asAssets = from === 'asset' && command === 'build';
    },
    resolveId: (source) => (source === id || source.startsWith(`${id}/`) ? `\0${source}` : undefined),
    load(module) {
      if (module.startsWith(`\0${id}/`)) {
        return `export default ${JSON.stringify(parts()[module.slice(id.length + 2)])};`;
      }
      if (module !== `\0${id}`) return undefined;
      const { models, accelerators, ...rest } = parts();
      const loader = ([name, content]: [string, unknown]): string => {
        const exported = `load${name.charAt(0).toUpperCase()}${name.slice(1)}`;
        if (!asAssets)
          return `export const ${exported} = async () => (await import('${id}/${name}')).default;`;
        const file = this.emitFile({
          type: 'asset',
          name: `${name}.json`,
          source: JSON.stringify(content),
        });
        return `export const ${exported} = () => fetched(import.meta.ROLLUP_FILE_URL_${file});`;
      };
      return [
        `export const defaultModel = ${JSON.stringify(first(models as ModelFile[], defaults.model))};`,
        `export const defaultAccelerator = ${JSON.stringify(first(accelerators as AcceleratorFile[], defaults.accelerator))};`,
        asAssets ? fetched : '',
        ...Object.entries({ ...rest, models, accelerators }).map(loader),
      ].join('\n');
    },
  };
}
