/** Two languages, one set of keys: en.json names them, zh.json must have the same (test/i18n.test.ts). */
import en from './en.json';
import engineZh from './engine-zh.json';
import zh from './zh.json';
import type { Params } from '../engine/types';

export type Key = keyof typeof en;
export type Language = 'en' | 'zh';
export type Translate = (key: Key, params?: Readonly<Record<string, string | number>>) => string;

const texts: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, zh };
export const locales: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

export function fill(text: string, params: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(params[name] ?? placeholder));
}

export const translator =
  (language: Language): Translate =>
  (key, params = {}) =>
    fill(texts[language][key], params);

/** For names that come from the engine, of which there may be new ones: undefined if there is no text. */
export function lookUp(language: Language, key: string): string | undefined {
  return Object.hasOwn(texts[language], key) ? texts[language][key as Key] : undefined;
}

export interface Message {
  readonly message: string;
  readonly hint: string;
}

interface FromEngine {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly params?: Params;
}

interface Alternative {
  /** Of the codes that stand for several faults, which one. */
  readonly reason?: string;
  readonly message: string;
  readonly hint?: string;
}

/**
 * The engine speaks English; Chinese is written here, by code and parameters. A code that is not known here,
 * or a text that needs a parameter which is missing, stays English rather than be wrong.
 */
export function engineText(language: Language, said: FromEngine): Message {
  const english = { message: said.message, hint: said.hint ?? '' };
  if (language === 'en') return english;
  const codes: Readonly<Record<string, readonly Alternative[]>> = engineZh.texts;
  const words: Readonly<Record<string, string>> = engineZh.words;
  const params = Object.fromEntries(
    Object.entries(said.params ?? {}).map(([name, value]) => [name, words[value] ?? value]),
  );
  const alternatives = Object.hasOwn(codes, said.code) ? (codes[said.code] ?? []) : [];
  for (const { reason, message, hint } of alternatives) {
    const text = fillAll(message, params);
    if (text === undefined || (reason !== undefined && reason !== params['reason'])) continue;
    return { message: text, hint: (hint === undefined ? undefined : fillAll(hint, params)) ?? english.hint };
  }
  return english;
}

function fillAll(text: string, params: Params): string | undefined {
  const filled = fill(text, params);
  return [...text.matchAll(/\{(\w+)\}/g)].every(
    ([, name]) => name !== undefined && Object.hasOwn(params, name),
  )
    ? filled
    : undefined;
}

export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (stored === 'en' || stored === 'zh') return stored;
  const first = wanted.find((tag) => /^(en|zh)\b/i.test(tag));
  return first?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en';
}
