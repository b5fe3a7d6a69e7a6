/**
 * Finds presets by what people call them: any words of name, aliases and maker in any order, an accelerator
 * also by its memory. Ranked: the very name, how a name begins, how a word of it begins, a part of a word;
 * and where nothing else is found, a word with one slip.
 */
import { fold, narrow, starts } from './fold';
import { beginsWithOneEdit } from './one-edit';

export interface Subject {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  /** What else it may be found by: maker, architecture, year. */
  readonly facets: readonly string[];
  /** In the unit of its label. */
  readonly memory: readonly number[];
  /** Of equals the later comes first: "2024-09". */
  readonly date: string;
}

export interface Hit<Item> {
  readonly item: Item;
  /** The alias that was found, where the name does not show why. */
  readonly alias?: string;
}

interface Text {
  readonly text: string;
  readonly folded: string;
  readonly starts: readonly string[];
}

interface Prepared<Item> {
  readonly item: Item;
  readonly subject: Subject;
  readonly name: Text;
  readonly aliases: readonly Text[];
  readonly facets: readonly Text[];
}

/** A word of the query: any of it in a text, or a size of memory. */
interface Word {
  readonly folded: string;
  readonly memory: number | undefined;
  /** With a unit: a size, and not a part of a longer word. */
  readonly unit: boolean;
}

const rank = { exact: 0, prefix: 1, word: 2, part: 3, slip: 4, none: Infinity } as const;
/** Beside the rank of a match, where it was: a name tells more than its maker or size, and an alias is not shown. */
const where = { beginning: -0.1, name: 0, facet: 0.2, memory: 0.2, alias: 0.4 } as const;
const shortestSlip = 4;

const prepared = (text: string): Text => ({ text, folded: fold(text), starts: starts(text) });

function wordsOf(query: string): readonly Word[] {
  // "24 GB" is one word.
  const joined = narrow(query).replace(/(\d)\s+(g|gb|gib)(?=\s|$)/g, '$1$2');
  return joined
    .split(/\s+/)
    .map((word) => {
      const size = /^(\d+(?:\.\d+)?)(g|gb|gib)?$/.exec(word);
      const memory = size?.[1] === undefined ? undefined : Number(size[1]);
      return { folded: fold(word), memory, unit: size?.[2] !== undefined };
    })
    .filter(({ folded }) => folded !== '');
}

function rankIn({ folded, starts: begins }: Text, word: Word, slips: boolean): number {
  if (begins.some((start) => start.startsWith(word.folded))) return rank.word;
  if (folded.includes(word.folded) && !word.unit) return rank.part;
  const slip =
    slips &&
    word.folded.length >= shortestSlip &&
    begins.some((start) => beginsWithOneEdit(start, word.folded));
  return slip ? rank.slip : rank.none;
}

interface Match {
  readonly rank: number;
  readonly alias?: Text;
}

function matchWord<Item>(entry: Prepared<Item>, word: Word, slips: boolean): Match {
  const { name, aliases, facets, subject } = entry;
  const matches: Match[] = [
    {
      rank: rankIn(name, word, slips) + (name.folded.startsWith(word.folded) ? where.beginning : where.name),
    },
    ...aliases.map((alias) => ({ rank: rankIn(alias, word, slips) + where.alias, alias })),
    ...facets.map((facet) => ({ rank: rankIn(facet, word, slips) + where.facet })),
  ];
  if (word.memory !== undefined && subject.memory.includes(word.memory)) {
    matches.push({ rank: rank.word + where.memory });
  }
  return matches.reduce((best, match) => (match.rank < best.rank ? match : best));
}

/** The whole query at once: the very name, or how it begins. */
function matchWhole<Item>({ subject, name, aliases }: Prepared<Item>, query: string): Match {
  if ([name.folded, fold(subject.id)].includes(query)) return { rank: rank.exact };
  const same = aliases.find(({ folded }) => folded === query);
  if (same) return { rank: rank.exact, alias: same };
  if (name.folded.startsWith(query)) return { rank: rank.prefix };
  const begun = aliases.find(({ folded }) => folded.startsWith(query));
  return begun ? { rank: rank.prefix + where.alias, alias: begun } : { rank: rank.none };
}

function match<Item>(
  entry: Prepared<Item>,
  words: readonly Word[],
  query: string,
  slips: boolean,
): Match | undefined {
  const whole = matchWhole(entry, query);
  if (whole.rank < rank.none) return whole;
  const each = words.map((word) => matchWord(entry, word, slips));
  const worst = Math.max(...each.map((one) => one.rank));
  if (worst === rank.none) return undefined;
  const alias = each.find((one) => one.alias !== undefined)?.alias;
  // The worst word decides, then the others: less than the distance between two ranks.
  const others = each.reduce((sum, one) => sum + one.rank, 0) / (each.length * 100);
  return { rank: worst + others, ...(alias === undefined ? {} : { alias }) };
}

export class Search<Item> {
  readonly #entries: readonly Prepared<Item>[];

  constructor(items: readonly Item[], subjectOf: (item: Item) => Subject) {
    this.#entries = items.map((item) => {
      const subject = subjectOf(item);
      return {
        item,
        subject,
        name: prepared(subject.name),
        aliases: subject.aliases.map(prepared),
        facets: subject.facets.map(prepared),
      };
    });
  }

  find(query: string): readonly Hit<Item>[] {
    const words = wordsOf(query);
    if (words.length === 0) return this.#entries.map(({ item }) => ({ item }));
    const strict = this.#ranked(query, words, false);
    return strict.length > 0 ? strict : this.#ranked(query, words, true);
  }

  #ranked(query: string, words: readonly Word[], slips: boolean): readonly Hit<Item>[] {
    const folded = fold(query);
    return this.#entries
      .flatMap((entry) => {
        const found = match(entry, words, folded, slips);
        return found === undefined ? [] : [{ entry, ...found }];
      })
      .sort((a, b) => a.rank - b.rank || later(a.entry.subject.date, b.entry.subject.date))
      .map(({ entry, alias }) => ({ item: entry.item, ...shownAlias(entry, alias) }));
  }
}

/** Numbers of years and months have the same length, so that texts compare as times do. */
const later = (a: string, b: string): number => (a === b ? 0 : a < b ? 1 : -1);

const shownAlias = <Item>({ name }: Prepared<Item>, alias: Text | undefined): { alias?: string } =>
  alias === undefined || name.folded.includes(alias.folded) ? {} : { alias: alias.text };
