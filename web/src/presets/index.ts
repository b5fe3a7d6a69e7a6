/** Presets by id or alias; files other than the default two are loaded when asked for. */
import {
  acceleratorLoaders,
  accelerators,
  defaultAccelerator,
  defaultModel,
  modelLoaders,
  models,
} from 'virtual:presets';
import type { AcceleratorFile, ModelFile, PresetEntry } from './types';

export { accelerators, models };

class Shelf<File extends { readonly id: string }> {
  readonly #loaded = new Map<string, File>();

  constructor(
    first: File,
    private readonly loaders: Readonly<Record<string, () => Promise<{ default: File }>>>,
  ) {
    this.#loaded.set(first.id, first);
  }

  /** The file if it is here already, so that the first answer does not wait for a promise. */
  now(id: string): File | undefined {
    return this.#loaded.get(id);
  }

  async load(id: string): Promise<File> {
    const here = this.now(id);
    if (here) return here;
    const loader = this.loaders[id];
    if (!loader) throw new Error(`No preset ${id}`);
    const { default: file } = await loader();
    this.#loaded.set(id, file);
    return file;
  }
}

export const modelFiles = new Shelf<ModelFile>(defaultModel, modelLoaders);
export const acceleratorFiles = new Shelf<AcceleratorFile>(defaultAccelerator, acceleratorLoaders);

export function findPreset(entries: readonly PresetEntry[], wanted: string): PresetEntry | undefined {
  const name = wanted.toLowerCase();
  return (
    entries.find(({ id }) => id === name) ??
    entries.find((entry) => [entry.name, ...entry.aliases].some((alias) => alias.toLowerCase() === name))
  );
}
