/** An accelerator that is not in the list, by the figures of its datasheet; as a file to keep and to share. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { peakField, pointerInFile, type FieldId } from '../errors';
import { engineText, type Key } from '../i18n';
import {
  acceleratorClasses,
  memoryUnits,
  peakTypes,
  topologies,
  type CustomAccelerator,
  type PeakType,
} from '../inputs';
import { isUntouched } from '../presets/custom';
import type { View } from './context';
import { selectField, sentence, textField } from './field';
import { className, topologyName } from './names';

type TextKey = Exclude<keyof CustomAccelerator, 'memoryUnit' | 'class' | 'topology' | 'file'>;

interface CustomField {
  readonly key: TextKey;
  readonly unit?: string;
  readonly placeholder?: string;
}

type Labelled = Exclude<keyof CustomAccelerator, PeakType | 'memoryUnit' | 'file'>;

const labels: Readonly<Record<Labelled, Key>> = {
  name: 'custom.name',
  vendor: 'custom.vendor',
  class: 'custom.class',
  architecture: 'custom.architecture',
  year: 'custom.year',
  memory: 'custom.memory',
  memoryType: 'custom.memoryType',
  usable: 'custom.usable',
  bandwidth: 'custom.bandwidth',
  link: 'custom.link',
  topology: 'custom.topology',
  domain: 'custom.domain',
  nic: 'custom.nic',
  pcie: 'custom.pcie',
  pcieGeneration: 'custom.pcieGeneration',
  tdp: 'custom.tdp',
};

const isPeak = (key: keyof CustomAccelerator): key is PeakType => peakTypes.some((type) => type === key);

export const customLabel = ({ t }: Pick<View, 't'>, key: Labelled | PeakType): string =>
  isPeak(key) ? key.toUpperCase() : t(labels[key]);

const fieldOf = (key: Labelled | PeakType): FieldId =>
  isPeak(key) ? peakField(key) : (`custom${key.charAt(0).toUpperCase()}${key.slice(1)}` as FieldId);

/** What most would fill in; the others are below. */
const firstPeaks: readonly PeakType[] = ['bf16', 'fp16', 'fp8', 'int8'];
const morePeaks = peakTypes.filter((type) => !firstPeaks.includes(type));
const below = [
  ...morePeaks,
  'topology',
  'domain',
  'nic',
  'pcie',
  'pcieGeneration',
  'tdp',
  'vendor',
  'class',
  'architecture',
  'year',
  'memoryType',
] as const satisfies readonly (Labelled | PeakType)[];
const fieldsBelow: ReadonlySet<FieldId> = new Set(below.map(fieldOf));

const words: readonly TextKey[] = ['name', 'vendor', 'architecture', 'memoryType'];

