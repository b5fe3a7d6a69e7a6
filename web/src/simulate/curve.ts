/** Throughput and waiting against the number of users: three small charts, and the same as a table. */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { inWords, type Quantify } from '../format/units';
import type { Inputs } from '../inputs';
import type { View } from '../view/context';
import { textOf } from './fields';
import type { Say } from './texts';
import type { CurvePoint, Simulation } from './types';

interface Line {
  readonly name: string;
  /** Of the page's marks of charts. */
  readonly colour: 'first' | 'second';
  readonly values: readonly number[];
}

interface Chart {
  readonly title: string;
  readonly users: readonly number[];
  readonly lines: readonly Line[];
  readonly show: Quantify;
  /** What the values must not exceed. */
  readonly limit: number | null;
  /** The number of users that the rest of the section is about. */
  readonly now: number | null;
}

export function curveSection(
  view: View,
  say: Say,
  { curve = [], workload }: Simulation,
  load: Inputs['load'],
): TemplateResult {
  const { format } = view;
  const think = Number(workload['think_time_s'] ?? 0);
  const users = curve.map((point) => point.users);
  const concurrency = Number(workload['concurrency']);
  const now = users.length > 1 && concurrency >= (users[0] ?? 0) && concurrency <= (users.at(-1) ?? 0);
  const limitOf = (field: 'ttftLimit' | 'tpotLimit'): number | null => {
    const text = textOf(load, field).trim();
    return text === '' ? null : Number(text) / 1000;
  };
  const times = (read: (point: CurvePoint) => { mean: number; p95: number } | null): readonly Line[] => {
    const points = curve.map(read).filter((point) => point !== null);
    if (points.length < curve.length) return [];
    return [
      { name: say('curve.mean'), colour: 'first', values: points.map(({ mean }) => mean) },
      { name: say('curve.p95'), colour: 'second', values: points.map(({ p95 }) => p95) },
    ];
  };
  const common = { users, now: now ? concurrency : null };
  const charts: readonly Chart[] = [
    {
      ...common,
      title: say('curve.throughput'),
      lines: [{ name: '', colour: 'first', values: curve.map((point) => point.output_tokens_per_s) }],
      show: format.tokensPerSecond,
      limit: null,
    },
    {
      ...common,
      title: say('curve.tpot'),
      lines: times(({ tpot_s }) => tpot_s),
      show: format.time,
      limit: limitOf('tpotLimit'),
    },
    {
      ...common,
      title: say('curve.ttft'),
      lines: times(({ ttft_s }) => ttft_s),
      show: format.time,
      limit: limitOf('ttftLimit'),
    },
  ];
  const thinking = think > 0 && workload['request_rate'] === undefined;
  return html`<h3>${say('curve')}</h3>
    <p class="hint">
      ${thinking ? say('curve.hint.think', { think: inWords(format.time(think)) }) : say('curve.hint')}
    </p>
    <div class="load-charts">
      ${charts.filter(({ lines }) => lines.length > 0).map((chart) => drawn(view, say, chart))}
    </div>
    <details>
      <summary>${say('curve.table')}</summary>
      ${table(view, say, curve)}
    </details>`;
}

/** In units of the drawing, which is as wide as its column. */
const width = 280;
const height = 150;
const left = 46;
const right = width - 12;
const top = 10;
const bottom = height - 24;

/** The first of 1, 2, 2.5, 5, 10, … that is not less. */
export function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value * (1 - 1e-9)) ?? value;
}

