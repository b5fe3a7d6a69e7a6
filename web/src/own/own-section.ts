/**
 * The reader's own measurement: the inside of its section. What was pasted is compared with the estimate that the
 * page shows, and its factors can be taken into all of them. Loaded when the section is opened.
 */
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { ComparedRow, Comparison, EngineError, Factors, OwnMetric } from '../engine/types';
import { inWords, type Quantify } from '../format/units';
import { engineText } from '../i18n';
import type { Inputs } from '../inputs';
import { requestForEngine, type Presets } from '../request';
import { adopt } from '../style/adopt';
import { modelName, rangeText } from '../view/answer';
import type { View } from '../view/context';
import { sentence } from '../view/field';
import { engineName, formatName } from '../view/names';
import { factorText } from '../view/own';
import { Comparer, type Compared } from './comparer';
import * as examples from './examples';
import { isFactors, measuredOn, scalesTimes, textOf, withApplied } from './factors';
import styles from './own.css?inline';
import { ownText } from './texts';

/** What the page shows an answer to. */
interface Asked {
  readonly inputs: Inputs;
  readonly presets: Presets;
}

interface Outcome {
  readonly inputs: Inputs;
  readonly result: Comparison | null;
  readonly error: EngineError | null;
}

/** A comparison that took longer is not repeated with every change of the form, only when it is asked for. */
const quickMs = 500;

/** Beyond it what was measured is likely not what is chosen. */
const farOff = 3;

/** What a comparison does not depend on. */
const irrelevant: ReadonlySet<string> = new Set<keyof Inputs>([
  'measured',
  'price',
  'currency',
  'utilisation',
]);

const isSame = (one: Inputs, other: Inputs): boolean =>
  (Object.keys(one) as (keyof Inputs)[]).every((key) => irrelevant.has(key) || one[key] === other[key]);

export class OwnSection {
  #text = '';
  #outcome: Outcome | null = null;
  /** What the comparison that runs is made for. */
  #comparing: Inputs | null = null;
  #failure = '';
  #tookMs = 0;
  readonly #comparer: Comparer;

  constructor(
    engine: { readonly calibrations: readonly string[] },
    private readonly asked: () => Asked | null,
    private readonly redraw: () => void,
  ) {
    adopt(styles);
    this.#comparer = new Comparer(engine.calibrations);
  }

  /** The page shows another answer. */
  refresh(): void {
    const compared = this.#comparing ?? this.#outcome?.inputs;
    if (this.#isOther(compared) && this.#tookMs < quickMs) this.#compare();
  }

  #isStale(): boolean {
    return this.#isOther(this.#outcome?.inputs);
  }

