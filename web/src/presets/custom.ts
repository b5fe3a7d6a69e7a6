/**
 * An accelerator of the reader's own, between the texts of its form and a file as presets/accelerators/ has
 * them. A figure that was not touched stays what it was in the file that it started from, with its origin; one
 * that was typed is a plain number.
 */
import type { Typed } from '../engine/types';
import { acceleratorClasses, defaultInputs, peakTypes, topologies, type CustomAccelerator } from '../inputs';
import { GB, GiB, typed } from '../typed';
import type { AcceleratorFile } from './types';

export type Members = Readonly<Record<string, unknown>>;

export const members = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

/** What the form has as words. */
const wordFields = [
  { key: 'vendor', member: 'vendor' },
  { key: 'architecture', member: 'architecture' },
  { key: 'memoryType', member: 'memory_type' },
] as const satisfies readonly { key: keyof CustomAccelerator; member: string }[];

type FigureText = Exclude<
  keyof CustomAccelerator,
  | (typeof wordFields)[number]['key']
  | 'name'
  | 'class'
  | 'year'
  | 'memoryUnit'
  | 'topology'
  | 'domain'
  | 'pcieGeneration'
  | 'file'
>;

interface FigureField {
  readonly key: FigureText;
  /** Where the file has it. */
  readonly path: readonly [string, string?];
  /** How many of the file's units one of the form's is; undefined: the unit of memory. */
  readonly unit?: number;
}

const figureFields: readonly FigureField[] = [
  { key: 'memory', path: ['memory_bytes'] },
  { key: 'usable', path: ['usable_memory_bytes'] },
  { key: 'bandwidth', path: ['memory_bandwidth_bytes_per_s'], unit: GB },
  ...peakTypes.map((key): FigureField => ({ key, path: ['peak_flops_per_s', key], unit: 1e12 })),
  { key: 'link', path: ['link', 'bandwidth_bytes_per_s'], unit: GB },
  { key: 'nic', path: ['nic', 'bandwidth_bytes_per_s'], unit: GB },
  { key: 'pcie', path: ['pcie', 'bandwidth_bytes_per_s'], unit: GB },
  { key: 'tdp', path: ['tdp_w'], unit: 1 },
];

export const memoryUnit = ({ memoryUnit: unit }: Pick<CustomAccelerator, 'memoryUnit'>): number =>
  unit === 'GiB' ? GiB : GB;

function inFile(file: AcceleratorFile | null, [outer, inner]: FigureField['path']): unknown {
  const found = members(file)[outer];
  return inner === undefined ? found : members(found)[inner];
}

/** Six digits: more than any datasheet has, and fewer than a quotient. */
function textOf(figure: unknown, unit: number): string {
  const value = typeof figure === 'number' ? figure : members(figure)['value'];
  return typeof value === 'number' ? String(Number((value / unit).toPrecision(6))) : '';
}

const oneOf = <Name extends string>(names: readonly Name[], value: unknown): Name | '' =>
  names.find((name) => name === value) ?? '';

const wordIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The form filled in with a file, preset or imported. */
export function customFrom(file: AcceleratorFile): CustomAccelerator {
  const isWhole = (unit: number): boolean => Number.isInteger(Number(textOf(file.memory_bytes, unit)));
  const unit = isWhole(GB) && !isWhole(GiB) ? 'GB' : 'GiB';
  const figures = figureFields.map((field) => [
    field.key,
    textOf(inFile(file, field.path), field.unit ?? memoryUnit({ memoryUnit: unit })),
  ]);
  const words = wordFields.map(({ key, member }) => [key, wordIn(file[member])]);
  const link = members(file['link']);
  return {
    ...defaultInputs.custom,
    ...(Object.fromEntries([...figures, ...words]) as Record<FigureText, string>),
    name: wordIn(file.name),
    class: oneOf(acceleratorClasses, file['class']),
    year: textOf(file['year'], 1),
    memoryUnit: unit,
    topology: oneOf(topologies, link['topology']),
    domain: textOf(link['domain_size'], 1),
    pcieGeneration: textOf(members(file['pcie'])['generation'], 1),
    file,
  };
}

/** Whether a text still is what the file has. */
export function isUntouched(custom: CustomAccelerator, key: FigureText): boolean {
  const field = figureFields.find((one) => one.key === key);
  const figure = field && inFile(custom.file, field.path);
  return figure !== undefined && textOf(figure, field?.unit ?? memoryUnit(custom)) === custom[key].trim();
}

const isEmpty = (text: string): boolean => text.trim() === '';

/** How a typed figure is written: for the engine a number, in a file one with its origin. */
type WriteFigure = (value: Typed) => unknown;

