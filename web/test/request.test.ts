import { describe, expect, it } from 'vitest';
import { fieldOf, pointerInFile, titlesOf } from '../src/errors';
import { defaultInputs, type Inputs } from '../src/inputs';
import { commandLine, requestForCommandLine, requestForEngine } from '../src/request';
import { typed } from '../src/typed';

describe('what was typed', () => {
  it('becomes a number where it is one, in the unit of the field', () => {
    expect(typed(' 4000 ', 1e9)).toBe(4e12);
    expect(typed('96', 2 ** 30)).toBe(103079215104);
    expect(typed('-1')).toBe(-1);
    expect(typed('１２.５')).toBe(12.5);
    expect(typed('1e3')).toBe(1000);
  });

  it.each(['', ' ', 'abc', 'NaN', 'Infinity', '0x10', '1,024', '1e999', '--1'])(
    'stays text for the engine to refuse: %j',
    (text) => {
      expect(typed(text)).toBe(text);
    },
  );
});

describe('requests', () => {
  it('name presets for the command line', () => {
    expect(requestForCommandLine(defaultInputs)).toEqual({
      schema: 1,
      model: { preset: 'qwen2.5-32b' },
      accelerator: { preset: 'h20-96-sxm' },
      deployment: { gpus: 1, weights: 'auto', kv_cache: 'auto', memory_fraction: 0.9 },
      workload: { input_tokens: 1024, output_tokens: 1024, concurrency: 1 },
      article: { utilisation: 0.6 },
    });
  });

  it('hand a pasted config on as it was pasted', () => {
    const inputs = { ...defaultInputs, modelPreset: null, config: '{broken' };
    expect(requestForEngine(inputs, { model: null, accelerator: null }).model).toEqual({ config: '{broken' });
  });

  it('name one of several pasted configs once it is chosen, and never of a preset', () => {
    const inputs = { ...defaultInputs, modelPreset: null, config: '{} {}', choice: '2' };
    const model = { config: '{} {}', choice: 2 };
    expect(requestForEngine(inputs, { model: null, accelerator: null }).model).toEqual(model);
    expect(requestForCommandLine(inputs).model).toEqual(model);
    const preset = { ...inputs, modelPreset: 'qwen2.5-32b' };
    expect(requestForCommandLine(preset).model).toEqual({ preset: 'qwen2.5-32b' });
  });

  it('leave out what an own accelerator does not have', () => {
    const custom = { ...defaultInputs.custom, name: 'Mine', fp8: '', link: ' ' };
    const request = requestForCommandLine({ ...defaultInputs, acceleratorPreset: null, custom });
    expect(request.accelerator.custom).toEqual({
      name: 'Mine',
      memory_bytes: 103079215104,
      memory_bandwidth_bytes_per_s: 4e12,
      peak_flops_per_s: { fp16: 148e12, bf16: 148e12, int8: 296e12 },
    });
  });

  it('name a price where there is one, whatever it is', () => {
    const priced = (price: string) =>
      requestForCommandLine({ ...defaultInputs, price, currency: 'CNY' }).deployment.price_per_hour;
    expect(priced('2.5')).toEqual({ value: 2.5, currency: 'CNY' });
    expect(priced('cheap')).toEqual({ value: 'cheap', currency: 'CNY' });
    expect(priced(' ')).toBeUndefined();
  });

  it('name an engine where one is chosen, and its version where that is known', () => {
    const served = (patch: Partial<Inputs>) =>
      requestForCommandLine({ ...defaultInputs, ...patch }).deployment;
    expect(served({ engine: 'vllm', engineVersion: ' 0.11.0 ' })).toMatchObject({
      engine: 'vllm',
      engine_version: '0.11.0',
    });
    expect(served({ engine: 'vllm', engineVersion: ' ' })).not.toHaveProperty('engine_version');
    expect(served({ engineVersion: '0.11.0' })).toEqual(served({}));
  });

  it('cannot break out of the command', () => {
    const inputs = { ...defaultInputs, modelPreset: null, config: "\nJSON\nrm -rf ~\n'$(date)`" };
    expect(commandLine(requestForCommandLine(inputs)).split('\n')).toHaveLength(4);
  });
});

describe('an error', () => {
  const own: Inputs = { ...defaultInputs, modelPreset: null, acceleratorPreset: null };
  const at = (path: string, inputs = own): string => fieldOf({ code: 'out_of_range', path }, inputs);

  it('belongs to the field that its path names', () => {
    expect(at('/model/config/hidden_size')).toBe('config');
    expect(at('/model/config/hidden_size', defaultInputs)).toBe('model');
    expect(at('/accelerator/custom/memory_bytes')).toBe('customMemory');
    expect(at('/accelerator/custom/memory_bytes/value', defaultInputs)).toBe('accelerator');
    expect(at('/accelerator/custom/link/domain_size')).toBe('gpus');
    expect(at('/accelerator/custom/link/topology')).toBe('customTopology');
    expect(at('/accelerator/custom/peak_flops_per_s/fp4/value')).toBe('customFp4');
    expect(at('/accelerator/custom/peak_flops_per_s')).toBe('customBf16');
    expect(at('/accelerator/custom/usable_memory_bytes')).toBe('customUsable');
    expect(at('/accelerator/custom/pcie/generation')).toBe('customPcieGeneration');
    expect(at('/accelerator/custom/cache_bytes')).toBe('accelerator');
    expect(at('/deployment/price_per_hour/value')).toBe('price');
    expect(at('/deployment/tp')).toBe('gpus');
    expect(at('/deployment/kv_cache')).toBe('kvCache');
    expect(at('/deployment/engine')).toBe('engine');
    expect(at('/deployment/engine_version')).toBe('engineVersion');
    expect(at('/workload/input_tokens')).toBe('inputTokens');
    expect(at('/article/utilisation')).toBe('utilisation');
    expect(at('')).toBe('form');
  });

  it('of a link’s size belongs to its field once that says something', () => {
    const inputs = { ...own, custom: { ...own.custom, domain: '0' } };
    expect(at('/accelerator/custom/link/domain_size', inputs)).toBe('customDomain');
  });

  it('has its place in the accelerator’s own file', () => {
    const pointer = (path: string) => pointerInFile({ path });
    expect(pointer('/accelerator/custom/link/type')).toBe('/link/type');
    expect(pointer('/accelerator/custom')).toBe('');
    expect(pointer('/accelerator/customary')).toBeUndefined();
    expect(pointer('/deployment/tp')).toBeUndefined();
  });

  it('gives the titles of several configs', () => {
    const refused = (code: string, params = {}): readonly string[] =>
      titlesOf({ code, path: '/model/config', message: '', hint: '', params });
    expect(refused('several_configs', { count: '2', titles: 'Qwen2.5-7B\n2' })).toEqual(['Qwen2.5-7B', '2']);
    expect(refused('several_configs', { count: '2', titles: 'a\nb\nc' })).toEqual(['1', '2']);
    expect(refused('several_configs')).toEqual([]);
    expect(refused('invalid_json')).toEqual([]);
  });
});
