import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '../src/simulate/load-texts-en.json';
import zh from '../src/simulate/load-texts-zh.json';
import { ceiling } from '../src/simulate/curve';
import { arrivalKinds, lengthKinds, loadFields, statistics } from '../src/simulate/fields';
import { between, engineFile } from './engine-source';

const placeholders = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([name]) => name).sort()),
];

const folder = resolve(import.meta.dirname, '../src/simulate');
const source = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(resolve(folder, name), 'utf8'))
  .join('\n');

describe('the texts of the section under load', () => {
  it('have the same keys, in the same order', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
  });

  it.each(Object.entries(en))('use the same placeholders: %s', (key, text) => {
    const other = zh[key as keyof typeof zh];
    expect(other).not.toBe('');
    expect(placeholders(other)).toEqual(placeholders(text));
  });

  it('are all named by the section', () => {
    const families = [...source.matchAll(/`([a-z]\w*(?:\.\w+)*\.)\$\{/g)].map(([, family]) => family ?? '');
    const unused = Object.keys(en).filter(
      (key) => !source.includes(`'${key}'`) && !families.some((family) => key.startsWith(family)),
    );
    expect(unused).toEqual([]);
  });
});

describe('the choices of the section', () => {
  const texts = (list: readonly string[]): string => list.map((name) => `"${name}"`).join(', ');
  const reader = engineFile('report/service_request.cpp');

  it('are those of the engine', () => {
    expect(reader).toContain(`"arrivals", {${texts(arrivalKinds)}}`);
    expect(reader).toContain(`"lengths", {${texts(lengthKinds)}}`);
    expect(between(reader, 'kStatistics[] = {', '}')).toContain(texts(statistics));
  });

  // What is as the section opens with it is not sent.
  it('start as the engine has them', () => {
    const load = engineFile('serving/service_load.h');
    expect(load).toContain(`requests = ${loadFields.requests.start};`);
    expect(load).toContain(`seed = ${loadFields.seed.start};`);
  });
});

describe('the scale of a chart', () => {
  it.each([
    [0.041, 0.05],
    [1, 1],
    [1.1, 2],
    [2.2, 2.5],
    [549, 1000],
    [0.0999, 0.1],
  ])('of up to %d ends at %d', (value, end) => {
    expect(ceiling(value)).toBeCloseTo(end, 12);
  });
});
