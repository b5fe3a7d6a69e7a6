/**
 * A field with a list that narrows as one types: the combobox with a listbox popup of ARIA 1.2. The focus
 * stays in the field; the keys move an active option, which `aria-activedescendant` names.
 */
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { ComboboxState } from '../combobox';
import type { FieldId } from '../errors';
import type { View } from './context';
import { describedBy, errorOf, isInvalid } from './field';

export interface ComboboxOption {
  readonly value: string;
  readonly name: string;
  /** A second line. */
  readonly more?: string;
  /** Another name, by which it was found. */
  readonly alias?: string;
  /** Stands below the others, whatever was typed: it does something instead of being found. */
  readonly isAction?: true;
}

export interface ComboboxGroup {
  readonly label?: string;
  readonly options: readonly ComboboxOption[];
}

export interface ComboboxField {
  readonly id: FieldId;
  readonly label: string;
  readonly state: ComboboxState;
  /** Of the option that is chosen. */
  readonly value: string;
  /** What the closed field says. */
  readonly shown: string;
  readonly groups: readonly ComboboxGroup[];
  /** Said of the list, above it: how many were found, that it is loading. */
  readonly status: string;
  readonly onFocus: () => void;
  readonly onChoose: (value: string) => void;
}

const page = 8;

export function combobox(view: View, field: ComboboxField): TemplateResult {
  const { id, label, state, value, shown } = field;
  const options = field.groups.flatMap((group) => group.options);
  const active = state.isOpen ? activeIn(field, options) : undefined;
  return html`<div
    class="combobox"
    @focusout=${(event: FocusEvent) => {
      const inside = event.relatedTarget instanceof Node ? event.relatedTarget : null;
      if (!(event.currentTarget as Element).contains(inside)) state.close();
    }}
  >
    <label for=${id} id="${id}-label">${label}</label>
    <input
      id=${id}
      type="text"
      role="combobox"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      data-value=${value}
      aria-autocomplete="list"
      aria-expanded=${String(state.isOpen)}
      aria-controls=${state.isOpen ? `${id}-list` : nothing}
      aria-activedescendant=${active === undefined ? nothing : optionId(field, options.indexOf(active))}
      aria-invalid=${isInvalid(view, id) ? 'true' : 'false'}
      aria-describedby=${describedBy(view, id)}
      .value=${live(state.typed ?? shown)}
      @focus=${field.onFocus}
      @click=${(event: Event) => {
        if (state.isOpen) return;
        // So that what is typed takes the place of what is chosen.
        (event.target as HTMLInputElement).select();
        open(field);
      }}
      @input=${(event: Event) => {
        state.type((event.target as HTMLInputElement).value);
        revealOpened(field);
      }}
      @keydown=${(event: KeyboardEvent) => {
        onKey(event, field, options, active);
      }}
    />
    <p class="visually-hidden" aria-live="polite">${state.isOpen ? field.status : ''}</p>
    ${state.isOpen ? popup(field, options, active) : nothing} ${errorOf(view, id)}
  </div>`;
}

const optionId = ({ id }: ComboboxField, index: number): string => `${id}-option-${index}`;

/** Where nothing was moved to, what is chosen; once something is typed, the best that was found. */
function activeIn(
  { state, value }: ComboboxField,
  options: readonly ComboboxOption[],
): ComboboxOption | undefined {
  const found = (wanted: string | undefined): ComboboxOption | undefined =>
    options.find((option) => option.value === wanted);
  const moved = found(state.active);
  if (moved !== undefined) return moved;
  const isTyped = state.typed !== undefined && state.typed.trim() !== '';
  // Nothing but what stands there always: that is not what was looked for.
  return isTyped ? options.find(({ isAction }) => isAction !== true) : (found(value) ?? options[0]);
}

