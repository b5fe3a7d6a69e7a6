/** The answer: whether it fits, and the numbers one came for. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Answer, Change, Cost, Estimate, Quantity } from '../engine/types';
import { inWords, type Quantify } from '../format/units';
import type { Key } from '../i18n';
import { basisOf, missingBasis, sourceBadge } from './basis';
import type { View } from './context';
import { formatName } from './names';
import { ownFactors } from './own';
import { sourceLink } from './source';

export function modelName(view: View, { model }: Estimate): string {
  if (model.name === '') return view.t('model.unnamed', { architecture: model.architecture });
  return view.answeredModel?.name ?? model.name;
}

export function verdict(view: View, result: Estimate): string {
  const { t } = view;
  return t(result.memory.fits ? 'answer.fits' : 'answer.doesNotFit', {
    model: modelName(view, result),
    gpus: result.deployment.gpus,
    accelerator: result.accelerator.name.trim() === '' ? t('custom.unnamed') : result.accelerator.name,
  });
}

/** One sentence for those who hear the page. */
export function summary(view: View, { result }: Answer): string {
  const { t, format } = view;
  const times = [
    `TTFT ${inWords(format.time(result.ttft_s.value))}`,
    ...(result.tpot_s ? [`TPOT ${inWords(format.time(result.tpot_s.value))}`] : []),
    t('answer.summary.users', { users: format.count(result.memory.max_concurrency) }),
  ];
  return `${verdict(view, result)} ${times.join(', ')}`;
}

interface Tile {
  readonly label: Key;
  readonly term?: string;
  readonly quantity: Quantity | null;
  readonly show: Quantify;
}

export function answerSection(view: View, { result }: Answer): TemplateResult {
  const { t, format } = view;
  const { memory } = result;
  const inBytes = (value: number): string => inWords(format.bytes(value, memory.capacity_bytes));
  const tiles: readonly Tile[] = [
    { label: 'answer.ttft', term: 'TTFT', quantity: result.ttft_s, show: format.time },
    { label: 'answer.tpot', term: 'TPOT', quantity: result.tpot_s, show: format.time },
    { label: 'answer.perUser', quantity: result.tokens_per_s_per_user, show: format.tokensPerSecond },
    { label: 'answer.throughput', quantity: result.output_tokens_per_s, show: format.tokensPerSecond },
    { label: 'answer.latency', quantity: result.latency_s, show: format.time },
  ];
  return html`<section class="card answer" aria-labelledby="answer-title">
    <div class="verdict ${memory.fits ? 'fits' : 'does-not-fit'}">
      <span class="mark" aria-hidden="true">${memory.fits ? '✓' : '✕'}</span>
      <div>
        <h2 id="answer-title">${verdict(view, result)}</h2>
        <p>
          ${t(memory.fits ? 'answer.memory.fits' : 'answer.memory.doesNotFit', {
            used: inBytes(memory.used_bytes),
            capacity: inBytes(memory.capacity_bytes),
            missing: inBytes(memory.missing_bytes),
          })}
        </p>
      </div>
    </div>
    ${memory.fits ? nothing : changes(view, memory.to_fit)}
    ${memory.fits ? nothing : html`<p class="hint">${t('answer.asIf')}</p>`} ${missingBasis(view)}
    ${ownFactors(view, result)}
    <dl class="tiles">
      ${tiles.map((tile) => quantityTile(view, tile))}
      <div class="tile">
        <dt>${t('answer.users')}</dt>
        <dd>
          <span class="value">${format.count(memory.max_concurrency)}</span>
          <span class="why">${t('answer.users.why')}</span>
        </dd>
      </div>
      ${result.cost === undefined ? nothing : costTile(view, result.cost)}
    </dl>
    ${result.workload.concurrency > 1 ? staticBatch(view, result.workload.concurrency) : nothing}
    <p class="hint">${t('answer.band')}</p>
    ${basisOf(view, result)}
  </section>`;
}

