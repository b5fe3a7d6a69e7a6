/** Speculative decoding: how tokens are drafted, how many, and how many of them the model accepts. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { draftMethods, type Inputs } from '../inputs';
import { catalogue, modelFiles } from '../presets';
import type { View } from './context';
import { selectField, textField, type Option } from './field';
import { engineName } from './names';

export function speculationFields(view: View): TemplateResult {
  const { t, format, inputs, actions } = view;
  const { speculation } = inputs;
  const own = view.problem === null ? view.answer?.result.deployment.speculative : undefined;
  const gain = own && t('form.acceptance.gain', { count: format.plain(own.tokens_per_step) });
  // What the model's own layers do is known: then the fields may be left empty.
  const known = (value: number | undefined): { placeholder?: string } =>
    speculation === 'mtp' && value !== undefined ? { placeholder: format.plain(value) } : {};
  return html`<div class="row">
      ${methodField(view)} ${speculation === 'draft_model' ? draftModelField(view) : nothing}
    </div>
    ${
      speculation === ''
        ? nothing
        : html`<div class="row halves">
              ${textField(view, {
                id: 'draftTokens',
                label: t('form.draftTokens'),
                hint: t('form.draftTokens.hint'),
                ...known(own?.draft_tokens),
                value: inputs.draftTokens,
                onInput: (draftTokens) => {
                  actions.change({ draftTokens });
                },
              })}
              ${textField(view, {
                id: 'acceptance',
                label: t('form.acceptance'),
                unit: '%',
                hint: [t('form.acceptance.hint'), gain ?? ''].join(' ').trim(),
                ...known(own && own.acceptance * 100),
                value: inputs.acceptance,
                inputmode: 'decimal',
                onInput: (acceptance) => {
                  actions.change({ acceptance });
                },
              })}
            </div>
            ${flags(view)}`
    }`;
}

function methodField(view: View): TemplateResult {
  const { t, inputs, answer, actions } = view;
  // A model without such layers is not offered them, but a link may ask for them.
  const hasMtp = (answer?.result.model.mtp_parameters ?? 0) > 0 || inputs.speculation === 'mtp';
  return selectField(view, {
    id: 'speculation',
    label: t('form.speculation'),
    value: inputs.speculation,
    options: [
      { value: '', label: t('form.speculation.none') },
      ...draftMethods
        .filter((method) => method !== 'mtp' || hasMtp)
        .map((method) => ({ value: method, label: t(`form.speculation.${method}`) })),
    ],
    onChange: (speculation) => {
      if (speculation === 'draft_model') {
        actions.needList();
        modelFiles.prepare();
      }
      actions.change({ speculation: speculation as Inputs['speculation'] });
    },
  });
}

/** A list of the browser's own: a draft is one of a few small models, which their makers' names lead to. */
function draftModelField(view: View): TemplateResult {
  const { t, inputs, actions } = view;
  const models = catalogue.now?.models ?? [];
  const makers = [...new Set(models.map(({ maker }) => maker))];
  const isListed = models.some(({ id }) => id === inputs.draftModel);
  const now: Option = {
    value: inputs.draftModel,
    label: inputs.draftModel === '' ? t('form.draftModel.none') : inputs.draftModel,
  };
  const status = catalogue.failed ? t('picker.failed') : t('picker.loading');
  return selectField(view, {
    id: 'draftModel',
    label: t('form.draftModel'),
    hint: catalogue.now === undefined ? status : t('form.draftModel.hint'),
    value: inputs.draftModel,
    options: [
      ...(isListed ? [] : [now]),
      ...makers.map((maker) => ({
        group: maker,
        options: models
          .filter((model) => model.maker === maker)
          .map(({ id, name }) => ({ value: id, label: name })),
      })),
    ],
    onFocus: actions.needList,
    onChange: (draftModel) => {
      actions.change({ draftModel });
    },
  });
}

/** As the chosen engine is told so (vLLM's features/speculative_decoding, SGLang's advanced_features). */
function flags(view: View): TemplateResult | typeof nothing {
  const { engine, speculation, draftTokens } = view.inputs;
  const echoed = view.problem === null ? view.answer?.result.deployment.speculative : undefined;
  const count = echoed?.draft_tokens ?? Number(draftTokens);
  if (!Number.isInteger(count) || count < 1) return nothing;
  const text = engine === 'vllm' ? forVllm(view, count) : engine === 'sglang' ? forSglang(view, count) : '';
  return text === '' || speculation === ''
    ? nothing
    : html`<p class="hint flags">${engineName(view, engine)}: <code>${text}</code></p>`;
}

function forVllm(view: View, num_speculative_tokens: number): string {
  const { speculation: method } = view.inputs;
  const model = method === 'draft_model' ? { model: repository(view) } : {};
  return `--speculative-config '${JSON.stringify({ method, ...model, num_speculative_tokens })}'`;
}

function forSglang(view: View, count: number): string {
  const { speculation } = view.inputs;
  if (speculation === 'ngram') return '--speculative-algorithm NGRAM';
  const draft =
    speculation === 'mtp' ? 'NEXTN' : `STANDALONE --speculative-draft-model-path ${repository(view)}`;
  const chain = `--speculative-num-steps ${String(count)} --speculative-eagle-topk 1`;
  // What it counts as drafted is all that a step verifies, the model's own token included.
  return `--speculative-algorithm ${draft} ${chain} --speculative-num-draft-tokens ${String(count + 1)}`;
}

/** "meta-llama/Llama-3.2-1B": where the draft is published. */
function repository({ inputs }: View): string {
  const hub = modelFiles.now(inputs.draftModel)?.links?.['hub'] ?? inputs.draftModel;
  return hub.replace(/^https:\/\/[^/]+\//, '');
}
