/** An accelerator of the reader's own, between its form, its file and its link. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { defaultInputs, type CustomAccelerator, type Inputs } from '../src/inputs';
import { customFrom, fileOf, missingInFile, presetFileOf } from '../src/presets/custom';
import type { AcceleratorFile } from '../src/presets/types';
import { readLink, writeLink } from '../src/share/link';

const presets = resolve(import.meta.dirname, '../../presets');
const folder = resolve(presets, 'accelerators');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(resolve(folder, name), 'utf8')) as AcceleratorFile);
const h20 = files.find(({ id }) => id === 'h20-96-sxm');
if (h20 === undefined) throw new Error('presets/ has no h20-96-sxm');

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** With all that a preset must say. */
const complete: CustomAccelerator = {
  ...customFrom(h20),
  class: 'datacentre',
  memoryType: 'HBM3',
};

describe('every preset', () => {
  it.each(files.map((file) => [file.id, file] as const))('is itself again: %s', (id, file) => {
    const custom = customFrom(file);
    expect(json(presetFileOf(custom))).toEqual({ aliases: [], ...file });
    expect(json({ ...fileOf(custom, 1), id })).toEqual(file);
  });
});

describe('a figure that was typed', () => {
  it('is a number to the engine, and without a source in a file', () => {
    const custom = { ...complete, bandwidth: '4800', fp4: '600' };
    expect(fileOf(custom, 1)).toMatchObject({
      memory_bandwidth_bytes_per_s: 4.8e12,
      peak_flops_per_s: { fp4: 6e14, bf16: h20.peak_flops_per_s['bf16'] },
      memory_bytes: h20.memory_bytes,
    });
    const file = presetFileOf(custom);
    expect(file).toMatchObject({
      id: 'h20-96-sxm',
      memory_bandwidth_bytes_per_s: { value: 4.8e12, confidence: 'unconfirmed', source: 'own' },
      memory_bytes: h20.memory_bytes,
      sources: { own: 'entered by hand, without a source' },
    });
  });

  it.each<[Partial<CustomAccelerator>, object]>([
    [{ memory: '96', memoryUnit: 'GB' }, { memory_bytes: 96e9 }],
    [{ memory: '24', memoryUnit: 'GiB' }, { memory_bytes: 24 * 2 ** 30 }],
    [{ usable: '90' }, { usable_memory_bytes: 90 * 2 ** 30 }],
    [{ link: '900' }, { link: { bandwidth_bytes_per_s: 9e11, type: 'NVLink 4', domain_size: 8 } }],
    [{ topology: 'mesh', domain: '4' }, { link: { topology: 'mesh', domain_size: 4 } }],
    [{ domain: '' }, { link: { domain_size: 2 } }],
    [{ nic: '33' }, { nic: { bandwidth_bytes_per_s: 3.3e10 } }],
    [{ pcie: '31.5', pcieGeneration: '4' }, { pcie: { bandwidth_bytes_per_s: 3.15e10, generation: 4 } }],
    [{ tdp: '500' }, { tdp_w: 500 }],
    [
      { vendor: 'Mine', class: 'edge', year: '2027' },
      { vendor: 'Mine', class: 'edge', year: 2027 },
    ],
    // What makes no sense goes to the engine as it is.
    [{ bandwidth: 'fast' }, { memory_bandwidth_bytes_per_s: 'fast' }],
    [{ memory: '' }, { memory_bytes: '' }],
  ])('%j', (patch, expected) => {
    expect(fileOf({ ...complete, ...patch }, 2)).toMatchObject(expected);
  });

  it('is left out where there is none', () => {
    const content = fileOf(
      { ...complete, link: '', nic: ' ', pcie: '', tdp: '', usable: '', fp16: '', vendor: '' },
      1,
    );
    for (const name of ['link', 'nic', 'pcie', 'tdp_w', 'usable_memory_bytes', 'vendor', 'id'])
      expect(content).not.toHaveProperty(name);
    expect(content['peak_flops_per_s']).not.toHaveProperty('fp16');
  });
});

describe('as a file', () => {
  it('has an id of its own once it has a name of its own', () => {
    const named = (name: string): string => presetFileOf({ ...complete, name }).id;
    expect(['Mine', 'RTX 4090 D', 'Ａ 100 (80 GB)', '我的卡', '昇腾 910B'].map(named)).toEqual([
      'mine',
      'rtx-4090-d',
      'a-100-80-gb',
      'own-accelerator',
      '910b',
    ]);
    expect(presetFileOf({ ...complete, name: 'Mine' })).toMatchObject({ aliases: [] });
  });

  it('says what is missing in it', () => {
    expect(missingInFile(complete)).toEqual([]);
    expect(missingInFile(defaultInputs.custom)).toEqual([
      'vendor',
      'class',
      'architecture',
      'year',
      'memoryType',
      'domain',
    ]);
    expect(missingInFile({ ...complete, link: '', domain: '' })).toEqual([]);
  });

  it('joins none where it is one alone', () => {
    expect(presetFileOf({ ...complete, domain: '1' })).not.toHaveProperty('link');
  });

  it('is read again as it was written', () => {
    const custom = { ...complete, name: 'Mine', memory: '141', usable: '', bandwidth: '4800', tf32: '' };
    const file = json(presetFileOf(custom)) as AcceleratorFile;
    const again = customFrom(file);
    expect(again).toEqual({ ...custom, file });
    expect(json(presetFileOf(again))).toEqual(file);
  });

  const schema = resolve(presets, 'schema/accelerator.schema.json');
  it.skipIf(!existsSync(schema))('is what presets/schema asks for', () => {
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(
      JSON.parse(readFileSync(schema, 'utf8')) as AnySchema,
    );
    const typed: readonly Partial<CustomAccelerator>[] = [
      {},
      { name: 'Mine', memory: '141', usable: '', bandwidth: '4800', fp4: '600' },
      { name: '我的卡', nic: '50', pcie: '31.5', pcieGeneration: '4', tdp: '500' },
      { link: '', domain: '' },
      { domain: '1' },
      { topology: 'host', domain: '2', memoryUnit: 'GB' },
    ];
    const own: CustomAccelerator = {
      ...defaultInputs.custom,
      vendor: 'Mine',
      class: 'edge',
      architecture: 'New',
      year: '2026',
      memoryType: 'LPDDR5X',
      domain: '2',
    };
    for (const custom of [...typed.map((patch) => ({ ...complete, ...patch })), own]) {
      void validate(json(presetFileOf(custom)));
      expect(validate.errors ?? []).toEqual([]);
    }
  });
});

describe('in a link', () => {
  const inputs = (custom: CustomAccelerator): Inputs => ({
    ...defaultInputs,
    acceleratorPreset: null,
    custom,
  });

  it.each<[string, CustomAccelerator]>([
    ['as the page has it', defaultInputs.custom],
    ['from a preset', complete],
    ['changed', { ...complete, name: '卡', memory: '141', usable: '', nic: '50', domain: '' }],
  ])('is the same again: %s', async (_, custom) => {
    const link = await writeLink(inputs(custom));
    expect(await readLink(`#${link ?? ''}`)).toEqual({ inputs: inputs(custom), problems: [] });
  });

  it('with all presets fits in what may be sent', async () => {
    for (const file of files) expect(await writeLink(inputs(customFrom(file))), file.id).toBeDefined();
  });
});
