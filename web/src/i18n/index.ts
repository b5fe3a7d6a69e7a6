/**
 * Two languages, one set of keys: en.json names them, zh.json must have the same (test/i18n.test.ts). A reader
 * downloads the texts of one, and those of the other when they ask for it.
 */
import type * as english from './en';
import type * as chinese from './zh';
import type { Params } from '../engine/types';

export type Key = keyof typeof english.page;
export type Language = 'en' | 'zh';
export type Translate = (key: Key, params?: Readonly<Record<string, string | number>>) => string;

type Texts = Readonly<Record<Key, string>>;

const loaded: { en?: typeof english; zh?: typeof chinese } = {};

/** Texts are to be loaded before they are used. Fails where they cannot be fetched. */
export async function loadTexts(language: Language): Promise<void> {
  if (language === 'zh') loaded.zh ??= await import('./zh');
  else loaded.en ??= await import('./en');
}

function textsOf(language: Language): Texts {
  const texts = loaded[language]?.page;
  if (texts === undefined) throw new Error(`The texts of ${language} are not loaded`);
  return texts;
}

export const locales: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

export function fill(text: string, params: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(params[name] ?? placeholder));
}

export const translator =
  (language: Language): Translate =>
  (key, params = {}) =>
    fill(textsOf(language)[key], params);

/** For names that come from the engine, of which there may be new ones: undefined if there is no text. */
export function lookUp(language: Language, key: string): string | undefined {
  const texts = textsOf(language);
  return Object.hasOwn(texts, key) ? texts[key as Key] : undefined;
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
  if (language === 'en' || loaded.zh === undefined) return english;
  const codes: Readonly<Record<string, readonly Alternative[]>> = loaded.zh.engine.texts;
  const { words } = loaded.zh.engine;
  const params = Object.fromEntries(
    Object.entries(said.params ?? {}).map(([name, value]) => [
      name,
      (verbatim.has(name) ? value : inChinese(value, words)).replace(/, and (\d+) more$/, ' 等，另有 $1 个'),
    ]),
  );
  const alternatives = Object.hasOwn(codes, said.code) ? (codes[said.code] ?? []) : [];
  for (const { reason, message, hint } of alternatives) {
    if (reason !== undefined && reason !== params['reason']) continue;
    const text = fillAll(message, params);
    const advice = hint === undefined ? english.hint : fillAll(hint, params);
    if (text !== undefined && advice !== undefined) return { message: text, hint: advice };
  }
  return english;
}

/** Names out of the config, which may look like words. */
const verbatim: ReadonlySet<string> = new Set([
  'field',
  'fields',
  'nearest',
  'path',
  'known',
  'keys',
  'family',
]);

/** A value of the engine's own vocabulary, or a list of such; anything else stays as it is. */
function inChinese(value: string, words: Readonly<Record<string, string>>): string {
  const word = (text: string): string => (Object.hasOwn(words, text) ? (words[text] ?? text) : text);
  return Object.hasOwn(words, value) ? word(value) : value.split(', ').map(word).join(', ');
}

/** Undefined without one of the parameters that the text needs; an empty one says nothing. */
function fillAll(text: string, params: Params): string | undefined {
  const given = (name: string | undefined): boolean =>
    name !== undefined && Object.hasOwn(params, name) && params[name] !== '';
  return [...text.matchAll(/\{(\w+)\}/g)].every(([, name]) => given(name)) ? fill(text, params) : undefined;
}

export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (stored === 'en' || stored === 'zh') return stored;
  const first = wanted.find((tag) => /^(en|zh)\b/i.test(tag));
  return first?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en';
}
