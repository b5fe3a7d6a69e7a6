/** The list of the presets there are: what people type finds what they mean. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../src/presets';
import { searchesOf } from '../src/search/presets';

const list = await catalogue.load();
const { models, accelerators } = searchesOf(list);

describe('of all presets, the first found', () => {
  it.each([
    ['h20', 'h20-96-sxm'],
    ['H100', 'h100-80-sxm'],
    ['4090', 'rtx-4090'],
    ['mi300x', 'mi300x'],
    ['华为 910B2', 'ascend-910b2'],
    ['m3 ultra 512', 'm3-ultra-80'],
  ])('by %j is the accelerator %s', (query, id) => {
    expect(accelerators.find(query)[0]?.item.id).toBe(id);
  });

  it.each([
    ['qwen3 32b', 'qwen3-32b'],
    ['千问 2.5 32b', 'qwen2.5-32b'],
    ['deepseek r1', 'deepseek-r1'],
    ['llama 3.1 8b', 'llama-3.1-8b'],
    ['8x7b', 'mixtral-8x7b'],
  ])('by %j is the model %s', (query, id) => {
    expect(models.find(query)[0]?.item.id).toBe(id);
  });

  it('by a size of memory all have that size', () => {
    const found = accelerators.find('24GB');
    expect(found.length).toBeGreaterThan(5);
    for (const { item } of found) expect([24 * 2 ** 30, 24e9], item.id).toContain(item.memory_bytes);
  });

  it.each([...list.accelerators, ...list.models])('by the name of $id is itself', ({ id, name }) => {
    const search = list.models.some((model) => model.id === id) ? models : accelerators;
    const same = search.find(name).filter(({ item }) => item.name === name);
    expect(same.map(({ item }) => item.id)).toContain(id);
    expect(search.find(name)[0]?.item.name).toBe(name);
  });
});

it('what makers are called as well belongs to makers of presets', () => {
  const makers = new Set([...list.models, ...list.accelerators].map(({ maker }) => maker));
  expect(Object.keys(list.makers).filter((maker) => !makers.has(maker))).toEqual([]);
});