/** What an accelerator is, in the form of a file; what is undefined, JSON leaves out. */
function contentOf(custom: CustomAccelerator, domain: Typed, write: WriteFigure): Members {
  const figure = (key: FigureText): unknown => {
    const field = figureFields.find((one) => one.key === key);
    if (field === undefined) return undefined;
    if (isUntouched(custom, key)) return inFile(custom.file, field.path);
    return write(typed(custom[key], field.unit ?? memoryUnit(custom)));
  };
  const filled = (key: FigureText): unknown => (isEmpty(custom[key]) ? undefined : figure(key));
  /** With what the file says beside; undefined without its bandwidth. */
  const group = (key: 'link' | 'nic' | 'pcie', more: Members = {}): unknown =>
    isEmpty(custom[key])
      ? undefined
      : defined({ ...members(custom.file?.[key]), ...more, bandwidth_bytes_per_s: figure(key) });
  const number = (text: string): unknown => (isEmpty(text) ? undefined : typed(text));
  const words = wordFields.map(({ key, member }) => [member, isEmpty(custom[key]) ? undefined : custom[key]]);
  return defined({
    ...custom.file,
    ...(Object.fromEntries(words) as Members),
    name: custom.name,
    class: custom.class === '' ? undefined : custom.class,
    year: number(custom.year),
    memory_bytes: figure('memory'),
    usable_memory_bytes: filled('usable'),
    memory_bandwidth_bytes_per_s: figure('bandwidth'),
    peak_flops_per_s: defined({
      ...members(custom.file?.peak_flops_per_s),
      ...Object.fromEntries(peakTypes.map((type) => [type, filled(type)])),
    }),
    link: group('link', {
      topology: custom.topology === '' ? 'switch' : custom.topology,
      domain_size: domain,
    }),
    nic: group('nic'),
    pcie: group('pcie', { generation: number(custom.pcieGeneration) }),
    tdp_w: filled('tdp'),
  });
}

const defined = (object: Members): Members =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** As the engine takes it. `gpus` is what a link joins that does not say how many. */
export function fileOf(custom: CustomAccelerator, gpus: Typed): Members {
  const asked = typeof gpus === 'number' ? gpus : 1;
  const domain = isEmpty(custom.domain) ? asked : typed(custom.domain);
  // It has an id of its own only once it is a preset: what was measured of the listed one need not hold.
  return defined({ ...contentOf(custom, domain, (value) => value), id: undefined });
}

/** The order in which the files of presets/ have their members. */
const order = [
  'id',
  'vendor',
  'name',
  'aliases',
  'class',
  'architecture',
  'year',
  'part_of',
  'dies',
  'memory_type',
  'memory_bytes',
  'usable_memory_bytes',
  'memory_bandwidth_bytes_per_s',
  'peak_flops_per_s',
  'link',
  'nic',
  'pcie',
  'host_link',
  'cache_bytes',
  'compute_units',
  'tdp_w',
  'prices',
  'sources',
  'note',
];

/** What a preset's file must say (presets/schema/accelerator.schema.json) and the form may leave out. */
export function missingInFile(custom: CustomAccelerator): readonly (typeof required)[number][] {
  return required.filter((key) => isEmpty(custom[key]) && (key !== 'domain' || !isEmpty(custom.link)));
}

const required = ['vendor', 'class', 'architecture', 'year', 'memoryType', 'domain'] as const;

const wellFormed = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The key under `sources` of what has none. */
const ownSource = 'own';

/** As a file to keep, to share and to import: a preset, where nothing is missing. */
export function presetFileOf(custom: CustomAccelerator): Members & { readonly id: string } {
  const { file, name } = custom;
  // A preset that was corrected is still that preset; one that got another name is another.
  const isSame = file !== null && file.name === name && wellFormed.test(file.id);
  const own: unknown[] = [];
  const content = contentOf(custom, typed(custom.domain), (value) => {
    own.push(value);
    return { value, confidence: 'unconfirmed', source: ownSource };
  });
  const link = members(content['link']);
  const sources = members(file?.['sources']);
  const whole: Members = {
    ...content,
    id: isSame ? file.id : idOf(name),
    aliases: isSame ? (file['aliases'] ?? []) : [],
    // One alone is joined to none.
    link: link['domain_size'] === 1 || content['link'] === undefined ? undefined : { type: 'link', ...link },
    sources: own.length > 0 ? { ...sources, [ownSource]: 'entered by hand, without a source' } : sources,
  };
  const rest = Object.keys(whole).filter((key) => !order.includes(key));
  const sorted = [...order, ...rest].map((key) => [key, whole[key]] as const);
  return { ...defined(Object.fromEntries(sorted)), id: String(whole['id']) };
}

/** "RTX 4090 D" → "rtx-4090-d"; a name without Latin letters gives no id of its own. */
function idOf(name: string): string {
  const id = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return id === '' ? 'own-accelerator' : id;
}