export function customAccelerator(view: View): TemplateResult {
  const { t, inputs, actions, problem } = view;
  const { custom } = inputs;
  const change = (patch: Partial<CustomAccelerator>): void => {
    actions.change({ custom: { ...custom, ...patch } });
  };
  const field = ({ key, unit, placeholder }: CustomField): TemplateResult =>
    textField(view, {
      id: fieldOf(key),
      label: customLabel(view, key),
      ...(unit === undefined ? {} : { unit }),
      ...(placeholder === undefined ? {} : { placeholder }),
      inputmode: words.includes(key) ? 'text' : 'decimal',
      value: custom[key],
      onInput: (text) => {
        change(key === 'memory' ? { memory: text, ...withoutUsable(custom) } : { [key]: text });
      },
    });
  const peak = (type: PeakType): TemplateResult =>
    field({ key: type, unit: type.startsWith('int') ? 'TOPS' : 'TFLOPS' });
  const rate = 'GB/s';
  return html`<fieldset class="custom">
    <legend>${t('custom.legend')}</legend>
    ${field({ key: 'name' })}
    <div class="row halves">
      <div class="with-unit">
        ${field({ key: 'memory' })}
        <select
          aria-label=${t('custom.memoryUnit')}
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            change({ memoryUnit: value === 'GB' ? 'GB' : 'GiB', ...withoutUsable(custom) });
          }}
        >
          ${memoryUnits.map(
            (unit) => html`<option .selected=${live(unit === custom.memoryUnit)}>${unit}</option>`,
          )}
        </select>
      </div>
      ${field({ key: 'usable', unit: custom.memoryUnit, placeholder: t('custom.usable.all') })}
      ${field({ key: 'bandwidth', unit: rate })} ${field({ key: 'link', unit: rate })} ${firstPeaks.map(peak)}
    </div>
    <p class="hint">${t('custom.hint')}</p>
    <details ?open=${problem !== null && fieldsBelow.has(problem.field)}>
      <summary>${t('custom.more')}</summary>
      <div class="row halves">
        ${morePeaks.map(peak)} ${topologyField(view, change)}
        ${field({ key: 'domain', placeholder: t('custom.domain.all') })} ${field({ key: 'nic', unit: rate })}
        ${field({ key: 'pcie', unit: rate })} ${field({ key: 'pcieGeneration' })}
        ${field({ key: 'tdp', unit: 'W' })} ${field({ key: 'vendor' })} ${classField(view, change)}
        ${field({ key: 'architecture' })} ${field({ key: 'year' })} ${field({ key: 'memoryType' })}
      </div>
    </details>
    <div class="row config-actions">
      <button type="button" class="quiet" @click=${actions.exportAccelerator}>${t('custom.export')}</button>
      ${importButton(view)}
    </div>
    <p class="hint">${t('custom.import.hint')}</p>
  </fieldset>`;
}

type Change = (patch: Partial<CustomAccelerator>) => void;

const topologyField = (view: View, change: Change): TemplateResult =>
  selectField(view, {
    id: 'customTopology',
    label: customLabel(view, 'topology'),
    value: view.inputs.custom.topology === '' ? 'switch' : view.inputs.custom.topology,
    options: topologies.map((value) => ({ value, label: topologyName(view, value) })),
    onChange: (topology) => {
      change({ topology: topology as CustomAccelerator['topology'] });
    },
  });

const classField = (view: View, change: Change): TemplateResult =>
  selectField(view, {
    id: 'customClass',
    label: customLabel(view, 'class'),
    value: view.inputs.custom.class,
    options: [
      { value: '', label: view.t('custom.class.none') },
      ...acceleratorClasses.map((value) => ({ value, label: className(view, value) })),
    ],
    onChange: (kind) => {
      change({ class: kind as CustomAccelerator['class'] });
    },
  });

/** What the driver leaves is known of the listed size only. */
const withoutUsable = (custom: CustomAccelerator): Partial<CustomAccelerator> =>
  isUntouched(custom, 'usable') ? { usable: '' } : {};

const importButton = ({ t, actions }: View): TemplateResult =>
  html`<label class="button quiet">
    <input
      id="import"
      class="visually-hidden"
      type="file"
      accept=".json,application/json"
      @change=${(event: Event) => {
        const input = event.target as HTMLInputElement;
        const file = input.files?.[0];
        if (file) void actions.importAccelerator(file);
        input.value = '';
      }}
    />
    ${t('custom.import')}
  </label>`;

/** Why a file was not imported, and where in it. */
export function refusedFile(view: View): TemplateResult | typeof nothing {
  const { t, language, refusedFile: refused } = view;
  if (refused === null) return nothing;
  const { name, error } = refused;
  const { message, hint } =
    error === undefined ? { message: t('custom.import.noJson'), hint: '' } : engineText(language, error);
  const pointer = error === undefined ? undefined : pointerInFile(error);
  return html`<div class="error" role="alert" id="import-error">
    <strong>${t('custom.import.refused', { name: name === '' ? t('custom.import.file') : name })}</strong>
    <span
      >${sentence(message)}${hint === '' ? nothing : html` ${sentence(hint)}`}
      ${pointer === undefined || pointer === '' ? nothing : html`<code>${pointer}</code>`}</span
    >
  </div>`;
}
