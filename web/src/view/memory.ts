/** Where the memory of one GPU goes. */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import type { Answer, Memory } from '../engine/types';
import { inWords } from '../format/units';
import type { Key } from '../i18n';
import type { View } from './context';

interface Part {
  readonly label: Key;
  readonly bytes: number;
  readonly fill: string;
}

/** With those of encoders and of the model that drafts. */
const weightBytes = ({ weight_bytes, tower_bytes, draft_bytes = 0 }: Memory): number =>
  weight_bytes + tower_bytes + draft_bytes;

const partsOf = (memory: Memory): readonly Part[] => [
  { label: 'memory.weights', bytes: weightBytes(memory), fill: 'fill-weights' },
  { label: 'memory.kv', bytes: memory.kv_bytes, fill: 'fill-kv' },
  { label: 'memory.activations', bytes: memory.activation_bytes, fill: 'fill-activations' },
  { label: 'memory.other', bytes: memory.other_bytes, fill: 'fill-other' },
];

export function memorySection(view: View, { result: { memory, deployment } }: Answer): TemplateResult {
  const { t, format } = view;
  const parts = partsOf(memory);
  const shown = (bytes: number): string => inWords(format.bytes(bytes));
  const row = (label: string, bytes: number, fill?: string): TemplateResult =>
    html`<tr>
      <th scope="row">
        ${fill === undefined ? nothing : html`<span class="swatch ${fill}" aria-hidden="true"></span>`}${label}
      </th>
      <td>${shown(bytes)}</td>
      <td>${inWords(format.gibibytes(bytes))}</td>
    </tr>`;
  return html`<section class="card" aria-labelledby="memory-title">
    <h2 id="memory-title">${t('memory.title')}</h2>
    ${bar(view, memory, parts)} ${memory.fits ? nothing : html`<p class="hint">${t('memory.limit')}</p>`}
    <table class="figures">
      <thead>
        <tr>
          <th scope="col">${t('memory.part')}</th>
          <th scope="col">${t('memory.decimal')}</th>
          <th scope="col">${t('memory.binary')}</th>
        </tr>
      </thead>
      <tbody>
        ${parts.map(({ label, bytes, fill }) => row(t(label), bytes, fill))}
        ${row(t('memory.free'), memory.free_bytes, 'fill-free')}
      </tbody>
      <tfoot>
        ${row(t('memory.capacity'), memory.capacity_bytes)} ${row(t('memory.usable'), memory.usable_bytes)}
      </tfoot>
    </table>
    <p class="hint">${steps(view, memory, deployment)}</p>
    <dl class="facts">
      ${
        memory.fits
          ? nothing
          : fact(t('memory.missing'), shown(memory.missing_bytes), t('memory.missing.change'))
      }
      ${fact(t('memory.pool'), shown(memory.kv_pool_bytes))}
      ${fact(
        t('memory.blocks'),
        format.count(memory.kv_blocks),
        t('memory.blocks.size', { count: format.count(memory.kv_block_tokens) }),
      )}
      ${memory.draft_bytes === undefined || memory.draft_bytes === 0 ? nothing : fact(t('memory.draft'), shown(memory.draft_bytes))}
      ${memory.host_bytes === undefined ? nothing : fact(t('memory.host'), shown(memory.host_bytes))}
      ${memory.state_bytes === 0 ? nothing : fact(t('memory.states'), shown(memory.state_bytes))}
      ${fact(t('memory.maxConcurrency'), format.count(memory.max_concurrency))}
      ${fact(t('memory.maxContext'), t('tokens', { count: format.count(memory.max_context_tokens) }))}
      ${fact(t('memory.kvCapacity'), t('tokens', { count: format.count(memory.kv_capacity_tokens) }))}
    </dl>
  </section>`;
}

/** What the peak of a step is for, and what "other" is made of. */
function steps({ t, format }: View, memory: Memory, deployment: Answer['result']['deployment']): string {
  const shown = (bytes: number): string => inWords(format.bytes(bytes));
  const peak = t('memory.steps', {
    tokens: format.count(deployment.max_batched_tokens),
    sequences: format.count(deployment.max_sequences),
  });
  if (memory.communication_bytes + memory.graph_bytes === 0) return peak;
  const other = t('memory.otherParts', {
    runtime: shown(memory.runtime_bytes),
    communication: shown(memory.communication_bytes),
    graphs: shown(memory.graph_bytes),
  });
  return `${peak} ${other}`;
}

export const fact = (label: string, value: string, more?: string): TemplateResult =>
  html`<div>
    <dt>${label}</dt>
    <dd>${value}${more === undefined ? nothing : html` <span class="more">${more}</span>`}</dd>
  </div>`;

function bar({ t, format }: View, memory: Memory, parts: readonly Part[]): TemplateResult {
  const whole = Math.max(memory.used_bytes, memory.capacity_bytes);
  const percent = (bytes: number): number => (bytes / whole) * 100;
  let from = 0;
  const segments = parts.map(({ bytes, fill }) => {
    const start = from;
    from += percent(bytes);
    return svg`<rect class=${fill} x="${start}%" y="0" width="${percent(bytes)}%" height="28"></rect>`;
  });
  const described = parts.map(({ label, bytes }) => `${t(label)} ${inWords(format.bytes(bytes))}`).join(', ');
  return html`<svg
    class="memory-bar"
    role="img"
    aria-label=${t('memory.bar', { parts: described })}
    height="40"
  >
    <rect class="track" x="0" y="0" width="100%" height="28"></rect>
    ${segments}
    ${
      memory.fits
        ? nothing
        : svg`<line class="limit" x1="${percent(memory.capacity_bytes)}%" x2="${percent(memory.capacity_bytes)}%"
          y1="0" y2="40"></line>`
    }
  </svg>`;
}
