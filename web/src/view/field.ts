/** One labelled control with its hint and, where the engine refused it, its error. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { FieldId } from '../errors';
import { fieldError } from './field-error';
import type { View } from './context';

interface Labelled {
  readonly id: FieldId;
  readonly label: string;
  readonly hint?: string;
}

const hintId = (id: FieldId): string => `${id}-hint`;
const errorId = (id: FieldId): string => `${id}-error`;

export const isInvalid = (view: View, id: FieldId): boolean => view.problem?.field === id;

export function describedBy(view: View, id: FieldId, hint?: string): string | typeof nothing {
  const ids = [isInvalid(view, id) ? errorId(id) : '', hint === undefined ? '' : hintId(id)];
  const list = ids.filter((name) => name !== '').join(' ');
  return list === '' ? nothing : list;
}

export function errorOf(view: View, id: FieldId): TemplateResult | typeof nothing {
  if (view.problem?.field !== id) return nothing;
  const { message, hint } = fieldError(view, id, view.problem.error);
  return html`<p class="error" id=${errorId(id)}>
    <strong>${sentence(message)}</strong>${hint === '' ? nothing : html` <span>${sentence(hint)}</span>`}
  </p>`;
}

/** The engine's texts have no full stop and its hints start small; a name such as hidden_size stays as it is. */
export function sentence(text: string): string {
  const start = text.replace(/^[a-z](?=[a-z]*[ ,])/, (letter) => letter.toUpperCase());
  if (/[.!?。？！]$/.test(start)) return start;
  return start + (/[\u4e00-\u9fff]/.test(start) ? '。' : '.');
}

export const hintOf = (id: FieldId, hint?: string): TemplateResult | typeof nothing =>
  hint === undefined ? nothing : html`<p class="hint" id=${hintId(id)}>${hint}</p>`;

interface TextField extends Labelled {
  readonly value: string;
  readonly unit?: string;
  readonly placeholder?: string;
  readonly maxlength?: number;
  readonly inputmode?: 'numeric' | 'decimal' | 'text';
  readonly onInput: (text: string) => void;
}

export function textField(view: View, field: TextField): TemplateResult {
  const { id, label, hint, unit, value } = field;
  // Not type=number: it would hand over an empty text for anything that it cannot read.
  return html`<div class="field">
    <label for=${id}
      >${label}${unit === undefined ? nothing : html` <span class="unit">${unit}</span>`}</label
    >
    <input
      id=${id}
      type="text"
      autocomplete="off"
      spellcheck="false"
      inputmode=${field.inputmode ?? 'numeric'}
      placeholder=${field.placeholder ?? nothing}
      maxlength=${field.maxlength ?? nothing}
      .value=${live(value)}
      aria-invalid=${isInvalid(view, id) ? 'true' : 'false'}
      aria-describedby=${describedBy(view, id, hint)}
      @input=${(event: Event) => {
        field.onInput((event.target as HTMLInputElement).value);
      }}
    />
    ${errorOf(view, id)}${hintOf(id, hint)}
  </div>`;
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

interface SelectField extends Labelled {
  readonly value: string;
  readonly options: readonly (Option | { readonly group: string; readonly options: readonly Option[] })[];
  readonly onChange: (value: string) => void;
  readonly onFocus?: () => void;
}

export function selectField(view: View, field: SelectField): TemplateResult {
  const { id, label, hint, value } = field;
  const option = (item: Option): TemplateResult =>
    html`<option value=${item.value} .selected=${live(item.value === value)}>${item.label}</option>`;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select
      id=${id}
      aria-invalid=${isInvalid(view, id) ? 'true' : 'false'}
      aria-describedby=${describedBy(view, id, hint)}
      @focus=${field.onFocus ?? nothing}
      @change=${(event: Event) => {
        field.onChange((event.target as HTMLSelectElement).value);
      }}
    >
      ${field.options.map((item) =>
        'group' in item
          ? html`<optgroup label=${item.group}>${item.options.map(option)}</optgroup>`
          : option(item),
      )}
    </select>
    ${errorOf(view, id)}${hintOf(id, hint)}
  </div>`;
}
