/** The changes with which the limits are kept, as the engine found them, and the inputs that they stand for. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Estimate } from '../engine/types';
import { inWords } from '../format/units';
import type { Inputs } from '../inputs';
import type { View } from '../view/context';
import { formatName } from '../view/names';
import { withText } from './fields';
import type { Say } from './texts';
import type { Capacity, MeetChange, Point } from './types';

type Load = Inputs['load'];
type Deployment = Pick<Estimate['deployment'], 'gpus' | 'tp' | 'dp'>;

/** inputs, deployment: of the simulation that the change was proposed by. */
export function changed(
  inputs: Inputs,
  { gpus, tp, dp }: Deployment,
  { change, value }: MeetChange,
  load: Load = inputs.load,
): Partial<Inputs> {
  const text = String(value);
  const times = (growth: number): Partial<Inputs> => ({
    gpus: String(gpus * growth),
    ...grown(inputs.nodes, growth),
  });
  switch (change) {
    case 'kv_cache':
      return { kvCache: text as Inputs['kvCache'] };
    case 'dp':
      return { dp: text, ...times(Number(value) / dp) };
    case 'tp':
      return times(Number(value) / tp);
    case 'prefill_instances':
      return { load: withText(load, 'prefillInstances', text) };
    case 'decode_instances':
      return { load: withText(load, 'decodeInstances', text) };
    case 'concurrency':
      return { concurrency: text };
    case 'request_rate':
      return { load: withText(load, 'requestRate', text) };
  }
}

/** Nodes that were asked for; where they would not be whole, as few as the link joins. */
function grown(nodes: string, growth: number): Partial<Inputs> {
  if (nodes.trim() === '') return {};
  const count = Number(nodes) * growth;
  return { nodes: Number.isInteger(count) ? String(count) : '' };
}

/** times: what a change leads to, in short. */
export function toMeet(
  view: View,
  say: Say,
  { keeps, to_meet: changes = [], tried = [] }: Capacity,
  { inputs, estimate }: { readonly inputs: Inputs; readonly estimate: Estimate },
  times: (at: Point) => string,
): TemplateResult | typeof nothing {
  if (keeps !== false) return nothing;
  const apply = (change: MeetChange): void => {
    const { actions, inputs: now } = view;
    actions.change(changed(inputs, estimate.deployment, change, now.load));
    // The button that had the focus goes with the answer.
    document.querySelector<HTMLElement>('.under-load > summary')?.focus({ preventScroll: true });
  };
  const list = tried.map((change) => changeText(view, say, change)).join(view.t('comma'));
  return html`<div class="changes">
      <p id="meet-title">${say(changes.length === 0 ? 'meet.none' : 'meet')}</p>
      ${
        changes.length === 0
          ? nothing
          : html`<div class="buttons" role="group" aria-labelledby="meet-title">
              ${changes.map(
                (change) =>
                  html`<button
                    type="button"
                    @click=${() => {
                      apply(change);
                    }}
                  >
                    ${startingLarge(changeText(view, say, change))}
                    ${change.at === undefined ? nothing : html`<span class="more">${times(change.at)}</span>`}
                  </button>`,
              )}
            </div>`
      }
    </div>
    ${list === '' ? nothing : html`<p class="hint">${say('meet.tried', { list })}</p>`}`;
}

/** On a button; in a list of them it starts small. */
const startingLarge = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function changeText(view: View, say: Say, { change, value, gpus }: MeetChange): string {
  const { format } = view;
  const shown = (): string => {
    if (typeof value === 'string') return formatName(view, value);
    return change === 'request_rate' ? inWords(format.requestsPerSecond(value)) : format.count(value);
  };
  return say(`meet.${change}`, { value: shown(), gpus: format.count(gpus) });
}
