/** What the engine names in codes: traits, operators, formats. The page has words for each. */
import { beforeAll, describe, expect, it } from 'vitest';
import en from '../src/i18n/en.json';
import engineZh from '../src/i18n/engine-zh.json';
import { loadTexts } from '../src/i18n';
import { servingEngines, weightGroups } from '../src/inputs';
import { ffnName, formatName, mixerName, traitMeaning, traitName } from '../src/view/names';
import { between, engineFile, found } from './engine-source';

const literals = /"([a-z][a-z0-9_]*)"/g;
const architecture = engineFile('model/architecture.cpp');
const mixers = found(
  between(architecture, 'std::string name_of(RecurrentKind', 'std::string ffn_name'),
  literals,
);
const towers = found(engineFile('model/towers.cpp'), /TowerKey\{"\w+",\s+"(\w+)"\}/g);

function expectTexts(prefix: string, names: readonly string[], atLeast: number): void {
  expect(names.length).toBeGreaterThanOrEqual(atLeast);
  const missing = names.map((name) => `${prefix}${name}`).filter((key) => !Object.hasOwn(en, key));
  expect(missing).toEqual([]);
}

beforeAll(() => Promise.all([loadTexts('en'), loadTexts('zh')]));

describe('the page has a text for every', () => {
  it('trait, and a meaning', () => {
    const traits = found(engineFile('model/traits.cpp'), /\badd(?:_if)?\([^;]*?"(\w+)"\);/g);
    const all = [...traits, ...mixers, ...towers];
    expectTexts('trait.', all, 35);
    expectTexts(
      'trait.',
      all.map((name) => `${name}.meaning`),
      35,
    );
  });

  it('kind of FFN', () => {
    expectTexts('ffn.', found(between(architecture, 'std::string ffn_name', 'attention_name'), literals), 3);
  });

  it('component', () => {
    const names = between(engineFile('report/write_model.cpp'), 'kNames = {', '};');
    expectTexts('part.', found(names, literals), 10);
  });

  it('engine, all of which are offered', () => {
    const names = found(
      between(engineFile('report/engine_request.cpp'), '"engine", {', '}'),
      /"([a-z.-]+)"/g,
    );
    const taken = names.filter((name) => name !== 'engine');
    expect([...servingEngines]).toEqual(taken);
    expectTexts('engine.', taken, 6);
  });

  it('source of a time', () => {
    const source = between(
      engineFile('cost/engine_profile.cpp'),
      'std::string name_of(Source',
      'name_of(ModelClass',
    );
    expectTexts('source.', found(source, literals), 3);
  });

  it('difference from the hub', () => {
    expectTexts('hub.', found(engineFile('model/hub_total.cpp'), /\badd\("(\w+)"/g), 6);
  });

  it('operator', () => {
    const step = engineFile('graph/step.cpp');
    const calls =
      /\b(?:add|gemm|attention_linear|elementwise|grouped_gemm|all_reduce|communicate)\((?:\w+ \? )?"(\w+)"(?: : "(\w+)")?/g;
    const names = [...found(step, calls), ...found(step, /\bffn\("(\w+)", "(\w+)", "(\w+)"/g)];
    expectTexts('operator.', names, 35);
  });

  it('word that an error or note may hold, in Chinese', () => {
    const routing = engineFile('model/routing.cpp');
    const kinds = [
      ...found(routing, /OtherKind\{"[^"]+", "([^"]+)"\}/g),
      ...found(routing, /\bnot_a_decoder\([^;]*"([^"]+)"\);/g),
    ];
    expect(kinds.length).toBeGreaterThan(20);
    for (const word of [...kinds, ...towers]) expect(engineZh.words, word).toHaveProperty([word]);
  });
});

describe('the formats of weights', () => {
  const named = between(engineFile('model/weight_format.cpp'), 'named_formats() {', 'return all;');
  const files = between(engineFile('model/gguf.cpp'), 'kFiles = {', '}};');

  it('are all that the engine takes, in their groups', () => {
    const offered = (...ids: readonly string[]): string[] =>
      weightGroups.filter(({ id }) => ids.includes(id)).flatMap(({ types }) => [...types] as string[]);
    expect(offered('bits16', 'bits8', 'bits4').sort()).toEqual([...found(named, /\{"(\w+)",/g)].sort());
    expect(offered('gguf').sort()).toEqual([...found(files, /\{"(\w+)",/g)].sort());
  });

  it('have the names that people know', () => {
    const name = (format: string): string => formatName({ language: 'en' }, format);
    expect(['bf16', 'q4_k_m', 'iq2_xxs', 'mxfp4_moe', 'q6_k', 'nf4'].map(name)).toEqual([
      'BF16',
      'Q4_K_M',
      'IQ2_XXS',
      'MXFP4_MOE',
      'Q6_K',
      'NF4',
    ]);
    expect(name('fp8_block')).toBe('FP8 block');
    expect(formatName({ language: 'zh' }, 'fp8_block')).toBe('FP8 分块');
  });
});

describe('layers', () => {
  const row = { attention: 'gqa + mamba2', ffn: 'gated + moe', count: 3 };

  it('are named part by part', () => {
    expect(mixerName({ language: 'en' }, row)).toBe('GQA + Mamba-2');
    expect(ffnName({ language: 'zh' }, row)).toBe('门控 FFN + MoE');
    expect(mixerName({ language: 'en' }, { ...row, attention: 'none' })).toBeUndefined();
    expect(ffnName({ language: 'en' }, { ...row, ffn: 'none' })).toBeUndefined();
  });

  it('of a kind that is new here keep the name that the engine gives', () => {
    expect(mixerName({ language: 'zh' }, { ...row, attention: 'gqa + brand_new' })).toBe('GQA + brand new');
    expect(traitName({ language: 'en' }, 'constructor')).toBe('constructor');
    expect(traitMeaning({ language: 'en' }, 'brand_new')).toBeUndefined();
  });
});
