/** What a simulation gives, in words, tables and charts. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Estimate } from '../engine/types';
import { inWords, type Quantify } from '../format/units';
import { engineText } from '../i18n';
import type { Inputs } from '../inputs';
import { rangeText } from '../view/answer';
import { sourceBadge } from '../view/basis';
import type { View } from '../view/context';
import { sentence } from '../view/field';
import { curveSection } from './curve';
import { textOf } from './fields';
import type { Say, TextKey } from './texts';
import { toMeet } from './to-meet';
import type {
  Banded,
  Capacity,
  Distributed,
  Few,
  NextLimit,
  Point,
  Pools,
  Simulated,
  Simulation,
} from './types';

/** What was asked, which the page may have left behind. */
export interface Asked {
  readonly inputs: Inputs;
  /** The page's answer to it. */
  readonly estimate: Estimate;
}

export function results(
  view: View,
  say: Say,
  { result, notes }: Simulated,
  { inputs, estimate }: Asked,
): TemplateResult {
  const { capacity } = result;
  const next = nextLimit(view, say, result.service.next_limit);
  const times = timesAt(view, say, textOf(inputs.load, 'statistic'));
  const unfit = notes.find(({ code }) => code === 'does_not_fit');
  return html`${unfit ? html`<p class="stale-note">${sentence(engineText(view.language, unfit).message)}</p>` : nothing}
    <p class="callout">
      ${has(notes, 'not_settled') ? say('grows') : verdict(view, say, result, estimate)} ${next}
      ${capacity?.keeps === true ? say('keeps') : nothing}
    </p>
    ${
      capacity === undefined
        ? nothing
        : html`${toMeet(view, say, capacity, { inputs, estimate }, times)}
          ${capacitySection(view, say, capacity, times)}`
    }
    ${timesTable(view, say, result, isEndless(notes))} ${throughput(view, say, result)}
    ${inside(view, say, result)} ${poolsSection(view, say, result.service.pools)}
    ${curveSection(view, say, result, inputs.load)} ${notesList(view, say, notes)}`;
}

/** A share of the time that would be shown as 0 %. */
const HARDLY = 0.005;

/** What limits, in one sentence. */
function verdict({ format }: View, say: Say, { service }: Simulation, { deployment }: Estimate): string {
  const { stable, limited_by: by, waiting_for: waiting, saturation_requests_per_s: most, pools } = service;
  const limited = (): string => {
    if (by === 'users' || by === 'request_rate') return say(`keepsUp.${by}`);
    if (by === 'transfer') return say('limited.transfer');
    // Full steps bind where nobody waits for them too: all who ask are in them.
    if (by === 'compute' && waiting.compute < HARDLY) return say('limited.steps');
    return say(`limited.${by}`, {
      share: format.percent(waiting[by]),
      count: format.count(deployment.max_sequences),
    });
  };
  if (stable) return limited();
  const unstable = say('unstable', { rate: inWords(format.requestsPerSecond(most?.value ?? 0)) });
  // Of instances apart, the shares are averages; which of them are full is said below.
  return pools === undefined ? `${unstable} ${limited()}` : unstable;
}

/** What would limit in its place, and from when on. */
function nextLimit({ format }: View, say: Say, next: NextLimit | null | undefined): string {
  if (!next) return '';
  const { limited_by: by, sequences, requests_per_s: rate = 0 } = next;
  const most =
    sequences === undefined
      ? inWords(format.requestsPerSecond(rate))
      : say('next.running', { count: format.count(sequences) });
  return say('next', { limit: say(`next.${by}`), most });
}

type TimesAt = (at: Point) => string;

/** At what the limits are of; a point has fewer percentiles than limits may be at. */
function timesAt({ format }: View, say: Say, statistic: string): TimesAt {
  const shown = isFew(statistic) ? statistic : 'p95';
  const time = (of: Few): string => inWords(format.time(of[shown]));
  const name = shown === 'mean' ? say('times.mean') : shown.toUpperCase();
  return (at) => {
    const times = [`TTFT ${time(at.ttft_s)}`, ...(at.tpot_s ? [`TPOT ${time(at.tpot_s)}`] : [])];
    return say('capacity.at', { times: times.join(' · '), name });
  };
}

