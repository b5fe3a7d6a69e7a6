import { describe, expect, it } from 'vitest';
import { figuresOf, pricesOf, rentalOf, sourceIn } from '../src/presets/figures';
import type { AcceleratorFile } from '../src/presets/types';

const file: AcceleratorFile = {
  id: 'x',
  vendor: 'Y',
  name: 'Z',
  memory_bytes: { value: 64e9, confidence: 'datasheet', source: 's', note: 'as sold' },
  memory_bandwidth_bytes_per_s: 2e12,
  peak_flops_per_s: {
    int8: { value: 3e14, confidence: 'unconfirmed', source: 'none' },
    bf16: 1e14,
    fp16_accumulate_fp16: 2e14,
  },
  link: { type: 'Bus', bandwidth_bytes_per_s: { value: 1e11, confidence: 'secondary' } },
  prices: [
    { kind: 'rental', currency: 'USD', value: 3, date: '2025-12', source: 's' },
    { kind: 'purchase', currency: 'USD', value: 9000, date: '2026-06', source: 's' },
    { kind: 'rental', currency: 'CNY', value: 12, date: '2026-05', source: 's' },
    { kind: 'rental', currency: 'USD', value: 2, date: '2026-05', source: 's' },
    { kind: 'rental', value: 'much' },
    'a price',
  ],
  sources: { s: 'https://example.com' },
};

/** What a link may hold: anything. */
const nonsense = {
  id: 'x',
  vendor: 1,
  name: null,
  memory_bytes: { value: 'much' },
  memory_bandwidth_bytes_per_s: null,
  peak_flops_per_s: [1],
  link: 'fast',
  prices: { rental: 1 },
  sources: ['a'],
} as unknown as AcceleratorFile;

describe('the figures of an accelerator', () => {
  it('come with their origin, those that people ask for first', () => {
    expect(figuresOf(file)).toEqual([
      {
        name: 'memory_bytes',
        kind: 'bytes',
        value: 64e9,
        confidence: 'datasheet',
        source: 's',
        note: 'as sold',
      },
      { name: 'memory_bandwidth', kind: 'bandwidth', value: 2e12 },
      { name: 'peak', dtype: 'bf16', kind: 'flops', value: 1e14 },
      { name: 'peak', dtype: 'int8', kind: 'ops', value: 3e14, confidence: 'unconfirmed', source: 'none' },
      { name: 'peak', dtype: 'fp16_accumulate_fp16', kind: 'flops', value: 2e14 },
      { name: 'link', kind: 'bandwidth', value: 1e11, confidence: 'secondary' },
    ]);
    expect(sourceIn(file, 's')).toBe('https://example.com');
    expect(sourceIn(file, 'none')).toBeUndefined();
    expect(sourceIn(file, undefined)).toBeUndefined();
  });

  it('come with prices, the newest first, and of one date the first as the engine does', () => {
    expect(pricesOf(file).map(({ date, value }) => [date, value])).toEqual([
      ['2026-06', 9000],
      ['2026-05', 12],
      ['2026-05', 2],
      ['2025-12', 3],
    ]);
    expect(rentalOf(file)?.value).toBe(12);
    expect(rentalOf({ ...file, prices: [] })).toBeUndefined();
  });

  it('are none where there are none to read', () => {
    expect(figuresOf(nonsense)).toEqual([]);
    expect(pricesOf(nonsense)).toEqual([]);
    expect(sourceIn(nonsense, 'a')).toBeUndefined();
  });
});
