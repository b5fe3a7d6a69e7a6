/** Everything that can be chosen or typed. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { kvCacheTypes, overlaps, servingEngines, versionLength, weightGroups, type Inputs } from '../inputs';
import { unconfirmedFigures } from './accelerator';
import { configField } from './config-field';
import type { View } from './context';
import { customAccelerator, refusedFile } from './custom-accelerator';
import { errorOf, selectField, textField, type Option } from './field';
import { engineName, formatName } from './names';
import { acceleratorPicker, modelPicker } from './pickers';
import { priceField } from './price-field';
import { speculationFields } from './speculation';
import { variantChoice } from './variant-choice';

type NumberInput =
  | 'inputTokens'
  | 'outputTokens'
  | 'concurrency'
  | 'gpus'
  | 'pp'
  | 'dp'
  | 'ep'
  | 'nodes'
  | 'expertSkew'
  | 'memoryFraction'
  | 'offloadWeights'
  | 'offloadKv'
  | 'utilisation';

export function form(view: View): TemplateResult {
  const { t, inputs, actions } = view;
  const number = (
    id: NumberInput,
    label: string,
    more: { unit?: string; hint?: string; placeholder?: string; inputmode?: 'decimal' } = {},
  ): TemplateResult =>
    textField(view, {
      id,
      label,
      ...more,
      value: inputs[id],
      onInput: (text) => {
        actions.change({ [id]: text });
      },
    });
  return html`<form
    class="form"
    aria-label=${t('form.label')}
    @submit=${(event: Event) => {
      event.preventDefault();
    }}
  >
    ${errorOf(view, 'form')}
    <div class="form-group">${modelPicker(view)} ${variantChoice(view)} ${configField(view)}</div>
    <div class="form-group">
      <div class="row accelerator-row">${acceleratorPicker(view)} ${number('gpus', t('form.gpus'))}</div>
      ${unconfirmedFigures(view)}
      <p class="hint">${t('form.gpus.hint')}</p>
      ${refusedFile(view)} ${inputs.acceleratorPreset === null ? customAccelerator(view) : nothing}
      ${priceField(view)}
    </div>
    <div class="form-group">
      <div class="row thirds">
        ${number('inputTokens', t('form.input'))} ${number('outputTokens', t('form.output'))}
        ${number('concurrency', t('form.batch'))}
      </div>
      <p class="hint">${t('form.workload.hint')}</p>
    </div>
    <details class="form-group" ?open=${isSpread(inputs)}>
      <summary>${t('form.layout')} ${layout(view)}</summary>
      <div class="row halves">
        ${number('dp', t('form.dp'), { hint: t('form.dp.hint') })}
        ${number('pp', t('form.pp'), { hint: t('form.pp.hint') })}
        ${number('ep', t('form.ep'), { hint: t('form.ep.hint') })}
        ${number('nodes', t('form.nodes'), { placeholder: t('form.nodes.auto'), hint: t('form.nodes.hint') })}
        ${
          inputs.ep !== '1' || inputs.overlap !== 'none' || inputs.expertSkew !== '1'
            ? html`${overlapField(view)}
              ${number('expertSkew', t('form.expertSkew'), { hint: t('form.expertSkew.hint'), inputmode: 'decimal' })}`
            : nothing
        }
      </div>
    </details>
    <details
      class="form-group"
      ?open=${inputs.speculation !== '' || isOffloaded(inputs) || window.matchMedia('(min-width: 60rem)').matches}
    >
      <summary>${t('form.more')}</summary>
      <div class="row halves">
        ${engineField(view)} ${versionField(view)} ${weightsField(view)} ${kvCacheField(view)}
        ${number('memoryFraction', t('form.memoryFraction'), { unit: '%', hint: t('form.memoryFraction.hint') })}
        ${number('utilisation', t('form.utilisation'), { unit: '%', hint: t('form.utilisation.hint') })}
      </div>
      ${
        // Such layers llama.cpp computes on the processor, so it is refused there.
        inputs.engine !== 'llama.cpp' || isOffloaded(inputs)
          ? html`<div class="row halves">
              ${(['offloadWeights', 'offloadKv'] as const).map((id) =>
                number(id, t(`form.${id}`), {
                  unit: 'GiB',
                  placeholder: '0',
                  hint: t(`form.${id}.hint`),
                  inputmode: 'decimal',
                }),
              )}
            </div>`
          : nothing
      }
      ${speculationFields(view)}
    </details>
    <div class="form-actions">
      <button type="button" class="quiet" @click=${actions.reset}>${t('form.reset')}</button>
    </div>
  </form>`;
}

/** What the GPUs come to, which no field has in full. */
function layout({ t, answer, problem }: View): TemplateResult | typeof nothing {
  if (answer === null || problem !== null || answer.result.deployment.gpus === 1) return nothing;
  const { tp, pp, dp, ep, nodes } = answer.result.deployment;
  const parts = [`TP ${tp}`, ...(pp > 1 ? [`PP ${pp}`] : []), ...(dp > 1 ? [`DP ${dp}`] : [])];
  const over = [...(ep > 1 ? [`EP ${ep}`] : []), ...(nodes > 1 ? [`${t('form.nodes')} ${nodes}`] : [])];
  return html`<span class="hint">${[parts.join(' × '), ...over].join(' · ')}</span>`;
}