function capacitySection(view: View, say: Say, { rate, users }: Capacity, times: TimesAt): TemplateResult {
  const { format } = view;
  const most = inWords(format.requestsPerSecond(rate.requests_per_s));
  const counted = (count: string): string => say('capacity.count', { count });
  const tile = (label: string, value: string, range: string, at: Point | undefined): TemplateResult =>
    html`<div class="tile">
      <dt>${label}</dt>
      <dd>
        ${
          at === undefined
            ? say('capacity.none')
            : html`<span class="value">${value}</span> <span class="range">${range}</span>
                <span class="why">${times(at)}</span>`
        }
      </dd>
    </div>`;
  return html`<h3>${say('capacity')}</h3>
    <dl class="tiles">
      ${tile(say('capacity.rate'), most, rangeText({ ...rate, value: rate.requests_per_s }, format.requestsPerSecond), rate.at)}
      ${tile(
        say('capacity.users'),
        counted(format.count(users.users)),
        counted(`${format.count(users.low)} – ${format.count(users.high)}`),
        users.at,
      )}
    </dl>`;
}

const isFew = (statistic: string): statistic is keyof Few =>
  ['mean', 'p50', 'p95', 'p99'].includes(statistic);

const percentiles = ['p50', 'p90', 'p95', 'p99'] as const;

