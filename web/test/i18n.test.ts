import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import en from '../src/i18n/en.json';
import engineZh from '../src/i18n/engine-zh.json';
import zh from '../src/i18n/zh.json';
import { engineText, fill, loadTexts, preferredLanguage, translator } from '../src/i18n';
import { engineSource, found } from './engine-source';

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([name]) => name).sort();

beforeAll(() => Promise.all([loadTexts('en'), loadTexts('zh')]));

describe('the two dictionaries', () => {
  it('have the same keys, in the same order', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
  });

  it.each(Object.entries(en))('use the same placeholders: %s', (key, text) => {
    const other = zh[key as keyof typeof zh];
    // A sentence may use one twice.
    expect([...new Set(placeholders(other))]).toEqual([...new Set(placeholders(text))]);
    expect(other).not.toBe('');
  });

  it('have a text for every key that the page names, and no other', () => {
    const source = execFileSync(
      'grep',
      ['-rhoE', "['`][a-z]+(\\.[A-Za-z_${}]+)*['`]", 'src', '--include=*.ts'],
      {
        cwd: resolve(import.meta.dirname, '..'),
        encoding: 'utf8',
      },
    );
    const named = new Set(source.split('\n').map((line) => line.slice(1, -1)));
    const families = [...named]
      .filter((name) => name.includes('.${'))
      .map((name) => name.split('${')[0] ?? '');
    const unused = Object.keys(en).filter(
      (key) => !named.has(key) && !families.some((family) => key.startsWith(family)),
    );
    expect(unused).toEqual([]);
  });
});

/** Of the codes in a text of zh, the alternatives. */
const alternatives = Object.values<
  readonly { readonly reason?: string; readonly message: string; readonly hint?: string }[]
>(engineZh.texts).flat();