function drawn(view: View, say: Say, chart: Chart): TemplateResult {
  const { users, lines, show, limit, now, title } = chart;
  const largest = Math.max(...lines.flatMap(({ values }) => values));
  // A limit far above everything would flatten it.
  const limitShown = limit !== null && limit > 0 && limit <= 3 * largest;
  const most = ceiling(Math.max(largest, limitShown ? limit : 0) || 1);
  const first = users[0] ?? 1;
  const span = Math.log((users.at(-1) ?? 1) / first) || 1;
  const x = (count: number): number =>
    users.length === 1 ? (left + right) / 2 : left + ((right - left) * Math.log(count / first)) / span;
  const y = (value: number): number => bottom - ((bottom - top) * value) / most;
  const ticks = [0, most / 2, most];
  const every = Math.ceil(users.length / 7);
  const [main] = lines;
  const label = say('curve.label', {
    name: title,
    from: inWords(show(main?.values[0] ?? 0)),
    to: inWords(show(main?.values.at(-1) ?? 0)),
    first: view.format.count(first),
    last: view.format.count(users.at(-1) ?? 1),
  });
  return html`<figure>
    <figcaption>
      ${title}
      <span class="legend">
        ${lines
          .filter(({ name }) => name !== '')
          .map(
            ({ name, colour }) => html`<span><i class="key ${colour}" aria-hidden="true"></i>${name}</span>`,
          )}
        ${limitShown ? html`<span><i class="key limit" aria-hidden="true"></i>${say('curve.limit')}</span>` : nothing}
      </span>
    </figcaption>
    <svg class="load-chart" viewBox="0 0 ${width} ${height}" role="img" aria-label=${label}>
      ${ticks.map(
        (tick) =>
          svg`<line class="grid" x1=${left} x2=${right} y1=${y(tick)} y2=${y(tick)}></line>
          <text x=${left - 6} y=${y(tick) + 4} text-anchor="end">${tickText(view, show, tick, most)}</text>`,
      )}
      ${now === null ? nothing : svg`<line class="now" x1=${x(now)} x2=${x(now)} y1=${top} y2=${bottom}></line>`}
      ${limitShown ? svg`<line class="limit" x1=${left} x2=${right} y1=${y(limit)} y2=${y(limit)}></line>` : nothing}
      ${lines.map(({ values, colour }) => {
        const points = values.map((value, place) => [x(users[place] ?? 1), y(value)] as const);
        return svg`<polyline class=${colour} points=${points.map((point) => point.join(',')).join(' ')}></polyline>
          ${points.map(([cx, cy]) => svg`<circle class=${colour} cx=${cx} cy=${cy} r="3"></circle>`)}`;
      })}
      ${users.map((count, place) =>
        place % every === 0
          ? svg`<text x=${x(count)} y=${height - 8} text-anchor="middle">${view.format.count(count)}</text>`
          : nothing,
      )}
    </svg>
  </figure>`;
}

/** Short, as the column is narrow: in the unit of the largest, and without what the title says. */
function tickText({ format }: View, show: Quantify, tick: number, most: number): string {
  const { unit } = show(most);
  const text = format.plain(tick / (unitSizes[unit] ?? 1));
  return tick === 0 || unit === 'tok/s' ? text : `${text} ${unit}`;
}

const unitSizes: Readonly<Record<string, number>> = { ms: 1e-3, µs: 1e-6 };

function table({ format }: View, say: Say, curve: readonly CurvePoint[]): TemplateResult {
  const time = (seconds: number): string => inWords(format.time(seconds));
  const heads = [
    say('curve.users'),
    say('curve.throughput'),
    say('curve.requests'),
    `${say('curve.tpot')} (${say('curve.mean')})`,
    `${say('curve.tpot')} (${say('curve.p95')})`,
    `${say('curve.ttft')} (${say('curve.mean')})`,
    `${say('curve.ttft')} (${say('curve.p95')})`,
  ];
  return html`<div class="scroll" role="region" tabindex="0" aria-label=${say('curve')}>
    <table class="figures load-curve">
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${curve.map(
          (point) =>
            html`<tr>
              <th scope="row">${format.count(point.users)}</th>
              <td>${format.tokensPerSecond(point.output_tokens_per_s).number}</td>
              <td>${format.requestsPerSecond(point.requests_per_s).number}</td>
              <td>${point.tpot_s === null ? '–' : time(point.tpot_s.mean)}</td>
              <td>${point.tpot_s === null ? '–' : time(point.tpot_s.p95)}</td>
              <td>${time(point.ttft_s.mean)}</td>
              <td>${time(point.ttft_s.p95)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