function timesTable(view: View, say: Say, result: Simulation, endless: boolean): TemplateResult {
  const { time } = view.format;
  const columns: readonly (readonly [string, TextKey, Distributed | null])[] = [
    ['TTFT', 'times.ttft', result.ttft_s],
    ['TPOT', 'times.tpot', result.tpot_s],
    ['ITL', 'times.itl', result.itl_s],
    [say('times.latency'), 'times.latency.what', result.latency_s],
  ];
  const bandOf = (of: Distributed): string =>
    endless && (of === result.ttft_s || of === result.latency_s)
      ? say('times.endless', { low: inWords(time(of.low)) })
      : bandText(of, time);
  return html`<h3>${say('times')}</h3>
    <table class="figures load-times">
      <thead>
        <tr>
          <td></td>
          ${columns.map(
            ([name, what]) =>
              html`<th scope="col">
                <span class="main">${name}</span> <span class="more">${say(what)}</span>
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">${say('times.mean')}</th>
          ${columns.map(([, , of]) =>
            of === null
              ? html`<td>–</td>`
              : html`<td>
                  <span class="main">${inWords(time(of.value))}</span>
                  <span class="more">${bandOf(of)}</span>
                </td>`,
          )}
        </tr>
        ${percentiles.map(
          (name) =>
            html`<tr>
              <th scope="row">${name.toUpperCase()}</th>
              ${columns.map(([, , of]) => html`<td>${of === null ? '–' : inWords(time(of[name]))}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
    <p class="hint">${say('times.hint')}${result.tpot_s === null ? html` ${say('noTokens')}` : nothing}</p>`;
}

/** At the slow end of the band the queue grows as long as one looks. */
const isEndless = (notes: Simulated['notes']): boolean => has(notes, 'band_not_stable');

const has = (notes: Simulated['notes'], code: string): boolean => notes.some((note) => note.code === code);

/** Each end in a unit of its own where the band is that wide. */
function bandText(of: Banded, show: Quantify): string {
  const [low, high] = [show(of.low), show(of.high)];
  return low.unit === high.unit ? rangeText(of, show) : `${inWords(low)} – ${inWords(high)}`;
}

function throughput(view: View, say: Say, result: Simulation): TemplateResult {
  const { format } = view;
  const most = result.service.saturation_requests_per_s;
  const rows: readonly (readonly [TextKey, Banded, Quantify])[] = [
    ['throughput.requests', result.requests_per_s, format.requestsPerSecond],
    ['throughput.output', result.output_tokens_per_s, format.tokensPerSecond],
    ['throughput.total', result.total_tokens_per_s, format.tokensPerSecond],
    ['throughput.outputPerGpu', result.output_tokens_per_s_per_gpu, format.tokensPerSecond],
    ['throughput.totalPerGpu', result.total_tokens_per_s_per_gpu, format.tokensPerSecond],
    ...(most === undefined ? [] : [['throughput.saturation', most, format.requestsPerSecond] as const]),
  ];
  return html`<h3>${say('throughput')} ${sourceBadge(view, result.requests_per_s.source)}</h3>
    <dl class="facts">
      ${rows.map(
        ([label, banded, show]) =>
          html`<div>
            <dt>${say(label)}</dt>
            <dd>${inWords(show(banded.value))} <span class="more">${rangeText(banded, show)}</span></dd>
          </div>`,
      )}
    </dl>`;
}

function inside({ format }: View, say: Say, { service }: Simulation): TemplateResult {
  const { utilisation, waiting_for: waiting } = service;
  const reasons = (['kv_cache', 'max_sequences', 'compute'] as const)
    .filter((name) => waiting[name] >= 0.005)
    .map((name) => say(`inside.waiting.${name}`, { share: format.percent(waiting[name]) }));
  const rows: readonly (readonly [TextKey, string])[] = [
    ['inside.running', format.plain(service.running)],
    ['inside.queue', format.plain(Math.max(service.queue, 0))],
    ['inside.waiting', reasons.length === 0 ? say('inside.waiting.none') : reasons.join(' · ')],
    ['inside.busy', format.percent(utilisation.busy)],
    ['inside.kv', format.percent(utilisation.kv_cache)],
    ['inside.steps', format.percent(utilisation.step_tokens)],
    ['inside.preemptions', format.count(service.preemptions)],
  ];
  return html`<h3>${say('inside')}</h3>
    <dl class="facts">
      ${rows.map(
        ([label, text]) =>
          html`<div>
            <dt>${say(label)}</dt>
            <dd>${text}</dd>
          </div>`,
      )}
    </dl>`;
}

/** Prefill and decode on instances of their own: what each could serve, and what hands over. */
function poolsSection({ format }: View, say: Say, pools: Pools | undefined): TemplateResult | typeof nothing {
  if (pools === undefined) return nothing;
  const { bound_by: bound, next_bound: next, transfer } = pools;
  const most = (of: Banded | null): string =>
    of === null ? '–' : inWords(format.requestsPerSecond(of.value));
  const heads = ['instances', 'most', 'busy', 'kv'] as const;
  return html`<h3>${say('pools')}</h3>
    <p class="hint">
      ${say(`pools.bound.${bound}`)}
      ${
        next
          ? say(`pools.next.${next.bound_by}`, {
              rate: inWords(format.requestsPerSecond(next.requests_per_s)),
            })
          : nothing
      }
    </p>
    <div class="scroll" role="region" tabindex="0" aria-label=${say('pools')}>
      <table class="figures pools">
        <thead>
          <tr>
            <td></td>
            ${heads.map((head) => html`<th scope="col">${say(`pools.${head}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${(['prefill', 'decode'] as const).map((name) => {
            const { instances, gpus, saturation_requests_per_s, utilisation } = pools[name];
            return html`<tr>
              <th scope="row">${say(`pools.${name}`)}</th>
              <td>${say('pools.size', { instances: format.count(instances), gpus: format.count(gpus) })}</td>
              <td>${most(saturation_requests_per_s)}</td>
              <td>${format.percent(utilisation.busy)}</td>
              <td>${format.percent(utilisation.kv_cache)}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    <p class="hint">
      ${say(`pools.transfer.${transfer.over}`, {
        bytes: inWords(format.bytes(transfer.bytes_per_gpu)),
        time: inWords(format.time(transfer.mean_s)),
        most: most(transfer.saturation_requests_per_s),
      })}
    </p>`;
}

/** Those that the page does not show anyway, and that the sentence on what limits does not say. */
function notesList(view: View, say: Say, notes: Simulated['notes']): TemplateResult | typeof nothing {
  const known = new Set(['not_stable', 'not_settled', ...(view.answer?.notes ?? []).map(({ code }) => code)]);
  const own = notes.filter(({ code }) => !known.has(code));
  if (own.length === 0) return nothing;
  return html`<div class="notes">
    <h3>${say('notes')}</h3>
    <ul>
      ${own.map((note) => html`<li>${engineText(view.language, note).message}</li>`)}
    </ul>
  </div>`;
}
