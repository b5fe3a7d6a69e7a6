/** The section's own texts, which come with it: of one language, and of the other when it is asked for. */
import { fill, type Language } from '../i18n';
import { Lazy } from '../presets/lazy';
import type english from './load-texts-en.json';

export type TextKey = keyof typeof english;
export type Say = (key: TextKey, params?: Readonly<Record<string, string | number>>) => string;

type Texts = Readonly<Record<TextKey, string>>;

export const texts: Readonly<Record<Language, Lazy<Texts>>> = {
  en: new Lazy(async () => (await import('./load-texts-en.json')).default),
  zh: new Lazy(async () => (await import('./load-texts-zh.json')).default),
};

export const sayIn =
  (of: Texts): Say =>
  (key, params = {}) =>
    fill(of[key], params);
