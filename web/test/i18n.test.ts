import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '../src/i18n/en.json';
import engineZh from '../src/i18n/engine-zh.json';
import zh from '../src/i18n/zh.json';
import { engineText, fill, preferredLanguage, translator } from '../src/i18n';

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([name]) => name).sort();

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

describe("the engine's texts in Chinese", () => {
  it('exist for every code that the engine names', () => {
    // A code is the first member of an Error or a Note: return {"code", …}, notes.push_back({"code", …}).
    const engine = resolve(import.meta.dirname, '../../engine/src');
    const codes = readdirSync(engine, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.cpp'))
      // Its changes look the same, and have texts of their own.
      .filter((name) => name !== 'memory/fit.cpp')
      .map((name) => readFileSync(resolve(engine, name), 'utf8'))
      .flatMap((text) => [
        ...text.matchAll(/(?:fail\(|return|Error|push_back\(|write_error\()\s*\{\s*"([a-z_]+)",/g),
      ])
      .map(([, code]) => code ?? '');
    expect(codes.length).toBeGreaterThan(20);
    for (const code of new Set(codes)) expect(Object.keys(engineZh.texts), code).toContain(code);
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
