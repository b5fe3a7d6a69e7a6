/** The reader's own measurement: that the answer is scaled by it, and the section, which is loaded when it is opened. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Estimate } from '../engine/types';
import { factorsOf, measuredOn } from '../own/factors';
import { catalogue, findPreset } from '../presets';
import type { View } from './context';
import { engineName } from './names';

export const factorText = (factor: number): string => factor.toFixed(2);

/** Beside the answer, for as long as times are scaled. */
export function ownFactors(view: View, result: Estimate): TemplateResult | typeof nothing {
  const { t, inputs, actions } = view;
  const { measured } = factorsOf(inputs);
  if (!measured) return nothing;
  const { prefill_time_factor: prefill, decode_time_factor: decode, kv_capacity_factor: kv } = measured;
  const factors = [
    ...(decode === undefined ? [] : [t('own.decode', { factor: factorText(decode) })]),
    ...(prefill === undefined ? [] : [t('own.prefill', { factor: factorText(prefill) })]),
    ...(kv === undefined ? [] : [t('own.kv', { factor: factorText(kv) })]),
  ];
  const isHere = inputs.measured.endsWith(`,${measuredOn(inputs, result)}`);
  return html`<div class="own ${isHere ? '' : 'missing'}">
    <p>
      ${t('own.scaled', { factors: factors.join(t('comma')) })}
      ${isHere ? nothing : t('own.elsewhere', { on: where(view) })}
    </p>
    <button
      type="button"
      class="chip"
      @click=${() => {
        actions.change({ measured: '' });
      }}
    >
      ${t('own.remove')}
    </button>
  </div>`;
}

/** What the factors were measured on, by the names that the page has for it. */
function where(view: View): string {
  const [engine = '', model = '', accelerator = ''] = view.inputs.measured.split(',').slice(-3);
  const { models = [], accelerators = [] } = catalogue.now ?? {};
  return [
    findPreset(models, model)?.name ?? model,
    findPreset(accelerators, accelerator)?.name ?? accelerator,
    engineName(view, engine),
  ].join(view.t('comma'));
}

export function ownSection(view: View): TemplateResult {
  const { t, own, actions } = view;
  return html`<details
    class="card own-section"
    @toggle=${(event: Event) => {
      if ((event.target as HTMLDetailsElement).open) actions.needOwn();
    }}
  >
    <summary><h2>${t('own.title')}</h2></summary>
    ${own.now?.draw(view)} ${own.pending ? html`<p class="hint">${t('results.loading')}</p>` : nothing}
    ${own.failed ? html`<p class="stale-note">${t('own.failed')}</p>` : nothing}
  </details>`;
}
