import { describe, expect, it } from 'vitest';
import { fold, starts } from '../src/search/fold';
import { beginsWithOneEdit } from '../src/search/one-edit';
import { searchesOf } from '../src/search/presets';
import type { AcceleratorEntry, ModelEntry } from '../src/presets/types';

const GiB = 2 ** 30;

const accelerator = (
  id: string,
  maker: string,
  name: string,
  memory: number,
  more: Partial<AcceleratorEntry> = {},
): AcceleratorEntry => ({
  id,
  maker,
  name,
  aliases: [],
  memory_bytes: memory * GiB,
  memory_bandwidth_bytes_per_s: 1e12,
  ...more,
});

const accelerators: readonly AcceleratorEntry[] = [
  accelerator('mi300x', 'AMD', 'Instinct MI300X 192 GB', 192, { aliases: ['MI300X'], year: 2023 }),
  accelerator('mi325x', 'AMD', 'Instinct MI325X 256 GB', 256, { aliases: ['MI325X'], year: 2024 }),
  accelerator('rx-7900-xtx', 'AMD', 'Radeon RX 7900 XTX', 24, { year: 2022, class: 'consumer' }),
  accelerator('ascend-910b2', 'Huawei', 'Ascend 910B2 64 GB', 64, { aliases: ['昇腾 910B2'] }),
  accelerator('ascend-910c', 'Huawei', 'Ascend 910C', 128, { aliases: ['昇腾910C'] }),
  accelerator('b200', 'NVIDIA', 'B200 180 GB', 180, { year: 2025, architecture: 'Blackwell' }),
  accelerator('h20-141-sxm', 'NVIDIA', 'H20 141 GB SXM', 141, { year: 2025, aliases: ['H20-3e'] }),
  accelerator('h20-96-sxm', 'NVIDIA', 'H20 96 GB SXM', 96, { year: 2024, aliases: ['H20', '英伟达 H20'] }),
  accelerator('h200-141-sxm', 'NVIDIA', 'H200 141 GB SXM', 141, { year: 2024, aliases: ['H200'] }),
  accelerator('rtx-4080', 'NVIDIA', 'GeForce RTX 4080', 16, { year: 2022, aliases: ['RTX 4080'] }),
  accelerator('rtx-4090', 'NVIDIA', 'GeForce RTX 4090', 24, { year: 2022, aliases: ['RTX 4090'] }),
  accelerator('rtx-4090-48', 'NVIDIA', 'GeForce RTX 4090 48 GB', 48, { year: 2024, aliases: [] }),
];

const model = (id: string, maker: string, name: string, released: string, aliases = [] as string[]) =>
  ({ id, maker, name, released, aliases }) satisfies ModelEntry;

const models: readonly ModelEntry[] = [
  model('deepseek-r1', 'DeepSeek', 'DeepSeek-R1', '2025-01', ['R1', '深度求索 R1']),
  model('deepseek-v3', 'DeepSeek', 'DeepSeek-V3', '2024-12'),
  model('llama-3.1-70b', 'Meta', 'Llama-3.1-70B', '2024-07'),
  model('deepseek-r1-distill-llama-70b', 'DeepSeek', 'DeepSeek-R1-Distill-Llama-70B', '2025-01'),
  model('llama-3.1-8b', 'Meta', 'Llama-3.1-8B', '2024-07'),
  model('mixtral-8x7b', 'Mistral AI', 'Mixtral-8x7B', '2023-12'),
  model('kimi-k2', 'Moonshot AI', 'Kimi-K2', '2025-07'),
  model('qwen2.5-32b', 'Qwen', 'Qwen2.5-32B', '2024-09', ['千问2.5-32B', 'qwen2.5:32b']),
  model('qwen3-32b', 'Qwen', 'Qwen3-32B', '2025-04'),
  model('qwen3-30b-a3b', 'Qwen', 'Qwen3-30B-A3B', '2025-04'),
  model('command-r', 'Cohere', 'Command R', '2024-03'),
  model('command-r-plus', 'Cohere', 'Command R+', '2024-04'),
];

const makers = {
  DeepSeek: ['深度求索'],
  Huawei: ['华为'],
  'Moonshot AI': ['月之暗面'],
  NVIDIA: ['英伟达'],
  Qwen: ['通义千问', '千问'],
};
const searches = searchesOf({ models, accelerators, makers });
const cards = (query: string): string[] => searches.accelerators.find(query).map(({ item }) => item.id);
const decoders = (query: string): string[] => searches.models.find(query).map(({ item }) => item.id);

