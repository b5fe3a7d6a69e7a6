/**
 * Presets by id or alias. The two that the page opens with are part of it; the list of all and the files
 * themselves are fetched when they are first needed.
 */
import {
  defaultAccelerator,
  defaultModel,
  loadAccelerators,
  loadCatalogue,
  loadModels,
} from 'virtual:presets';
import { Lazy } from './lazy';
import type { AcceleratorFile, Catalogue, ModelFile, PresetEntry } from './types';

export const catalogue = new Lazy<Catalogue>(loadCatalogue);

export class Shelf<File extends { readonly id: string }> {
  readonly #all: Lazy<ReadonlyMap<string, File>>;

  constructor(
    private readonly first: File,
    load: () => Promise<readonly File[]>,
  ) {
    this.#all = new Lazy(async () => new Map((await load()).map((file) => [file.id, file])));
  }

  /** The file if it is here already, so that the first answer does not wait for a promise. */
  now(id: string): File | undefined {
    return id === this.first.id ? this.first : this.#all.now?.get(id);
  }

  async load(id: string): Promise<File> {
    const file = this.now(id) ?? (await this.#all.load()).get(id);
    if (!file) throw new Error(`No preset ${id}`);
    return file;
  }

  /** Begins to load, for what will be asked next; a failure is told when it is asked. */
  prepare(): void {
    this.#all.load().catch(() => undefined);
  }
}

export const modelFiles = new Shelf<ModelFile>(defaultModel, loadModels);
export const acceleratorFiles = new Shelf<AcceleratorFile>(defaultAccelerator, loadAccelerators);

export function findPreset<Entry extends PresetEntry>(
  entries: readonly Entry[],
  wanted: string,
): Entry | undefined {
  const name = wanted.toLowerCase();
  return (
    entries.find(({ id }) => id === name) ??
    entries.find((entry) => [entry.name, ...entry.aliases].some((alias) => alias.toLowerCase() === name))
  );
}
