/** What a simulation gives, in words, tables and charts. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { inWords, type Quantify } from '../format/units';
import { engineText } from '../i18n';
import { rangeText } from '../view/answer';
import { sourceBadge } from '../view/basis';
import type { View } from '../view/context';
import { curveSection } from './curve';
import type { Say, TextKey } from './texts';
import type { Banded, Capacity, Distributed, Point, Simulated, Simulation } from './types';

export function results(view: View, say: Say, { result, notes }: Simulated): TemplateResult {
  return html`<p class="callout">${verdict(view, say, result)}</p>
    ${result.capacity === undefined ? nothing : capacitySection(view, say, result.capacity)}
    ${timesTable(view, say, result)} ${throughput(view, say, result)} ${inside(view, say, result)}
    ${curveSection(view, say, result)} ${notesList(view, say, notes)}`;
}

/** What limits, in one sentence. */
function verdict({ format, answer }: View, say: Say, { service }: Simulation): string {
  const { stable, limited_by: by, waiting_for: waiting, saturation_requests_per_s: most } = service;
  if (!stable) return say('unstable', { rate: inWords(format.requestsPerSecond(most?.value ?? 0)) });
  if (by === 'users' || by === 'request_rate') return say(`keepsUp.${by}`);
  return say(`limited.${by}`, {
    share: format.percent(waiting[by]),
    count: format.count(answer?.result.deployment.max_sequences ?? 0),
  });
}

function capacitySection(view: View, say: Say, { rate, users }: Capacity): TemplateResult {
  const { format } = view;
  return html`<h3>${say('capacity')}</h3>
    <dl class="tiles">
      ${capacityTile(view, say, 'capacity.rate', rate.at, inWords(format.requestsPerSecond(rate.requests_per_s)))}
      ${capacityTile(
        view,
        say,
        'capacity.users',
        users.at,
        say('capacity.users.count', { count: format.count(users.users) }),
      )}
    </dl>`;
}

function capacityTile(
  { format }: View,
  say: Say,
  label: TextKey,
  at: Point | undefined,
  most: string,
): TemplateResult {
  const time = (seconds: number): string => inWords(format.time(seconds));
  return html`<div class="tile">
    <dt>${say(label)}</dt>
    <dd>
      ${
        at === undefined
          ? say('capacity.none')
          : html`<span class="value">${most}</span>
              <span class="why"
                >${
                  at.tpot_s === null
                    ? say('capacity.at.ttft', { ttft: time(at.ttft_s.p95) })
                    : say('capacity.at', { ttft: time(at.ttft_s.p95), tpot: time(at.tpot_s.p95) })
                }</span
              >`
      }
    </dd>
  </div>`;
}

const percentiles = ['p50', 'p90', 'p95', 'p99'] as const;

function timesTable(view: View, say: Say, result: Simulation): TemplateResult {
  const rows: readonly (readonly [string, TextKey, Distributed | null])[] = [
    ['TTFT', 'times.ttft', result.ttft_s],
    ['TPOT', 'times.tpot', result.tpot_s],
    ['ITL', 'times.itl', result.itl_s],
    ['', 'times.latency', result.latency_s],
  ];
  return html`<h3 id="load-times">${say('times')}</h3>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="load-times">
      <table class="figures load-times">
        <thead>
          <tr>
            <th scope="col">${say('times.metric')}</th>
            <th scope="col">${say('times.mean')}</th>
            ${percentiles.map((name) => html`<th scope="col">${name.toUpperCase()}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([short, label, of]) =>
              html`<tr>
                <th scope="row">
                  ${short === '' ? nothing : html`<span class="main">${short}</span>`}
                  <span class=${short === '' ? 'main' : 'more'}>${say(label)}</span>
                </th>
                ${timeCells(view, of)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="hint">${say('times.hint')}${result.tpot_s === null ? html` ${say('noTokens')}` : nothing}</p>`;
}

function timeCells(view: View, of: Distributed | null): TemplateResult {
  const { time } = view.format;
  if (of === null)
    return html`<td>–</td>
      ${percentiles.map(() => html`<td>–</td>`)}`;
  return html`<td>
      <span class="main">${inWords(time(of.value))}</span>
      <span class="more">${rangeText(of, time)}</span>
    </td>
    ${percentiles.map((name) => html`<td>${inWords(time(of[name]))}</td>`)}`;
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

/** Those that the page does not show anyway, and that the sentence on what limits does not say. */
function notesList(view: View, say: Say, notes: Simulated['notes']): TemplateResult | typeof nothing {
  const known = new Set(['not_stable', ...(view.answer?.notes ?? []).map(({ code }) => code)]);
  const own = notes.filter(({ code }) => !known.has(code));
  if (own.length === 0) return nothing;
  return html`<div class="notes">
    <h3>${say('notes')}</h3>
    <ul>
      ${own.map((note) => html`<li>${engineText(view.language, note).message}</li>`)}
    </ul>
  </div>`;
}
