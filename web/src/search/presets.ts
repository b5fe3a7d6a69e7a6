/** What the presets of the catalogue are found by. */
import type { AcceleratorEntry, Catalogue, ModelEntry } from '../presets/types';
import { Search, type Subject } from './search';

const GB = 1e9;
const GiB = 2 ** 30;

type Makers = Catalogue['makers'];

const otherNames = (makers: Makers, maker: string): readonly string[] =>
  Object.hasOwn(makers, maker) ? (makers[maker] ?? []) : [];

/** As it is written in Chinese, where that differs. */
export const chineseName = ({ makers }: Catalogue, maker: string): string | undefined =>
  otherNames(makers, maker).find((name) => /\p{Script=Han}/u.test(name));

/** What a label may say: "96 GB" of 96 × 2^30 bytes, or of 96 × 10^9. */
const labels = (bytes: number): readonly number[] =>
  [bytes / GiB, bytes / GB]
    .map((size) => ({ size, label: Math.round(size) }))
    .filter(({ size, label }) => Math.abs(size - label) < 0.01)
    .map(({ label }) => label);

const modelSubject = (entry: ModelEntry, makers: Makers): Subject => ({
  id: entry.id,
  name: entry.name,
  aliases: entry.aliases,
  facets: [entry.maker, ...otherNames(makers, entry.maker), ...(entry.modality ?? [])],
  memory: [],
  date: entry.released ?? '',
});

const acceleratorSubject = (entry: AcceleratorEntry, makers: Makers): Subject => ({
  id: entry.id,
  name: entry.name,
  aliases: entry.aliases,
  facets: [
    entry.maker,
    ...otherNames(makers, entry.maker),
    entry.architecture ?? '',
    entry.class ?? '',
    entry.memory_type ?? '',
    String(entry.year ?? ''),
  ],
  memory: labels(entry.memory_bytes),
  date: String(entry.year ?? ''),
});

export interface Searches {
  readonly models: Search<ModelEntry>;
  readonly accelerators: Search<AcceleratorEntry>;
}

export const searchesOf = ({ models, accelerators, makers }: Catalogue): Searches => ({
  models: new Search(models, (entry) => modelSubject(entry, makers)),
  accelerators: new Search(accelerators, (entry) => acceleratorSubject(entry, makers)),
});
