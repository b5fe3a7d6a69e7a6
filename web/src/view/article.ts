/** The article's method on the same input, beside ours, and why the two differ. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Answer, Article, Estimate } from '../engine/types';
import { inWords } from '../format/units';
import { engineText, type Key } from '../i18n';
import { rangeText } from './answer';
import type { View } from './context';

type Cell = readonly (string | typeof nothing)[];

interface Row {
  readonly label: string;
  readonly full: Cell;
  readonly quick: Cell;
  readonly ours: Cell;
}

export function articleSection(view: View, { result }: Answer): TemplateResult {
  const { t, format, articleFormat } = view;
  const { article } = result;
  const utilisation = format.percent(article.utilisation);
  const heads: readonly string[] = [
    t('article.quantity'),
    ...(article.applies ? [t('article.full')] : []),
    t('article.quick'),
    t('article.ours'),
  ];
  return html`<section class="card article" aria-labelledby="article-title">
    <h2 id="article-title">${t('article.title')}</h2>
    <p>
      ${t('article.intro', { peak: articleFormat.teraflops(article.peak_flops_per_s).replace('FLOP', 'FLOPS') })}
    </p>
    ${article.applies ? nothing : html`<p class="callout">${t('article.doesNotApply', { reason: reasonText(view, article.reason) })}</p>`}
    <div class="scroll" role="region" tabindex="0" aria-labelledby="article-title">
      <table class="comparison">
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows(view, result, utilisation).map(
            (row) =>
              html`<tr>
                <th scope="row">${row.label}</th>
                ${article.applies ? cell(row.full) : nothing} ${cell(row.quick)} ${cell(row.ours)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="callout">${boundSentence(view, result)}</p>
    ${article.applies ? reasons(view) : nothing}
  </section>`;
}

const cell = (lines: Cell): TemplateResult =>
  html`<td>
    ${lines.map((line, index) => html`<span class=${index === 0 ? 'main' : 'more'}>${line}</span>`)}
  </td>`;

function rows(view: View, result: Estimate, utilisation: string): readonly Row[] {
  const { t, format, articleFormat: cut } = view;
  const { article, model, phases, limits } = result;
  const { estimate } = article;
  const full = <T>(read: (article: Extract<Article, { applies: true }>) => readonly T[]): readonly T[] =>
    article.applies ? read(article) : [];
  const at = (text: string): string => t('article.at', { utilisation, value: text });
  // In the article's unit, to be compared at a glance.
  const inTera = (flops: number): string => inWords(format.flops(flops, 1e12));
  const limit = t('article.limit', {
    value: inWords(format.tokensPerSecond(limits.decode_tokens_per_s_per_user)),
  });
  return [
    {
      label: t('article.parameters'),
      full: full(({ parameters }) => [cut.billions(parameters)]),
      quick: [cut.billions(estimate.parameters)],
      ours: [format.count(model.total_parameters)],
    },
    {
      label: t('article.prefill'),
      full: full((a) => [
        cut.teraflops(a.prefill_flops),
        t('article.prefillQuick', { value: cut.teraflops(a.prefill_flops_quick) }),
      ]),
      quick: [cut.teraflops(estimate.prefill_flops)],
      ours: [inTera(phases.prefill.flops)],
    },
    {
      label: t('article.decode'),
      full: full((a) => [cut.teraflops(a.decode_flops_per_token)]),
      quick: [cut.teraflops(estimate.decode_flops_per_token)],
      ours: [inTera(phases.decode.flops)],
    },
    {
      label: 'TTFT',
      full: full((a) => [cut.milliseconds(a.ttft_s), at(cut.milliseconds(a.ttft_at_utilisation_s))]),
      quick: [cut.milliseconds(estimate.ttft_s), at(cut.milliseconds(estimate.ttft_at_utilisation_s))],
      ours: [inWords(format.time(result.ttft_s.value)), rangeText(result.ttft_s, format.time)],
    },
    {
      label: t('article.decodeRate'),
      full: full((a) => [
        cut.tokensPerSecond(a.decode_tokens_per_s),
        at(cut.tokensPerSecond(a.decode_tokens_per_s_at_utilisation)),
      ]),
      quick: [
        cut.tokensPerSecond(estimate.decode_tokens_per_s),
        at(cut.tokensPerSecond(estimate.decode_tokens_per_s_at_utilisation)),
      ],
      ours: result.tokens_per_s_per_user
        ? [inWords(format.tokensPerSecond(result.tokens_per_s_per_user.value)), limit]
        : ['–', limit],
    },
    {
      label: 'TPOT',
      full: full(() => ['–']),
      quick: ['–'],
      ours: result.tpot_s
        ? [inWords(format.time(result.tpot_s.value)), rangeText(result.tpot_s, format.time)]
        : ['–'],
    },
  ];
}

const reasonText = (view: View, reason: string): string =>
  engineText(view.language, { code: 'article_does_not_apply', message: reason }).message;

/** The one thing that the article's method misses, with this input's own numbers. */
function boundSentence({ t, format }: View, { limits, workload }: Estimate): string {
  const from = limits.compute_bound_from_concurrency;
  const params = {
    batch: format.count(workload.concurrency),
    memory: inWords(format.time(limits.decode_memory_s)),
    compute: inWords(format.time(limits.decode_compute_s)),
    from: from === null ? '' : format.count(from),
  };
  if (from === null) return t('article.bound.always', params);
  return t(workload.concurrency >= from ? 'article.bound.compute' : 'article.bound.memory', params);
}

function reasons({ t }: View): TemplateResult {
  const list: readonly (readonly [Key, Key])[] = [
    ['article.parameters', 'article.why.parameters'],
    ['article.prefill', 'article.why.prefill'],
    ['article.decode', 'article.why.decode'],
    ['article.decodeRate', 'article.why.rate'],
    ['article.why.digitsLabel', 'article.why.digits'],
  ];
  return html`<h3>${t('article.whyTitle')}</h3>
    <dl class="reasons">
      ${list.map(
        ([label, why]) =>
          html`<div>
            <dt>${t(label)}</dt>
            <dd>${t(why)}</dd>
          </div>`,
      )}
    </dl>`;
}