/** What the estimate is of, and where a service of users who come and go is simulated. */
function staticBatch({ t, format, inputs, actions }: View, concurrency: number): TemplateResult {
  return html`<p class="hint">
    ${t('answer.batch', { count: format.count(concurrency) })}
    <button
      type="button"
      class="as-link"
      @click=${() => {
        actions.change({ load: { ...inputs.load, ul: '1' } });
        const title = document.querySelector<HTMLElement>('.under-load > summary');
        title?.scrollIntoView({ block: 'start' });
        title?.focus({ preventScroll: true });
      }}
    >
      ${t('answer.batch.load')}
    </button>
  </p>`;
}

function quantityTile(view: View, { label, term, quantity, show }: Tile): TemplateResult {
  const { t } = view;
  return html`<div class="tile">
    <dt>${t(label)}${term === undefined ? nothing : html` <abbr>${term}</abbr>`}</dt>
    <dd>
      ${
        quantity === null
          ? html`<span class="value">–</span> <span class="why">${t('answer.undefined')}</span>`
          : html`${valueWithUnit(show(quantity.value))}
              <span class="range">${rangeText(quantity, show)}</span>
              <span class="why">${t(`bound.${quantity.bound}`)} ${sourceBadge(view, quantity.source)}</span>`
      }
    </dd>
  </div>`;
}

function costTile({ t, format }: View, cost: Cost): TemplateResult {
  const { currency, per_million_output_tokens, per_million_tokens, source, date = '', reference } = cost;
  const amount = (value: number): string => `${format.money(value)} ${currency}`;
  const price = amount(cost.price_per_hour);
  return html`<div class="tile wide">
    <dt>${t('answer.cost')}</dt>
    <dd>
      ${valueWithUnit({ number: format.money(per_million_output_tokens), unit: currency })}
      <span class="range">${t('answer.cost.all', { cost: amount(per_million_tokens) })}</span>
      <span class="why"
        >${source === 'request' ? t('answer.cost.yours', { price }) : t('answer.cost.listed', { price, date })}${
          reference === undefined ? nothing : html` · ${sourceLink(reference)}`
        }</span
      >
    </dd>
  </div>`;
}

const valueWithUnit = ({ number, unit }: { number: string; unit: string }): TemplateResult =>
  html`<span class="value">${number}<span class="unit"> ${unit}</span></span>`;

type Band = Pick<Quantity, 'value' | 'low' | 'high'>;

export const rangeText = ({ value, low, high }: Band, show: Quantify): string =>
  `${show(low, value).number} – ${inWords(show(high, value))}`;

function changes(view: View, list: readonly Change[]): TemplateResult {
  const { t, actions } = view;
  if (list.length === 0) return html`<p>${t('answer.nothingFits')}</p>`;
  return html`<div class="changes">
    <p id="changes-title">${t('answer.toFit')}</p>
    <div class="buttons" role="group" aria-labelledby="changes-title">
      ${list.map(
        (change) =>
          html`<button
            type="button"
            @click=${() => {
              actions.apply(change);
            }}
          >
            ${changeText(view, change)}
            <span class="more">${whatFollows(view, change)}</span>
          </button>`,
      )}
    </div>
  </div>`;
}

/** What is then left of the memory, or how slow what makes room for itself is. */
const whatFollows = ({ t, format }: View, { free_bytes, tpot_s }: Change): string =>
  tpot_s === undefined
    ? t('change.leaves', { free: inWords(format.bytes(free_bytes)) })
    : `(TPOT ${inWords(format.time(tpot_s))})`;

function changeText(view: View, { change, value, gpus }: Change): string {
  const { t, format } = view;
  const shown = typeof value === 'number' ? format.count(value) : formatName(view, value);
  switch (change) {
    case 'tp':
      return t('change.tp', { value: format.count(gpus ?? 0) });
    case 'weights':
      return t('change.weights', { value: shown });
    case 'kv_cache':
      return t('change.kvCache', { value: shown });
    case 'concurrency':
      return t('change.concurrency', { value: shown });
    case 'context_tokens':
      return t('change.context', { value: shown });
    case 'offload':
      return t('change.offload', { value: inWords(format.gibibytes(Number(value))) });
    default:
      return `${change}: ${shown}`;
  }
}
