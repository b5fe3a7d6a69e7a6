/** Which operators the time of a prefill and of a decode step goes to. */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import type { Answer, Bound, Estimate, Operator, Phase } from '../engine/types';
import { inWords } from '../format/units';
import { lookUp } from '../i18n';
import { sourceBadge } from './basis';
import type { View } from './context';

/** A model with experts has some thirty operators, and most take no time to speak of. */
const shownAtFirst = 8;

const operatorCount = ({ phases }: Estimate): number =>
  Math.max(phases.prefill.operators.length, phases.decode.operators.length);

export function operatorsSection(view: View, { result }: Answer): TemplateResult {
  const { t } = view;
  return html`<section class="card" aria-labelledby="operators-title">
    <h2 id="operators-title">${t('operators.title')}</h2>
    <p class="legend">
      ${(['compute', 'memory', 'link', 'overhead'] as const).map((bound) => legend(view, bound))}
    </p>
    ${phase(view, 'prefill', result.phases.prefill)} ${phase(view, 'decode', result.phases.decode)}
    <p class="hint">${t('operators.hint')} ${tokensOfStep(view, result)}</p>
    <button
      type="button"
      class="quiet"
      aria-expanded=${String(view.allOperators)}
      @click=${view.actions.toggleOperators}
    >
      ${view.allOperators ? t('operators.fewer') : t('operators.all', { count: operatorCount(result) })}
    </button>
  </section>`;
}

/** Why a step takes another time than TPOT. */
const tokensOfStep = ({ t, format }: View, { deployment: { speculative } }: Estimate): string =>
  speculative ? t('operators.speculative', { count: format.plain(speculative.tokens_per_step) }) : '';

const legend = ({ t }: View, bound: Bound): TemplateResult =>
  html`<span><span class="swatch fill-${bound}" aria-hidden="true"></span>${t(`short.${bound}`)}</span> `;

function phase(view: View, name: 'prefill' | 'decode', { operators, ...sums }: Phase): TemplateResult {
  const { t, format } = view;
  const longest = Math.max(...operators.map(({ time_s }) => time_s));
  const sorted = operators.toSorted((a, b) => b.time_s - a.time_s);
  const shown = view.allOperators ? sorted : sorted.slice(0, shownAtFirst);
  const time = (seconds: number): string => inWords(format.time(seconds));
  const heads = ['name', 'time', 'bound', 'source', 'count', 'flops', 'bytes', 'shape'] as const;
  return html`<h3 id="${name}-title">
      ${t(`operators.${name}`)} <span class="sum">${time(sums.time_s)}</span>
    </h3>
    <p class="parts">
      ${t('operators.parts', {
        compute: time(sums.compute_s),
        memory: time(sums.memory_s),
        link: time(sums.link_s),
        overhead: time(sums.overhead_s),
      })}
      ${sums.overlapped_s === undefined ? nothing : t('operators.overlapped', { time: time(sums.overlapped_s) })}
      ${bottleneck(view, sums)}
    </p>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="${name}-title">
      <table class="operators">
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${t(`operators.${head}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map((operator) => row(view, operator, longest))}
        </tbody>
      </table>
    </div>`;
}

/** What binds, and what it would bring to improve that. */
function bottleneck(
  { t, format }: View,
  { bound, next_bound: next }: Omit<Phase, 'operators'>,
): TemplateResult | typeof nothing {
  if (!next?.speedup) return nothing;
  const params = {
    bound: t(`short.${bound}`),
    speedup: format.plain(next.speedup),
    next: t(`short.${next.bound}`),
  };
  return html`<span class="bottleneck">${t('operators.bottleneck', params)}</span>`;
}

function row(view: View, operator: Operator, longest: number): TemplateResult {
  const { t, format, language } = view;
  const width = longest === 0 ? 0 : (operator.time_s / longest) * 100;
  return html`<tr>
    <th scope="row">
      ${lookUp(language, `operator.${operator.name}`) ?? operator.name.replaceAll('_', ' ')}
    </th>
    <td>
      <span class="bar-cell">
        <svg class="bar" aria-hidden="true" height="12">
          ${svg`<rect class="fill-${operator.bound}" x="0" y="0" width="${width}%" height="12" rx="2"></rect>`}
        </svg>
        <span class="number">${inWords(format.time(operator.time_s))}</span>
      </span>
    </td>
    <td>${t(`short.${operator.bound}`)}</td>
    <td>${sourceBadge(view, operator.source)}</td>
    <td class="number">${format.count(operator.count)}</td>
    <td class="number">${inWords(format.flops(operator.flops))}</td>
    <td class="number">${inWords(format.bytes(operator.bytes))}</td>
    <td class="shape">${operator.shape}</td>
  </tr>`;
}