  /** Whether the page shows an answer to something else. */
  #isOther(compared: Inputs | undefined): boolean {
    const asked = this.asked();
    return compared !== undefined && asked !== null && !isSame(compared, asked.inputs);
  }

  #compare(): void {
    const asked = this.asked();
    if (asked === null) return;
    const { inputs, presets } = asked;
    const request = requestForEngine({ ...inputs, measured: '' }, presets);
    this.#comparing = inputs;
    this.#failure = '';
    this.#comparer.compare(request, this.#text, (compared) => {
      this.#comparing = null;
      this.#take(inputs, compared);
      this.redraw();
      // The form may have changed meanwhile.
      this.refresh();
    });
    this.redraw();
  }

  #take(inputs: Inputs, compared: Compared): void {
    if ('stopped' in compared) {
      this.#failure = compared.stopped;
      this.#outcome = null;
      return;
    }
    const { response, tookMs } = compared;
    this.#tookMs = tookMs;
    this.#outcome = response.ok
      ? { inputs, result: response.result, error: null }
      : { inputs, result: null, error: response.error };
  }

  /** What was found belongs to the text before. */
  #setText(text: string): void {
    this.#text = text;
    this.#comparer.giveUp();
    this.#comparing = null;
    this.#outcome = null;
    this.#failure = '';
  }

  #type(event: InputEvent): void {
    this.#setText((event.target as HTMLTextAreaElement).value);
    const isWhole = ['insertFromPaste', 'insertFromDrop'].includes(event.inputType);
    if (isWhole) this.#compare();
    else this.redraw();
  }

  #try(example: string): void {
    this.#setText(example);
    this.#compare();
  }

  draw(view: View): TemplateResult {
    const t = ownText(view.language);
    const { answer, inputs } = view;
    const error = this.#outcome?.error ?? null;
    const isComparing = this.#comparing !== null;
    const deployment = answer === null ? '' : deploymentOf(view, answer.result);
    return html`<div class="own-body">
      <p>${t('intro', { deployment })}</p>
      ${inputs.engine === 'generic' ? html`<p class="hint">${t('generic')}</p>` : nothing}
      <div class="field">
        <label for="own">${t('field')}</label>
        <textarea
          id="own"
          rows="8"
          spellcheck="false"
          autocomplete="off"
          .value=${live(this.#text)}
          aria-invalid=${error === null ? 'false' : 'true'}
          aria-describedby=${error === null ? 'own-hint' : 'own-error own-hint'}
          @input=${(event: InputEvent) => {
            this.#type(event);
          }}
        ></textarea>
        ${error === null ? nothing : errorMessage(view, error)}
        <p class="hint" id="own-hint">${t('hint')}</p>
      </div>
      <div class="buttons">
        <button
          type="button"
          ?disabled=${this.#text.trim() === ''}
          @click=${() => {
            this.#compare();
          }}
        >
          ${t('compare')}
        </button>
      </div>
      ${this.#examples(view)}
      <div role="status">
        ${isComparing ? html`<p class="hint">${t('working')}</p>` : nothing}
        ${this.#failure === '' ? nothing : html`<p class="stale-note">${t('failed', { cause: this.#failure })}</p>`}
        ${this.#isStale() && !isComparing ? html`<p class="stale-note">${t('stale')}</p>` : nothing}
      </div>
      ${this.#outcome?.result ? this.#result(view, this.#outcome.result) : nothing}
    </div>`;
  }

  #examples({ language }: View): TemplateResult {
    const t = ownText(language);
    return html`<details>
      <summary>${t('examples')}</summary>
      <div class="own-body">
        <p class="hint">${t('examples.hint', { columns: examples.columns.join(', ') })}</p>
        ${(['summary', 'table', 'log'] as const).map(
          (name) =>
            html`<h3 id=${`own-${name}`}>${t(`example.${name}`)}</h3>
              <pre>${examples[name]}</pre>
              <button
                type="button"
                class="quiet"
                aria-describedby=${`own-${name}`}
                @click=${() => {
                  this.#try(examples[name]);
                }}
              >
                ${t('try')}
              </button>`,
        )}
      </div>
    </details>`;
  }

  #result(view: View, result: Comparison): TemplateResult {
    const t = ownText(view.language);
    return html`<h3 id="own-table">${t('table')}</h3>
      <div class="scroll" role="region" tabindex="0" aria-labelledby="own-table">
        <table class="figures own-table" aria-labelledby="own-table">
          <thead>
            <tr>
              ${(['metric', 'measured', 'predicted', 'ratio', 'scaled'] as const).map(
                (head) => html`<th scope="col">${t(head)}</th>`,
              )}
            </tr>
          </thead>
          ${byLoad(result.rows).map((rows) => loadRows(view, rows))} ${memoryRow(view, result)}
        </table>
      </div>
      ${this.#isStale() ? nothing : this.#factors(view, result)}`;
  }

  #factors(view: View, { rows, measured, kv_capacity_tokens: kv }: Comparison): TemplateResult {
    const { language, format } = view;
    const t = ownText(language);
    const factors = applicable(measured);
    const ratios = [...rows, ...(kv ? [kv] : [])].map(({ ratio }) => ratio);
    const isFar = ratios.some((ratio) => ratio > farOff || ratio < 1 / farOff);
    const sentenceOf = (phase: 'prefill' | 'decode'): string => {
      const factor = factors?.[`${phase}_time_factor`];
      const spread = format.percent(factors?.[`${phase}_time_spread`] ?? 0);
      return factor === undefined ? t(`${phase}.unknown`) : t(phase, { factor: factorText(factor), spread });
    };
    const kvFactor = factors?.kv_capacity_factor;
    const sentences = [
      ...(rows.length === 0 ? [] : [sentenceOf('prefill'), sentenceOf('decode')]),
      ...(kvFactor === undefined ? [] : [t('capacity', { factor: factorText(kvFactor) })]),
      ...(kv && kvFactor === undefined ? [t('capacity.unknown')] : []),
    ];
    return html`${isFar ? html`<p class="stale-note">${t('far')}</p>` : nothing}
      <h3>${t('factors')}</h3>
      <ul class="plain-list own-factors">
        ${sentences.map((text) => html`<li>${text}</li>`)}
      </ul>
      ${factors === null ? nothing : this.#apply(view, factors)}`;
  }

  #apply({ language, t: page, inputs, answer, actions }: View, factors: Factors): TemplateResult {
    const t = ownText(language);
    const compared = this.#outcome?.inputs ?? inputs;
    const on = answer === null ? '' : measuredOn(compared, answer.result);
    const text = on === '' ? '' : textOf(withApplied(factors, inputs.measured, on), on);
    const isApplied = inputs.measured === text;
    return html`${scalesTimes(factors) ? html`<p class="hint">${t('scale.hint')}</p>` : nothing}
      <div class="buttons">
        <button
          type="button"
          class=${isApplied ? '' : 'primary'}
          @click=${() => {
            actions.change({ measured: isApplied ? '' : text });
          }}
        >
          ${isApplied ? page('own.remove') : t('apply')}
        </button>
      </div>
      ${isApplied ? html`<p class="hint">${t('applied')}</p>` : nothing}`;
  }
}

/** Without a factor of the KV cache that the engine would refuse: it is of something else. Null: nothing is left. */
function applicable(measured: Factors | null): Factors | null {
  const kv = measured?.kv_capacity_factor;
  if (measured === null || kv === undefined) return measured;
  if (isFactors(textOf({ kv_capacity_factor: kv }, ',,'))) return measured;
  const others = Object.entries(measured).filter(([name]) => name !== 'kv_capacity_factor');
  const times = Object.fromEntries(others) as Factors;
  return scalesTimes(times) ? times : null;
}

function deploymentOf(view: View, result: NonNullable<View['answer']>['result']): string {
  const { deployment, accelerator } = result;
  return [
    `${modelName(view, result)} (${formatName(view, deployment.weights)})`,
    `${deployment.gpus} × ${accelerator.name}`,
    ...(deployment.engine === 'generic' ? [] : [engineName(view, deployment.engine)]),
  ].join(view.t('comma'));
}

/** The engine's path is that of the text; its message names the line. */
function errorMessage({ language }: View, error: EngineError): TemplateResult {
  const { message, hint } = engineText(language, error);
  return html`<p class="error" id="own-error" role="alert">
    <strong>${sentence(message)}</strong>${hint === '' ? nothing : html` <span>${sentence(hint)}</span>`}
  </p>`;
}

/** The figures of a benchmark follow one another. */
function byLoad(rows: readonly ComparedRow[]): readonly (readonly ComparedRow[])[] {
  const lines = [...new Set(rows.map(({ line }) => line))];
  return lines.map((line) => rows.filter((row) => row.line === line));
}

function loadRows(view: View, rows: readonly ComparedRow[]): TemplateResult {
  const { language, format } = view;
  const t = ownText(language);
  const shows: Readonly<Record<OwnMetric, Quantify>> = {
    ttft_s: format.time,
    tpot_s: format.time,
    output_tokens_per_s: format.tokensPerSecond,
    total_tokens_per_s: format.tokensPerSecond,
    requests_per_s: format.requestsPerSecond,
  };
  const [first] = rows;
  const load = first && {
    input: format.count(first.input_tokens),
    output: format.count(first.output_tokens),
    users: format.count(first.concurrency),
  };
  return html`<tbody>
    <tr>
      <th scope="rowgroup" colspan="5" class="group">${t('load', load)}</th>
    </tr>
    ${rows.map((row) => {
      const show = shows[row.metric];
      const isInside = row.low <= row.measured && row.measured <= row.high;
      return html`<tr>
        <th scope="row">${t(`metric.${row.metric}`)}</th>
        <td>${inWords(show(row.measured))}</td>
        <td>
          <span class="main">${inWords(show(row.predicted))}</span>
          <span class="more">${rangeText({ ...row, value: row.predicted }, show)}</span>
        </td>
        <td>
          ${ratioText(row.ratio)}
          <span class="more">${t(isInside ? 'inside' : 'outside')}</span>
        </td>
        <td>${inWords(show(row.with_factors))}</td>
      </tr>`;
    })}
  </tbody>`;
}

function memoryRow({ language, t: page, format }: View, { kv_capacity_tokens: kv }: Comparison) {
  if (!kv) return nothing;
  const tokens = (count: number): string => page('tokens', { count: format.count(count) });
  return html`<tbody>
    <tr>
      <th scope="row">${ownText(language)('kv')}</th>
      <td>${tokens(kv.measured)}</td>
      <td>${tokens(kv.predicted)}</td>
      <td>${ratioText(kv.ratio)}</td>
      <td>–</td>
    </tr>
  </tbody>`;
}

const ratioText = (ratio: number): string => ratio.toFixed(2);
