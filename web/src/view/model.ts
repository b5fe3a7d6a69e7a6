/** The model itself: its parameters, and what it keeps in memory for each token and each sequence. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Answer, Description } from '../engine/types';
import { inWords } from '../format/units';
import { modelName } from './answer';
import type { View } from './context';
import { fact } from './memory';
import { aboutModel } from './model-about';
import { modelDetails } from './model-details';
import { ffnName, formatName, mixerName, traitMeaning, traitName } from './names';

export function modelSection(view: View, { result }: Answer): TemplateResult {
  const { t } = view;
  const { model } = result;
  return html`<section class="card" aria-labelledby="model-title">
    <h2 id="model-title">${t('model.title', { model: modelName(view, result) })}</h2>
    ${aboutModel(view)} ${traits(view, model)}
    <dl class="facts">
      ${parameterFacts(view, model)} ${layersFact(view, model)} ${cacheFacts(view, model)}
      ${fact(
        t('model.weights', { format: formatName(view, model.weights) }),
        inWords(view.format.bytes(model.weight_bytes)),
      )}
      ${
        model.max_context_tokens === null
          ? nothing
          : fact(t('model.context'), t('tokens', { count: view.format.count(model.max_context_tokens) }))
      }
    </dl>
    ${modelDetails(view, model)}
  </section>`;
}

/** Labels, each explained on hover; the details below explain them to everyone else. */
function traits(view: View, { traits: codes }: Description): TemplateResult | typeof nothing {
  if (codes.length === 0) return nothing;
  return html`<ul class="traits" aria-label=${view.t('model.traits')}>
    ${codes.map((code) => html`<li title=${traitMeaning(view, code) ?? nothing}>${traitName(view, code)}</li>`)}
  </ul>`;
}

function parameterFacts({ t, format }: View, model: Description): TemplateResult {
  const parameters = (count: number): string =>
    `${format.count(count)} (${inWords(format.parameters(count))})`;
  const withoutEmbedding = t('model.withoutEmbedding', {
    count: parameters(model.active_parameters_without_embedding),
  });
  // A dense model runs all it has.
  if (model.active_parameters === model.total_parameters) {
    return fact(t('model.total'), parameters(model.total_parameters), withoutEmbedding);
  }
  return html`${fact(t('model.total'), parameters(model.total_parameters))}
  ${fact(t('model.active'), parameters(model.active_parameters), withoutEmbedding)}`;
}

/** "40" and "30 × Gated DeltaNet, 10 × GQA"; layers without a mixer are named after their FFN. */
function layersFact(view: View, { layers, layer_table }: Description): TemplateResult {
  const { t, format } = view;
  const counts = new Map<string, number>();
  for (const row of layer_table) {
    const name = mixerName(view, row) ?? ffnName(view, row) ?? '–';
    counts.set(name, (counts.get(name) ?? 0) + row.count);
  }
  const kinds = [...counts].map(([name, count]) => `${format.count(count)}\u00a0×\u00a0${name}`);
  const list = kinds.join(t('comma'));
  return kinds.length === 1
    ? fact(t('model.layers'), list)
    : fact(t('model.layers'), format.count(layers), list);
}

function cacheFacts(view: View, model: Description): TemplateResult {
  const { t, format } = view;
  const perToken = (bytes: number): string => t('model.perToken', { bytes: format.count(bytes) });
  const grows = model.kv_bytes_per_token_growing;
  const growing =
    grows === model.kv_bytes_per_token ? undefined : t('model.kvGrowing', { bytes: format.count(grows) });
  return html`${fact(
    t('model.kv', { format: formatName(view, model.kv_cache) }),
    perToken(model.kv_bytes_per_token),
    growing,
  )}
  ${
    model.indexer_bytes_per_token > 0
      ? fact(t('model.indexer'), perToken(model.indexer_bytes_per_token))
      : nothing
  }
  ${
    model.state_bytes_per_sequence > 0
      ? fact(t('model.state'), inWords(format.bytes(model.state_bytes_per_sequence)), t('model.state.why'))
      : nothing
  }`;
}
