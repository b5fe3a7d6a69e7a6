/** All that a file says of an accelerator in numbers, each with its origin. */
import { peakTypes } from '../inputs';
import { members } from './custom';
import type { AcceleratorFile, Price } from './types';

export type FigureKind = 'bytes' | 'bandwidth' | 'flops' | 'ops' | 'watts' | 'count';

export interface FigureRow {
  /** As in texts: "figure.memory_bytes"; of peaks the dtype alone. */
  readonly name: string;
  readonly dtype?: string;
  readonly kind: FigureKind;
  readonly value: number;
  readonly confidence?: string;
  readonly source?: string;
  readonly note?: string;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function row(figure: unknown, base: Pick<FigureRow, 'name' | 'dtype' | 'kind'>): readonly FigureRow[] {
  if (typeof figure === 'number') return [{ ...base, value: figure }];
  const { value, confidence, source, note } = members(figure);
  if (typeof value !== 'number') return [];
  const origin = { confidence: text(confidence), source: text(source), note: text(note) };
  const known = Object.fromEntries(Object.entries(origin).filter(([, one]) => one !== undefined));
  return [{ ...base, value, ...known }];
}

/** What engines do not use is kept for the record. */
const recorded = ['fp16_accumulate_fp16', 'fp8_accumulate_fp16'];

export function figuresOf(file: AcceleratorFile): readonly FigureRow[] {
  const peaks = members(file.peak_flops_per_s);
  const bandwidthOf = (group: string): readonly FigureRow[] =>
    row(members(file[group])['bandwidth_bytes_per_s'], { name: group, kind: 'bandwidth' });
  return [
    ...row(file.memory_bytes, { name: 'memory_bytes', kind: 'bytes' }),
    ...row(file['usable_memory_bytes'], { name: 'usable_memory_bytes', kind: 'bytes' }),
    ...row(file.memory_bandwidth_bytes_per_s, { name: 'memory_bandwidth', kind: 'bandwidth' }),
    ...[...peakTypes, ...recorded].flatMap((dtype) =>
      row(peaks[dtype], { name: 'peak', dtype, kind: dtype.startsWith('int') ? 'ops' : 'flops' }),
    ),
    ...bandwidthOf('link'),
    ...bandwidthOf('nic'),
    ...bandwidthOf('pcie'),
    ...row(file['cache_bytes'], { name: 'cache_bytes', kind: 'bytes' }),
    ...row(file['compute_units'], { name: 'compute_units', kind: 'count' }),
    ...row(file['tdp_w'], { name: 'tdp_w', kind: 'watts' }),
  ];
}

function isPrice(value: unknown): value is Price {
  const { kind, currency, value: amount, date } = members(value);
  return [kind, currency, date].every((one) => typeof one === 'string') && typeof amount === 'number';
}

/** Newest first. */
export const pricesOf = (file: AcceleratorFile): readonly Price[] =>
  (Array.isArray(file['prices']) ? file['prices'] : [])
    .filter(isPrice)
    .toSorted((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));

export const rentalOf = (file: AcceleratorFile): Price | undefined =>
  pricesOf(file).find(({ kind }) => kind === 'rental');

/** What a key of `sources` stands for. */
export const sourceIn = (file: AcceleratorFile, key: string | undefined): string | undefined =>
  key === undefined ? undefined : text(members(file['sources'])[key]);
