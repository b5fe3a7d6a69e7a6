/**
 * `virtual:presets`: the list of all presets (id, name, maker, aliases) and a loader for each.
 * Only the two that the page opens with are in the first download; the others are chunks of their own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { defaults, paths } from './paths.ts';

const id = 'virtual:presets';

interface PresetFile {
  id: string;
  name: string;
  vendor?: string;
  organisation?: string;
  aliases?: string[];
}

function read(kind: 'models' | 'accelerators'): { path: string; file: PresetFile }[] {
  const folder = join(paths.presets, kind);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name))
    .map((path) => ({ path, file: JSON.parse(readFileSync(path, 'utf8')) as PresetFile }))
    .sort((a, b) => maker(a.file).localeCompare(maker(b.file)) || a.file.name.localeCompare(b.file.name));
}

const maker = (file: PresetFile): string => file.vendor ?? file.organisation ?? '';

function entries(files: { file: PresetFile }[]): string {
  return JSON.stringify(
    files.map(({ file }) => ({
      id: file.id,
      name: file.name,
      maker: maker(file),
      aliases: file.aliases ?? [],
    })),
  );
}

function loaders(files: { path: string; file: PresetFile }[], inFirstBundle: string): string {
  const lines = files
    .filter(({ file }) => file.id !== inFirstBundle)
    .map(({ path, file }) => `${JSON.stringify(file.id)}: () => import(${JSON.stringify(path)})`);
  return `{${lines.join(',\n')}}`;
}

function defaultImport(name: string, files: { path: string; file: PresetFile }[], wanted: string): string {
  const found = files.find(({ file }) => file.id === wanted);
  if (!found) throw new Error(`The page opens with the preset ${wanted}, which presets/ does not have`);
  return `import ${name} from ${JSON.stringify(found.path)};\nexport { ${name} };`;
}

export function presetsPlugin(): Plugin {
  return {
    name: 'tokencast-presets',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load(module) {
      if (module !== `\0${id}`) return undefined;
      const models = read('models');
      const accelerators = read('accelerators');
      return [
        defaultImport('defaultModel', models, defaults.model),
        defaultImport('defaultAccelerator', accelerators, defaults.accelerator),
        `export const models = ${entries(models)};`,
        `export const accelerators = ${entries(accelerators)};`,
        `export const modelLoaders = ${loaders(models, defaults.model)};`,
        `export const acceleratorLoaders = ${loaders(accelerators, defaults.accelerator)};`,
      ].join('\n');
    },
  };
}
