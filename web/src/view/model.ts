/** The model itself: its parameters and what one token keeps in the KV cache. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Answer, Description } from '../engine/types';
import { inWords } from '../format/units';
import type { View } from './context';
import { fact } from './memory';
import { modelName } from './answer';

const parts = [
  'embedding',
  'attention',
  'ffn',
  'experts',
  'shared_experts',
  'router',
  'norms',
  'lm_head',
] as const satisfies readonly (keyof Description['parameters'])[];

export function modelSection(view: View, { result }: Answer): TemplateResult {
  const { t, format } = view;
  const { model } = result;
  const parameters = (count: number): string =>
    `${format.count(count)} (${inWords(format.parameters(count))})`;
  const perToken = (bytes: number): string => t('model.perToken', { bytes: format.count(bytes) });
  const layers = model.layer_table
    .map(({ attention, ffn, count }) => `${count} × ${attention.toUpperCase()} + ${ffn}`)
    .join('; ');
  return html`<section class="card" aria-labelledby="model-title">
    <h2 id="model-title">${t('model.title', { model: modelName(view, result) })}</h2>
    <dl class="facts">
      ${fact(t('model.total'), parameters(model.total_parameters))}
      ${
        model.active_parameters === model.total_parameters
          ? nothing
          : fact(t('model.active'), parameters(model.active_parameters))
      }
      ${fact(t('model.kv', { dtype: model.kv_cache }), perToken(model.kv_bytes_per_token))}
      ${
        model.kv_bytes_per_token === model.kv_bytes_per_token_growing
          ? nothing
          : fact(t('model.kvGrowing'), perToken(model.kv_bytes_per_token_growing))
      }
      ${fact(t('model.weights', { dtype: model.weights }), inWords(format.bytes(model.weight_bytes)))}
      ${fact(t('model.architecture'), model.architecture)} ${fact(t('model.layers'), layers)}
      ${fact(t('model.hidden'), format.count(model.hidden_size))}
      ${fact(t('model.vocabulary'), format.count(model.vocabulary))}
      ${
        typeof model.max_context_tokens === 'number'
          ? fact(t('model.context'), t('tokens', { count: format.count(model.max_context_tokens) }))
          : nothing
      }
    </dl>
    <details>
      <summary>${t('model.byPart')}</summary>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">${t('model.part')}</th>
            <th scope="col">${t('model.parameters')}</th>
          </tr>
        </thead>
        <tbody>
          ${parts
            .filter((part) => model.parameters[part] > 0)
            .map(
              (part) =>
                html`<tr>
                  <th scope="row">${t(`part.${part}`)}</th>
                  <td>${format.count(model.parameters[part])}</td>
                </tr>`,
            )}
        </tbody>
      </table>
    </details>
  </section>`;
}
