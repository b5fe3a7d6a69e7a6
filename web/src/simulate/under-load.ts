/**
 * What the section "Under load" shows once it is opened: the load, how the simulation is coming along, and its
 * last answer. Everything here, with its texts, styles and the simulator, is loaded when a reader asks for it.
 */
import { html, nothing, type TemplateResult } from 'lit-html';
import { index } from 'virtual:calibrations';
import { Background } from '../engine/background';
import type { EngineError } from '../engine/types';
import type { Lazy } from '../presets/lazy';
import { commandLine, requestForCommandLine, requestForEngine } from '../request';
import { adopt } from '../style/adopt';
import type { View } from '../view/context';
import { sentence } from '../view/field';
import { fieldError } from '../view/field-error';
import { controls, loadUnits } from './controls';
import { loadFields } from './fields';
import { loadFieldOf, simulateRequest } from './request';
import { results, type Asked } from './results';
import styles from './under-load.css?inline';
import { Simulator, type Done, type Job, type Status } from './simulator';
import { sayIn, texts, type Say } from './texts';

/** A job, and what the page answered to the same inputs. */
type Answered = Job & Asked;

type Content = (view: View, isOpen: boolean) => TemplateResult | typeof nothing;

/** The section's drawing, which is called whenever the page is drawn. */
export function loadContent(): Content {
  adopt(styles);

  let redraw = (): void => undefined;
  const simulator = new Simulator<Answered>(new Background(), () => {
    redraw();
  });
  const jobs = new Jobs();

  return (view, isOpen) => {
    redraw = view.actions.redraw;
    simulator.want(isOpen ? jobs.of(view) : null);
    if (!isOpen) return nothing;
    const own = texts[view.language];
    if (own.now === undefined) return arriving(view, own);
    const say = sayIn(own.now);
    const withProblem = problemOf(view, simulator.status);
    return html`<p class="hint">${say('intro')}</p>
      ${controls(withProblem, say)} ${statusBar(withProblem, say, simulator)}
      ${answerOf(view, say, simulator)}`;
  };
}

function arriving({ t, actions }: View, own: Lazy<unknown>): TemplateResult {
  if (!own.failed) own.load().then(actions.redraw, actions.redraw);
  return html`<p role="status">${t(own.failed ? 'notice.part' : 'results.loading')}</p>`;
}

/** What the page's answer asks of the simulator; made anew only when it is another answer. */
class Jobs {
  #job: Answered | null = null;
  #for: readonly unknown[] = [];

  of({ answered, answer, presets, calibration }: View): Answered | null {
    const measured = calibration?.text.now;
    const from = [answered, presets, measured];
    if (from.every((one, place) => one === this.#for[place])) return this.#job;
    this.#for = from;
    this.#job =
      answered === null || answer === null || presets === null
        ? null
        : {
            inputs: answered,
            estimate: answer.result,
            calibrations: measured === undefined ? [index] : [index, measured],
            request: JSON.stringify(simulateRequest(requestForEngine(answered, presets), answered.load)),
          };
    return this.#job;
  }
}

/** With what the simulator has to say of a field, in place of what the engine says of it elsewhere. */
function problemOf(view: View, status: Status): View {
  const { problem, inputs } = view;
  const units = loadUnits;
  if (problem !== null) {
    const field = problem.field === 'concurrency' ? 'users' : problem.field;
    return { ...view, units, problem: { ...problem, field } };
  }
  if (status.kind !== 'refused') return { ...view, units };
  const { error } = status;
  return { ...view, units, problem: { field: loadFieldOf(error, inputs), error } };
}

function statusBar(view: View, say: Say, simulator: Simulator<Answered>): TemplateResult {
  const { status, done } = simulator;
  // What the page itself refuses is not asked of the simulator.
  const isHeld = status.kind === 'idle' && view.problem !== null;
  const isStale = simulator.isStale || (isHeld && done !== null);
  const button = (label: 'again' | 'cancel'): TemplateResult =>
    html`<button
      type="button"
      @click=${() => {
        simulator[label]();
      }}
    >
      ${say(label)}
    </button>`;
  const isBad = isHeld || status.kind === 'refused' || status.kind === 'stopped';
  return html`<div class="load-status">
    <p role="status" class=${isBad ? 'error' : ''}>
      ${isHeld ? say('refused') : statusText(view, say, simulator)} ${isStale ? say('stale') : ''}
    </p>
    ${
      status.kind === 'running'
        ? html`<progress max="1" .value=${status.progress} aria-label=${say('running')}></progress>
            ${button('cancel')}`
        : nothing
    }
    ${status.kind === 'cancelled' || status.kind === 'stopped' ? button('again') : nothing}
    ${done === null || status.kind !== 'idle' || isStale ? nothing : shareButtons(view, say, done)}
  </div>`;
}

function statusText(view: View, say: Say, { status, done }: Simulator<Answered>): string {
  switch (status.kind) {
    case 'running':
      return say('running');
    case 'cancelled':
      return say('cancelled');
    case 'refused':
      return refusal(view, say, status.error);
    case 'stopped':
      return say('stopped', { reason: status.reason });
    case 'idle': {
      if (done === null) return '';
      const { requests, duration_s, pools } = done.answer.result.service;
      const { dp, pp } = done.job.estimate.deployment;
      // Replicas are alike, and so are the micro-batches of stages: one of them is simulated.
      const parts = pools === undefined ? dp * pp : 1;
      return say(parts === 1 ? 'done' : 'done.part', {
        requests: view.format.count(requests),
        duration: durationOf(view, say, duration_s),
        parts: view.format.count(parts),
      });
    }
  }
}

/** What is wrong stands beside its field, where the section has that. */
function refusal(view: View, say: Say, error: EngineError): string {
  const field = loadFieldOf(error, view.inputs);
  if (field === 'users' || Object.hasOwn(loadFields, field)) return say('refused');
  const { message, hint } = fieldError(view, field, error);
  return [message, hint]
    .filter((text) => text !== '')
    .map(sentence)
    .join(' ');
}

function durationOf({ format }: View, say: Say, seconds: number): string {
  const count = (size: number): string => format.plain(seconds / size);
  if (seconds < 120) return say('duration.seconds', { count: count(1) });
  if (seconds < 7200) return say('duration.minutes', { count: count(60) });
  return say('duration.hours', { count: count(3600) });
}

function shareButtons({ actions }: View, say: Say, { job, answer }: Done<Answered>): TemplateResult {
  const command = (): void => {
    const request = simulateRequest(requestForCommandLine(job.inputs), job.inputs.load);
    actions.copy(commandLine(request, 'simulate'), 'copied.command');
  };
  const json = (): void => {
    actions.copy(JSON.stringify(answer, null, 2), 'copied.json');
  };
  return html`<div class="buttons">
    <button type="button" @click=${json}>${say('json')}</button>
    <button type="button" @click=${command}>${say('command')}</button>
  </div>`;
}

function answerOf(
  view: View,
  say: Say,
  { done, isStale }: Simulator<Answered>,
): TemplateResult | typeof nothing {
  if (done === null) return nothing;
  return html`<div class="load-results ${isStale ? 'stale' : ''}" aria-busy=${String(isStale)}>
    ${results(view, say, done.answer, done.job)}
  </div>`;
}
