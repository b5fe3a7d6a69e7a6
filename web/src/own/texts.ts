/** The texts of the section, which come with it: en.json names the keys, zh.json must have the same (test/own.test.ts). */
import { fill, type Language } from '../i18n';
import en from './en.json';
import zh from './zh.json';

export type OwnKey = keyof typeof en;

const texts: Readonly<Record<Language, Readonly<Record<OwnKey, string>>>> = { en, zh };

export const ownText =
  (language: Language) =>
  (key: OwnKey, params: Readonly<Record<string, string | number>> = {}): string =>
    fill(texts[language][key], params);
