/** What an accelerator costs: the reader's own price, or the dated one of its preset. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { currencies, type Inputs } from '../inputs';
import { acceleratorNow } from '../presets/chosen';
import { rentalOf } from '../presets/figures';
import { priceLine } from './accelerator';
import type { View } from './context';
import { textField } from './field';

export function priceField(view: View): TemplateResult {
  const { t, format, inputs, actions } = view;
  const file = acceleratorNow(inputs);
  const listed = file && rentalOf(file);
  const isEmpty = inputs.price.trim() === '';
  return html`<div class="price">
    <div class="with-unit">
      ${textField(view, {
        id: 'price',
        label: t('price.field'),
        value: inputs.price,
        inputmode: 'decimal',
        placeholder:
          listed === undefined ? t('price.none') : `${format.money(listed.value)} ${listed.currency}`,
        onInput: (price) => {
          actions.change({ price });
        },
      })}
      <select
        id="currency"
        aria-label=${t('price.currency')}
        @change=${(event: Event) => {
          actions.change({ currency: (event.target as HTMLSelectElement).value as Inputs['currency'] });
        }}
      >
        ${currencies.map(
          (currency) => html`<option .selected=${live(currency === inputs.currency)}>${currency}</option>`,
        )}
      </select>
    </div>
    ${
      file && listed && isEmpty
        ? html`<p class="hint">${t('price.preset')} ${priceLine(view, file, listed)}</p>`
        : nothing
    }
  </div>`;
}