describe('an accelerator is found', () => {
  it.each([
    // Its own name or alias before what only begins like it; of equals the newer first.
    ['H20', ['h20-96-sxm', 'h20-141-sxm', 'h200-141-sxm']],
    ['h20', ['h20-96-sxm', 'h20-141-sxm', 'h200-141-sxm']],
    ['Ｈ２０', ['h20-96-sxm', 'h20-141-sxm', 'h200-141-sxm']],
    ['h20 96gb', ['h20-96-sxm']],
    ['H20-96GB', ['h20-96-sxm']],
    ['96 h20', ['h20-96-sxm']],
    ['h20-96-sxm', ['h20-96-sxm']],
    ['nvidia h20', ['h20-141-sxm', 'h20-96-sxm', 'h200-141-sxm']],
    ['英伟达 h20', ['h20-96-sxm', 'h20-141-sxm', 'h200-141-sxm']],
    ['rtx4090', ['rtx-4090', 'rtx-4090-48']],
    ['RTX-4090', ['rtx-4090', 'rtx-4090-48']],
    ['4090', ['rtx-4090-48', 'rtx-4090']],
    ['4090 48', ['rtx-4090-48']],
    ['昇腾 910B', ['ascend-910b2']],
    ['昇腾910b', ['ascend-910b2']],
    ['昇腾', ['ascend-910b2', 'ascend-910c']],
    ['910', ['ascend-910b2', 'ascend-910c']],
    ['华为', ['ascend-910b2', 'ascend-910c']],
    ['huawei 910C', ['ascend-910c']],
    ['24GB', ['rx-7900-xtx', 'rtx-4090']],
    ['24 GB', ['rx-7900-xtx', 'rtx-4090']],
    ['24 gib', ['rx-7900-xtx', 'rtx-4090']],
    ['24g nvidia', ['rtx-4090']],
    ['amd 192', ['mi300x']],
    ['192 amd', ['mi300x']],
    ['141 gb', ['h20-141-sxm', 'h200-141-sxm']],
    ['blackwell', ['b200']],
    ['consumer', ['rx-7900-xtx']],
    ['300x', ['mi300x']],
    ['gefroce 4080', ['rtx-4080']],
    ['geforse', ['rtx-4090-48', 'rtx-4080', 'rtx-4090']],
    ['asend 910b2', ['ascend-910b2']],
    // A digit is no slip, and what fits nothing finds nothing.
    ['rtx 4070', []],
    ['4091', []],
    ['h20 24gb', []],
    ['41gb', []],
    ['zzz', []],
  ])('by %j', (query, expected) => {
    expect(cards(query)).toEqual(expected);
  });

  it('in the order of the list where nothing is asked', () => {
    for (const query of ['', '  ', '--']) expect(cards(query)).toEqual(accelerators.map(({ id }) => id));
  });

  it('with the alias that was found, where the name does not show why', () => {
    const aliases = (query: string) => searches.accelerators.find(query).map(({ alias }) => alias);
    expect(aliases('昇腾 910B')).toEqual(['昇腾 910B2']);
    expect(aliases('h20-3e')).toEqual(['H20-3e']);
    expect(aliases('mi300x')).toEqual([undefined]);
    expect(aliases('rtx 4080')).toEqual([undefined]);
  });
});

describe('a model is found', () => {
  it.each([
    ['qwen2.5 32b', ['qwen2.5-32b']],
    ['qwen 32b', ['qwen3-32b', 'qwen2.5-32b']],
    ['Qwen25', ['qwen2.5-32b']],
    ['qwen3', ['qwen3-32b', 'qwen3-30b-a3b']],
    ['32b', ['qwen3-32b', 'qwen2.5-32b']],
    ['a3b', ['qwen3-30b-a3b']],
    ['千问', ['qwen2.5-32b', 'qwen3-32b', 'qwen3-30b-a3b']],
    ['llama3.1', ['llama-3.1-70b', 'llama-3.1-8b']],
    ['llama 3.1 8b', ['llama-3.1-8b']],
    ['8b llama', ['llama-3.1-8b']],
    ['meta', ['llama-3.1-70b', 'llama-3.1-8b']],
    ['R1', ['deepseek-r1', 'deepseek-r1-distill-llama-70b']],
    // What begins with the word, before what has it further on.
    ['llama 70b', ['llama-3.1-70b', 'deepseek-r1-distill-llama-70b']],
    ['70b llama', ['llama-3.1-70b', 'deepseek-r1-distill-llama-70b']],
    ['深度求索', ['deepseek-r1', 'deepseek-r1-distill-llama-70b', 'deepseek-v3']],
    ['deepsek', ['deepseek-r1', 'deepseek-r1-distill-llama-70b', 'deepseek-v3']],
    ['depseek v3', ['deepseek-v3']],
    ['dsepseek', ['deepseek-r1', 'deepseek-r1-distill-llama-70b', 'deepseek-v3']],
    ['qwne3', ['qwen3-32b', 'qwen3-30b-a3b']],
    ['kimi', ['kimi-k2']],
    ['月之暗面', ['kimi-k2']],
    ['command r', ['command-r', 'command-r-plus']],
    ['command r+', ['command-r-plus']],
    ['8×7b', []],
    ['8x7', ['mixtral-8x7b']],
    ['gpt-9', []],
  ])('by %j', (query, expected) => {
    expect(decoders(query)).toEqual(expected);
  });
});

describe('texts are compared', () => {
  it('without case, width, spaces, dashes and dots', () => {
    expect(fold(' Qwen２.5-32B_(GGUF) ')).toBe('qwen2532bgguf');
    expect(starts('Llama 3.1-8B')).toEqual(['llama318b', '318b', '18b', '8b']);
    expect(starts('昇腾910B')).toEqual(['昇腾910b', '910b']);
  });

  it.each([
    ['deepseek', 'depseek', true],
    ['deepseek', 'deeepseek', true],
    ['deepseek', 'deepsxek', true],
    ['deepseek', 'depeseek', true],
    ['deepseekr1', 'deepsee', true],
    ['deepseek', 'dpsek', false],
    ['deepseek', 'deepseekx', true],
    ['rtx4090', 'rtx4080', false],
    ['rtx4090', 'rtx40900', false],
    ['rtx4090', 'rtx409', true],
    ['rtx4090', 'rxt4090', true],
    ['rtx4090', 'rtc4090', true],
    ['', 'a', true],
  ])('%j with %j: %j', (text, word, expected) => {
    expect(beginsWithOneEdit(text, word)).toBe(expected);
  });
});

it('240 presets are searched before one notices, even for what is misspelt', () => {
  const many = Array.from({ length: 20 }, () => accelerators).flat();
  const { accelerators: search } = searchesOf({ models, accelerators: many, makers });
  const begin = performance.now();
  for (let run = 0; run < 10; run += 1) search.find('gefroce 4080');
  expect((performance.now() - begin) / 10).toBeLessThan(100);
});
