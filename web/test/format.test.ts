import { describe, expect, it } from 'vitest';
import { createArticleFormat } from '../src/format/article';
import { createFormat, inWords } from '../src/format/units';

const en = createFormat('en');
const zh = createFormat('zh-CN');

describe('quantities', () => {
  it('writes times in ms below 1 s, with three significant digits', () => {
    const texts = [0, 4.4e-6, 0.000446, 0.0160927, 0.8046, 0.9994, 0.9996, 1, 28.948, 3600].map((seconds) =>
      inWords(en.time(seconds)),
    );
    expect(texts).toEqual([
      '0 µs',
      '4.40 µs',
      '446 µs',
      '16.1 ms',
      '805 ms',
      '999 ms',
      '1.00 s',
      '1.00 s',
      '28.9 s',
      '3,600 s',
    ]);
  });

  it('writes a range in the unit of what it surrounds', () => {
    expect(inWords(en.time(1.27, 0.634))).toBe('1,270 ms');
    expect(inWords(en.bytes(675e9, 92e9))).toBe('675 GB');
  });

  it('keeps GB and GiB apart', () => {
    expect(inWords(en.bytes(65527752704))).toBe('65.5 GB');
    expect(inWords(en.gibibytes(65527752704))).toBe('61.0 GiB');
    expect(inWords(en.bytes(1e12))).toBe('1.00 TB');
    expect(inWords(en.bytes(999.9e9))).toBe('1.00 TB');
  });

  it('writes FLOP and FLOPS, rates and counts', () => {
    expect(inWords(en.flops(6.44e10))).toBe('64.4 GFLOP');
    expect(inWords(en.flopsPerSecond(1.48e14))).toBe('148 TFLOPS');
    expect(inWords(en.bytesPerSecond(4e12))).toBe('4.00 TB/s');
    expect(inWords(en.tokensPerSecond(62.139))).toBe('62.1 tok/s');
    expect(inWords(en.parameters(32763876352))).toBe('32.8 B');
    expect(en.count(32763876352)).toBe('32,763,876,352');
    expect(en.percent(0.6)).toBe('60%');
    expect([844640768, -16019095552, 0].map(en.signed)).toEqual(['+844,640,768', '−16,019,095,552', '0']);
  });

  // The most of a field was once told as 4,100, which the field then refused.
  it('writes what one may type with all of its digits', () => {
    const texts = [4096, 65536, 0.001, 1e-6, 12.3456, -3, 999999999999, 9.999999999999998e98].map(en.exact);
    expect(texts).toEqual([
      '4,096',
      '65,536',
      '0.001',
      '0.000001',
      '12.35',
      '-3',
      '999,999,999,999',
      '1e+99',
    ]);
  });

  it('writes the same digits in Chinese', () => {
    for (const value of [0, 1.23e-5, 0.5, 12345.6]) expect(zh.time(value)).toEqual(en.time(value));
    expect(zh.count(32763876352)).toBe(en.count(32763876352));
  });
});

describe("the article's way of printing", () => {
  const cut = createArticleFormat('en');

  it('cuts digits off', () => {
    expect(cut.tokensPerSecond(2312.5)).toBe('2312 tok/s');
    expect(cut.tokensPerSecond(2297.9)).toBe('2297 tok/s');
    expect(cut.milliseconds(0.43243)).toBe('432 ms');
    expect(cut.milliseconds(0.4419)).toBe('441 ms');
    expect(cut.teraflops(65.2899e12)).toBe('65.28 TFLOP');
    expect(cut.teraflops(6.4499e10)).toBe('0.0644 TFLOP');
    expect(cut.teraflops(64e12)).toBe('64 TFLOP');
    expect(cut.billions(31984189440)).toBe('31.98 B');
  });

  it('does not cut what only a binary fraction makes smaller', () => {
    expect(cut.milliseconds(0.57)).toBe('570 ms');
    expect(cut.milliseconds(0.441)).toBe('441 ms');
  });
});