describe("the engine's texts in Chinese", () => {
  // Its changes look like notes, and have texts of their own; the page asks for no single kernels.
  const source = engineSource('memory/fit.cpp', 'report/kernel_request.cpp');
  // A code is the first member of an Error or a Note; formats of weights are written alike.
  const codes = [
    ...found(source, /(?:fail\(|\b(?:Error|Note)(?: \w+ =)?|write_error\()\s*\{\s*"(\w+)",/g),
    ...found(source, /notes\.push_back\(\s*\{\s*"(\w+)",/g),
    ...found(source, /return\s*\{\s*"([a-z]\w+)",\s*(?:""|(?!DType|")\S)/g),
    ...found(source, /\bnote\(\s*"(\w+)"/g),
  ];
  const contradictions = found(source, /\bcontradiction\(\s*(?:[\w:]+|"\w+"),\s*"(\w+)"/g);
  const refusals = found(source, /\brefuse\(\s*"(\w+)"/g);
  const reasons = [...contradictions, ...refusals, ...found(source, /\{"reason", "(\w+)"\}/g)];

  it('exist for every code that the engine names', () => {
    expect(codes.length).toBeGreaterThan(35);
    expect(codes.filter((code) => !Object.hasOwn(engineZh.texts, code))).toEqual([]);
  });

  it('exist for every reason that it names', () => {
    expect(reasons.length).toBeGreaterThan(15);
    expect(reasons.filter((reason) => !alternatives.some((text) => text.reason === reason))).toEqual([]);
  });

  it('are of codes and reasons that the engine still names', () => {
    // The one is the article's, which comes without a code.
    const known = new Set([...codes, 'article_does_not_apply']);
    expect(Object.keys(engineZh.texts).filter((code) => !known.has(code))).toEqual([]);
    const old = alternatives.filter(({ reason }) => reason !== undefined && !reasons.includes(reason));
    expect(old).toEqual([]);
  });

  it('are found, not passed over: each way to write a code is one that this test knows', () => {
    const calls = (pattern: RegExp): number => [...source.matchAll(pattern)].length;
    expect(calls(/\.note\(/g)).toBe(calls(/\.note\(\s*"\w+"/g));
    expect(calls(/\.contradiction\(/g)).toBe(calls(/\.contradiction\(\s*(?:[\w:]+|"\w+"),\s*"\w+"/g));
  });

  it('use parameters that the engine gives', () => {
    const params = new Set(found(source, /(?:\{|emplace_back\()"(\w+)",/g));
    const used = alternatives.flatMap(({ message, hint = '' }) => placeholders(message + hint));
    expect(used.filter((name) => !params.has(name.slice(1, -1)))).toEqual([]);
  });

  it('choose by reason, fill in parameters, and stay English without them', () => {
    const said = { code: 'invalid_json', message: 'English', hint: 'English hint' };
    expect(engineText('zh', { ...said, params: { reason: 'truncated' } }).message).toContain('断了');
    const params = { reason: 'unexpected', line: '3', column: '7', found: 'NaN' };
    expect(engineText('zh', { ...said, params }).message).toContain('第 3 行第 7 列出现意外的 NaN');
    expect(engineText('zh', said)).toEqual({ message: 'English', hint: 'English hint' });
    expect(engineText('zh', { ...said, code: 'brand_new' }).message).toBe('English');
    expect(engineText('zh', { ...said, code: 'constructor' }).message).toBe('English');
    expect(engineText('en', { ...said, params }).message).toBe('English');
  });

  it('choose by what is known, where an empty parameter says nothing', () => {
    const said = { code: 'missing_field', message: 'English', hint: 'English hint' };
    const near = engineText('zh', { ...said, params: { field: 'hidden_size', nearest: 'hidden_sise' } });
    expect(near.hint).toBe('config 里有 hidden_sise：是否应为 hidden_size？');
    const far = engineText('zh', { ...said, params: { field: 'hidden_size', nearest: '' } });
    expect(far.hint).toContain('请补上 hidden_size');
    const unknown = { code: 'unknown_field', message: 'English' };
    const note = { field: 'hidden_sise', nearest: 'hidden_size', path: '/model/config/hidden_sise' };
    expect(engineText('zh', { ...unknown, params: note }).message).toContain('不认识字段 hidden_sise');
    const error = { field: 'gpu', nearest: 'gpus', known: 'gpus, tp' };
    expect(engineText('zh', { ...unknown, params: error }).message).toBe('没有 gpu 这个字段');
  });

  it("translate the engine's own words, and no name out of a config", () => {
    const code = 'not_a_decoder';
    const params = { found: 'BertModel', what: 'a text encoder' };
    expect(engineText('zh', { code, message: '', params }).message).toContain('而是文本编码器');
    const figures = { accelerator: '卡', figures: 'memory bandwidth, fp8 peak, other' };
    expect(engineText('zh', { code: 'unconfirmed_figures', message: '', params: figures }).message).toContain(
      '显存带宽, fp8 算力, other',
    );
    const keys = { found: 'Nobody', keys: 'memory, model, and 3 more' };
    expect(
      engineText('zh', { code: 'unsupported_architecture', message: '', params: keys }).message,
    ).toContain('：memory, model 等，另有 3 个');
    const field = { field: 'vision', family: 'memory' };
    expect(engineText('zh', { code: 'part_not_counted', message: '', params: field }).message).toBe(
      'vision 不是已知的 memory 模型的一部分，没有计入',
    );
  });
});

describe('texts', () => {
  it('fill placeholders, and show those that are not given', () => {
    expect(fill('{a} and {b}', { a: 1 })).toBe('1 and {b}');
    expect(translator('zh')('tokens', { count: '5' })).toBe('5 个 token');
  });

  it('come in the stored language, or the first that the browser wants', () => {
    expect(preferredLanguage('zh', ['en'])).toBe('zh');
    expect(preferredLanguage(null, ['fr', 'zh-Hans-CN', 'en'])).toBe('zh');
    expect(preferredLanguage('xx', ['en-GB', 'zh'])).toBe('en');
    expect(preferredLanguage(null, [])).toBe('en');
  });
});
