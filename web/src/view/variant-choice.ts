/** The formats in which a listed model is published: choosing one sets the format of the weights. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { weightTypes, type WeightType } from '../inputs';
import { modelFiles } from '../presets';
import type { View } from './context';

export function variantChoice(view: View): TemplateResult | typeof nothing {
  const { t, inputs, actions } = view;
  const variants = modelFiles.now(inputs.modelPreset ?? '')?.variants ?? [];
  // AWQ and GPTQ are the same to an estimate: one button for both.
  const names = new Map<WeightType, readonly string[]>();
  for (const { name, weights } of variants) {
    const type = weightTypes.find((one) => one === weights);
    if (type !== undefined) names.set(type, [...(names.get(type) ?? []), name]);
  }
  if (names.size === 0) return nothing;
  const choice = (name: string, type: WeightType): TemplateResult =>
    html`<button
      type="button"
      class="chip"
      aria-pressed=${String(inputs.weights === type)}
      @click=${() => {
        actions.change({ weights: type });
      }}
    >
      ${name}
    </button>`;
  return html`<div class="buttons chips" role="group" aria-labelledby="variants">
    <p class="hint" id="variants">${t('form.variants')}</p>
    ${choice(t('form.variants.original'), 'auto')}
    ${[...names].map(([type, list]) => choice(list.join(' / '), type))}
  </div>`;
}
