import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Estimate, Factors } from '../src/engine/types';
import { defaultInputs, type Inputs } from '../src/inputs';
import en from '../src/own/en.json';
import { columns } from '../src/own/examples';
import { factorsOf, isFactors, measuredOn, textOf, withApplied } from '../src/own/factors';
import { ownText } from '../src/own/texts';
import zh from '../src/own/zh.json';
import { commandLine, requestForCommandLine, requestForEngine } from '../src/request';
import { readLink, writeLink } from '../src/share/link';
import { engineSource, found } from './engine-source';

const both: Factors = {
  prefill_time_factor: 1.1,
  prefill_time_spread: 0.2202154886535428,
  decode_time_factor: 0.30000000000000004,
  decode_time_spread: 0.2202154886535428,
  rows: 3,
};
const decodeOnly: Factors = { decode_time_factor: 20, decode_time_spread: 0.05, rows: 1 };
const withKv: Factors = { ...decodeOnly, kv_capacity_factor: 1.1614897293146476 };
const kvOnly: Factors = { kv_capacity_factor: 0.05 };
/** Rows that tell nothing of times, beside the log's line. */
const kvBesideRows: Factors = { kv_capacity_factor: 20, rows: 2 };
const all = [both, decodeOnly, withKv, kvOnly, kvBesideRows];

const on = 'vllm,llama-3.1-8b,h100-80-sxm';
const scaled = (factors: Factors): Inputs => ({ ...defaultInputs, measured: textOf(factors, on) });