function popup(
  field: ComboboxField,
  options: readonly ComboboxOption[],
  active: ComboboxOption | undefined,
): TemplateResult {
  const { id, groups, status } = field;
  const drawOption = (option: ComboboxOption): TemplateResult =>
    html`<div
      role="option"
      id=${optionId(field, options.indexOf(option))}
      class="option ${option === active ? 'active' : ''} ${option.isAction === true ? 'action' : ''}"
      aria-selected=${String(option.value === field.value)}
      @click=${() => {
        choose(field, option);
      }}
    >
      <span class="option-name">${option.name}</span>
      ${option.alias === undefined ? nothing : html`<span class="option-alias">${option.alias}</span>`}
      ${option.more === undefined ? nothing : html`<span class="option-more">${option.more}</span>`}
    </div>`;
  // The focus stays in the field, whatever is pressed here.
  return html`<div
    class="popup"
    @mousedown=${(event: Event) => {
      event.preventDefault();
    }}
  >
    <p class="popup-status" aria-hidden="true">${status}</p>
    <div role="listbox" id="${id}-list" class="listbox" aria-labelledby="${id}-label">
      ${groups.map((group, index) =>
        group.label === undefined
          ? group.options.map(drawOption)
          : html`<div role="group" aria-labelledby="${id}-group-${index}">
              <div role="presentation" id="${id}-group-${index}" class="option-group">${group.label}</div>
              ${group.options.map(drawOption)}
            </div>`,
      )}
    </div>
  </div>`;
}

function open(field: ComboboxField): void {
  field.state.open();
  revealOpened(field);
}

function choose({ state, onChoose }: ComboboxField, option: ComboboxOption): void {
  state.close();
  onChoose(option.value);
}

const activeElement = (id: string): HTMLElement | null =>
  document.getElementById(document.getElementById(id)?.getAttribute('aria-activedescendant') ?? '');

/** Brings the list into view, and in its middle the active option. */
export function revealOpened({ id }: Pick<ComboboxField, 'id'>): void {
  const list = document.getElementById(`${id}-list`);
  // The keyboard of a phone covers what is below.
  if (window.matchMedia('(pointer: coarse)').matches)
    document.getElementById(id)?.parentElement?.scrollIntoView({ block: 'start' });
  else list?.parentElement?.scrollIntoView({ block: 'nearest' });
  const active = activeElement(id);
  if (list && active) list.scrollTop = active.offsetTop - (list.clientHeight - active.offsetHeight) / 2;
}

/** Brings the active option into view, wherever it was moved. */
function reveal({ id }: ComboboxField): void {
  const active = activeElement(id);
  if (active) active.scrollIntoView({ block: 'nearest' });
  else document.getElementById(`${id}-list`)?.scrollTo(0, 0);
}

function onKey(
  event: KeyboardEvent,
  field: ComboboxField,
  options: readonly ComboboxOption[],
  active: ComboboxOption | undefined,
): void {
  const { state } = field;
  // Keys that an input method takes, and shortcuts, are not for the list.
  if (event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const last = options.length - 1;
  const at = active === undefined ? -1 : options.indexOf(active);
  const move = (index: number): void => {
    event.preventDefault();
    if (!state.isOpen) {
      open(field);
      return;
    }
    const option = options[index];
    if (option === undefined) return;
    state.moveTo(option.value);
    reveal(field);
  };
  switch (event.key) {
    case 'ArrowDown':
      move(at >= last ? 0 : at + 1);
      break;
    case 'ArrowUp':
      move(at <= 0 ? last : at - 1);
      break;
    case 'PageDown':
      if (state.isOpen) move(Math.min(at + page, last));
      break;
    case 'PageUp':
      if (state.isOpen) move(Math.max(at - page, 0));
      break;
    case 'Home':
      if (state.isOpen) move(0);
      break;
    case 'End':
      if (state.isOpen) move(last);
      break;
    case 'Enter':
      if (!state.isOpen) break;
      event.preventDefault();
      if (active !== undefined) choose(field, active);
      break;
    case 'Escape':
      if (state.isOpen) event.preventDefault();
      state.close();
      break;
    case 'Tab':
      // Leaves with what the list points to; what an option would do needs to be asked for.
      if (state.isOpen && active !== undefined && active.isAction !== true && active.value !== field.value) {
        choose(field, active);
      } else state.close();
      break;
  }
}
