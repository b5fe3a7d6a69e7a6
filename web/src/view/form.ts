/** Everything that can be chosen or typed. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { kvCacheTypes, weightTypes } from '../inputs';
import { accelerators, models } from '../presets';
import type { PresetEntry } from '../presets/types';
import { configField } from './config-field';
import type { View } from './context';
import { customAccelerator } from './custom-accelerator';
import { errorOf, selectField, textField, type Option } from './field';

const own = 'own';

type Grouped = { readonly group: string; readonly options: readonly Option[] };

function byMaker(entries: readonly PresetEntry[]): readonly Grouped[] {
  const groups = Map.groupBy(entries, ({ maker }) => maker);
  return [...groups].map(([group, members]) => ({
    group,
    options: members.map(({ id, name }) => ({ value: id, label: name })),
  }));
}

const modelGroups = byMaker(models);
const acceleratorGroups = byMaker(accelerators);

type NumberInput = 'inputTokens' | 'outputTokens' | 'concurrency' | 'gpus' | 'memoryFraction' | 'utilisation';

export function form(view: View): TemplateResult {
  const { t, inputs, actions } = view;
  const number = (
    id: NumberInput,
    label: string,
    more: { unit?: string; hint?: string } = {},
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
    <div class="form-group">
      ${selectField(view, {
        id: 'model',
        label: t('form.model'),
        value: inputs.modelPreset ?? own,
        options: [{ value: own, label: t('form.model.own') }, ...modelGroups],
        onChange: (id) => {
          actions.chooseModel(id === own ? null : id);
        },
      })}
      ${configField(view)}
    </div>
    <div class="form-group">
      <div class="row accelerator-row">
        ${selectField(view, {
          id: 'accelerator',
          label: t('form.accelerator'),
          value: inputs.acceleratorPreset ?? own,
          options: [{ value: own, label: t('form.accelerator.own') }, ...acceleratorGroups],
          onChange: (id) => {
            actions.chooseAccelerator(id === own ? null : id);
          },
        })}
        ${number('gpus', t('form.gpus'))}
      </div>
      <p class="hint">${t('form.gpus.hint')}</p>
      ${inputs.acceleratorPreset === null ? customAccelerator(view) : nothing}
    </div>
    <div class="form-group">
      <div class="row thirds">
        ${number('inputTokens', t('form.input'))} ${number('outputTokens', t('form.output'))}
        ${number('concurrency', t('form.batch'))}
      </div>
      <p class="hint">${t('form.workload.hint')}</p>
    </div>
    <details class="form-group" ?open=${window.matchMedia('(min-width: 60rem)').matches}>
      <summary>${t('form.more')}</summary>
      <div class="row halves">
        ${dtypeField(view, 'weights', t('form.weights'), weightTypes)}
        ${dtypeField(view, 'kvCache', t('form.kvCache'), kvCacheTypes)}
        ${number('memoryFraction', t('form.memoryFraction'), { unit: '%', hint: t('form.memoryFraction.hint') })}
        ${number('utilisation', t('form.utilisation'), { unit: '%', hint: t('form.utilisation.hint') })}
      </div>
    </details>
    <div class="form-actions">
      <button type="button" class="quiet" @click=${actions.reset}>${t('form.reset')}</button>
    </div>
  </form>`;
}

function dtypeField(
  view: View,
  id: 'weights' | 'kvCache',
  label: string,
  types: readonly string[],
): TemplateResult {
  const auto = view.t(id === 'weights' ? 'form.weights.auto' : 'form.kvCache.auto');
  return selectField(view, {
    id,
    label,
    value: view.inputs[id],
    options: types.map((value) => ({ value, label: value === 'auto' ? auto : value.toUpperCase() })),
    onChange: (value) => {
      view.actions.change({ [id]: value });
    },
  });
}