const isSpread = ({ pp, dp, ep, nodes, overlap, expertSkew }: Inputs): boolean =>
  pp !== '1' || dp !== '1' || ep !== '1' || nodes !== '' || overlap !== 'none' || expertSkew !== '1';

const isOffloaded = ({ offloadWeights, offloadKv }: Inputs): boolean =>
  offloadWeights !== '' || offloadKv !== '';

function overlapField(view: View): TemplateResult {
  const { t, inputs, actions } = view;
  const flags = { vllm: '--enable-dbo', sglang: '--enable-two-batch-overlap' } as const;
  const flag =
    inputs.engine === 'vllm' || inputs.engine === 'sglang'
      ? t('form.flag', { engine: engineName(view, inputs.engine), flag: flags[inputs.engine] })
      : t('form.overlap.hint');
  return selectField(view, {
    id: 'overlap',
    label: t('form.overlap'),
    hint: flag,
    value: inputs.overlap,
    options: overlaps.map((value) => ({ value, label: t(`form.overlap.${value}`) })),
    onChange: (overlap) => {
      actions.change({ overlap: overlap as Inputs['overlap'] });
    },
  });
}

function engineField(view: View): TemplateResult {
  return selectField(view, {
    id: 'engine',
    label: view.t('form.engine'),
    value: view.inputs.engine,
    options: servingEngines.map((value) => ({ value, label: engineName(view, value) })),
    onChange: (engine) => {
      view.actions.change({ engine: engine as Inputs['engine'] });
    },
  });
}

function versionField(view: View): TemplateResult | typeof nothing {
  const { t, inputs, actions } = view;
  if (inputs.engine === 'generic') return nothing;
  return textField(view, {
    id: 'engineVersion',
    label: t('form.engineVersion'),
    value: inputs.engineVersion,
    inputmode: 'text',
    placeholder: t('form.engineVersion.newest'),
    maxlength: versionLength,
    onInput: (engineVersion) => {
      actions.change({ engineVersion });
    },
  });
}

function weightsField(view: View): TemplateResult {
  const { t, inputs, storedWeights } = view;
  const option = (value: string): Option => ({
    value,
    label: value === 'int4' ? t('form.weights.int4') : formatName(view, value),
  });
  return selectField(view, {
    id: 'weights',
    label: t('form.weights'),
    value: inputs.weights,
    options: [
      { value: 'auto', label: automatic(view, storedWeights, t('form.weights.auto')) },
      ...weightGroups.map(({ id, types }) => ({
        group: t(`form.weights.${id}`),
        options: types.map(option),
      })),
    ],
    onChange: (weights) => {
      view.actions.change({ weights: weights as Inputs['weights'] });
    },
  });
}

function kvCacheField(view: View): TemplateResult {
  const { t, inputs, answer, problem } = view;
  // Where the config asks for no format, the cache is kept in that of the activations.
  const stated = problem === null ? (answer?.result.model.checkpoint_kv_cache ?? null) : null;
  return selectField(view, {
    id: 'kvCache',
    label: t('form.kvCache'),
    value: inputs.kvCache,
    options: kvCacheTypes.map((value) => ({
      value,
      label: value === 'auto' ? automatic(view, stated, t('form.kvCache.auto')) : formatName(view, value),
    })),
    onChange: (kvCache) => {
      view.actions.change({ kvCache: kvCache as Inputs['kvCache'] });
    },
  });
}

/** What leaving it to the config comes to. */
const automatic = (view: View, format: string | null, unknown: string): string =>
  format === null ? unknown : view.t('form.auto', { format: formatName(view, format) });