describe('factors of a measurement', () => {
  it.each(all)('go into requests to the last digit', (factors) => {
    const inputs = scaled(factors);
    expect(isFactors(inputs.measured)).toBe(true);
    expect(factorsOf(inputs)).toEqual({ measured: factors });
    expect(requestForCommandLine(inputs).measured).toEqual(factors);
    expect(requestForEngine(inputs, { model: null, accelerator: null }).measured).toEqual(factors);
    expect(commandLine(requestForCommandLine(inputs))).toContain('"measured":{');
  });

  it('are not in a request without them', () => {
    expect(requestForCommandLine(defaultInputs)).not.toHaveProperty('measured');
  });

  it.each(all)('go through links', async (factors) => {
    const inputs = scaled(factors);
    expect(await readLink(`#${(await writeLink(inputs)) ?? ''}`)).toEqual({ inputs, problems: [] });
    const pasted: Inputs = { ...inputs, modelPreset: null, config: '{}' };
    expect(await readLink(`#${(await writeLink(pasted)) ?? ''}`)).toEqual({ inputs: pasted, problems: [] });
  });

  it('are written so that one can read them', async () => {
    expect(await writeLink(scaled(decodeOnly))).toBe(`v1?own=,20,,0.05,1,${on}`);
    expect(await writeLink(scaled(withKv))).toBe(`v1?own=,20,,0.05,1,1.1614897293146476,${on}`);
    expect(await writeLink(scaled(kvOnly))).toBe(`v1?own=,,,,,0.05,${on}`);
    // As some programs write it.
    expect((await readLink(`#v1?own=%2C20%2C%2C0.05%2C1%2C${on}`)).inputs).toEqual(scaled(decodeOnly));
  });

  it.each([
    '',
    'x',
    `1,1,0.2,0.2,,${on}`,
    `1,1,0.2,0.2,0,${on}`,
    `1,1,0.2,0.2,1.5,${on}`,
    `0.04,1,0.2,0.2,1,${on}`,
    `21,1,0.2,0.2,1,${on}`,
    `1,-1,0.2,0.2,1,${on}`,
    `1,1e0,0.2,0.2,1,${on}`,
    `1,1,0.04,0.2,1,${on}`,
    `1,1,0.2,6,1,${on}`,
    '1,1,0.2,0.2,1,vllm,llama-3.1-8b',
    `1,1,0.2,0.2,1,${on},more`,
    `1,1,0.2,0.2,1,0.04,${on}`,
    `1,1,0.2,0.2,1,21,${on}`,
    `1,1,0.2,0.2,1,1,1,${on}`,
    `1,1,0.2,0.2,,1,${on}`,
    `,,,,1,,${on}`,
    `,,,,0,1,${on}`,
    `,,,,,,${on}`,
    `,,,,1,${on}`,
    `1,1,0.2,0.2,1,${on}${'x'.repeat(300)}`,
  ])('refuse %j in a link', async (text) => {
    expect(isFactors(text)).toBe(false);
    const { inputs, problems } = await readLink(`#v1?own=${text}`);
    expect(inputs).toEqual(defaultInputs);
    expect(problems).toEqual([{ kind: 'bad', fields: 'own' }]);
  });

  // A log that was pasted after a benchmark once took the place of its factors.
  it('of times and of the KV cache stay beside each other, if they are of the same', () => {
    const times = textOf(both, on);
    expect(withApplied(kvOnly, times, on)).toEqual({ ...both, kv_capacity_factor: 0.05 });
    expect(withApplied(decodeOnly, textOf(kvOnly, on), on)).toEqual({
      ...decodeOnly,
      kv_capacity_factor: 0.05,
    });
    expect(withApplied(decodeOnly, times, on)).toEqual(decodeOnly);
    expect(withApplied(kvOnly, textOf(withKv, on), on)).toEqual({ ...decodeOnly, kv_capacity_factor: 0.05 });
    expect(withApplied(kvOnly, times, 'sglang,llama-3.1-8b,h100-80-sxm')).toEqual(kvOnly);
    expect(withApplied(kvOnly, '', on)).toEqual(kvOnly);
  });

  it('belong to an engine, a model and an accelerator, whatever these are called', () => {
    const { model } = { model: { architecture: 'LlamaForCausalLM', total_parameters: 8.03e9 } };
    const result = { model } as Estimate;
    expect(measuredOn(defaultInputs, result)).toBe('generic,qwen2.5-32b,h20-96-sxm');
    const own: Inputs = {
      ...defaultInputs,
      modelPreset: null,
      acceleratorPreset: null,
      custom: { ...defaultInputs.custom, name: '卡, 64 GB' },
    };
    expect(measuredOn(own, result)).toBe('generic,LlamaForCausalLM 8.03B,卡  64 GB');
    const long = { ...own, custom: { ...own.custom, name: 'x'.repeat(500) } };
    expect(isFactors(textOf(both, measuredOn(long, result)))).toBe(true);
    const nameless = { ...own, custom: { ...own.custom, name: '' } };
    expect(isFactors(textOf(both, measuredOn(nameless, result)))).toBe(true);
  });
});

describe('the texts of the section', () => {
  it('have the same keys and placeholders in both languages', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
    const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, text] of Object.entries(en)) {
      expect(placeholders(zh[key as keyof typeof en]), key).toEqual(placeholders(text));
    }
    expect(ownText('zh')('load', { input: '1', output: '2', users: '3' })).toContain('并发 3');
  });

  it('are all used', () => {
    const source = readFileSync(resolve(import.meta.dirname, '../src/own/own-section.ts'), 'utf8');
    const isNamed = (key: string): boolean =>
      source.includes(`'${key}'`) || /^(metric|example)\.|\.unknown$/.test(key);
    expect(Object.keys(en).filter((key) => !isNamed(key))).toEqual([]);
  });

  it('name every metric and column that the engine knows', () => {
    const source = engineSource();
    const known = found(source, /\{\{?"(\w+)", Kind::k/g);
    expect(known.length).toBeGreaterThan(5);
    expect([...columns].sort()).toEqual([...known].sort());
    const metrics = Object.keys(en).filter((key) => key.startsWith('metric.'));
    for (const metric of metrics) expect(source).toContain(`"${metric.slice('metric.'.length)}"`);
  });
});
