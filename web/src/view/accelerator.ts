/** The accelerator: its figures, how sure each is, and where it was read. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Answer } from '../engine/types';
import { inWords } from '../format/units';
import { lookUp, type Key } from '../i18n';
import { acceleratorNow } from '../presets/chosen';
import { members } from '../presets/custom';
import { figuresOf, pricesOf, sourceIn, type FigureRow } from '../presets/figures';
import type { AcceleratorFile, Price } from '../presets/types';
import { GiB } from '../typed';
import type { View } from './context';
import { fact } from './memory';
import { className, topologyName } from './names';
import { sourceLink } from './source';

export function acceleratorSection(view: View, { result }: Answer): TemplateResult | typeof nothing {
  const { t, format, answeredAccelerator: file } = view;
  if (file === null) return nothing;
  const rows = figuresOf(file);
  const { memory_bandwidth_bytes_per_s, compute_dtype, peak_flops_per_s } = result.accelerator;
  const name = result.accelerator.name.trim() === '' ? t('custom.unnamed') : result.accelerator.name;
  const badge = (wanted: string, dtype?: string): TemplateResult | typeof nothing =>
    badgeIfUnconfirmed(
      view,
      rows.find((row) => row.name === wanted && row.dtype === dtype),
    );
  return html`<section class="card" aria-labelledby="accelerator-title">
    <h2 id="accelerator-title">${t('accelerator.title', { accelerator: name })}</h2>
    ${about(view, file)}
    <dl class="facts">
      ${marked(t('accelerator.memory'), memoryText(view, result.accelerator.memory_bytes), badge('memory_bytes'))}
      ${marked(
        t('accelerator.bandwidth'),
        inWords(format.bytesPerSecond(memory_bandwidth_bytes_per_s)),
        badge('memory_bandwidth'),
      )}
      ${marked(
        t('accelerator.peak', { format: compute_dtype.toUpperCase() }),
        inWords(format.flopsPerSecond(peak_flops_per_s)),
        badge('peak', compute_dtype),
      )}
      ${linkFact(view, file, badge('link'))}
    </dl>
    <details class="accelerator-details">
      <summary>${t('accelerator.more')}</summary>
      ${figureTable(view, file, rows)} ${legend(view)} ${priceList(view, file)} ${noteOf(view, file)}
    </details>
  </section>`;
}

const textIn = (file: AcceleratorFile, key: string): string | undefined => {
  const value = file[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};

/** "NVIDIA · data centre · Hopper · 2024 · HBM3 · 2 dies" */
function about(view: View, file: AcceleratorFile): TemplateResult | typeof nothing {
  const { t } = view;
  const kind = textIn(file, 'class');
  const dies = textIn(file, 'dies');
  const whole = textIn(file, 'part_of');
  const parts = [
    textIn(file, 'vendor'),
    kind === undefined ? undefined : className(view, kind),
    textIn(file, 'architecture'),
    textIn(file, 'year'),
    textIn(file, 'memory_type'),
    dies === undefined ? undefined : t('accelerator.dies', { count: dies }),
    whole === undefined ? undefined : t('accelerator.partOf', { whole }),
  ].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? nothing : html`<p class="about">${parts.join(' · ')}</p>`;
}

const marked = (label: string, value: string, badge: TemplateResult | typeof nothing): TemplateResult =>
  html`<div>
    <dt>${label}</dt>
    <dd>${value} ${badge}</dd>
  </div>`;

function linkFact(
  view: View,
  file: AcceleratorFile,
  badge: TemplateResult | typeof nothing,
): TemplateResult | typeof nothing {
  const { t, format } = view;
  const link = figuresOf(file).find(({ name }) => name === 'link');
  if (link === undefined) return fact(t('accelerator.link'), t('accelerator.noLink'));
  const { type, topology, domain_size: domain } = members(file['link']);
  const more = [
    typeof type === 'string' ? type : undefined,
    typeof topology === 'string' ? topologyName(view, topology) : undefined,
    typeof domain === 'number' ? t('accelerator.domain', { count: format.count(domain) }) : undefined,
  ];
  return html`<div>
    <dt>${t('accelerator.link')}</dt>
    <dd>
      ${inWords(format.bytesPerSecond(link.value))} ${badge}
      <span class="more">${more.filter((part) => part !== undefined).join(' · ')}</span>
    </dd>
  </div>`;
}

/** Decimal and binary, as memory is sold in either. */
const memoryText = ({ format }: View, bytes: number): string =>
  `${format.plain(bytes / GiB)} GiB (${inWords(format.bytes(bytes))})`;

function valueText(view: View, { kind, value, name }: FigureRow): string {
  const { format } = view;
  switch (kind) {
    case 'bytes':
      return name === 'cache_bytes' ? inWords(format.bytes(value)) : memoryText(view, value);
    case 'bandwidth':
      return inWords(format.bytesPerSecond(value));
    case 'flops':
      return inWords(format.flopsPerSecond(value));
    case 'ops':
      return inWords(format.flopsPerSecond(value)).replace('FLOPS', 'OPS');
    case 'watts':
      return `${format.count(value)} W`;
    case 'count':
      return format.count(value);
  }
}

function figureName({ t, language }: View, { name, dtype }: FigureRow): string {
  if (dtype === undefined) return lookUp(language, `figure.${name}`) ?? name;
  const [type = dtype, accumulator] = dtype.split('_accumulate_');
  return accumulator === undefined
    ? t('figure.peak', { format: type.toUpperCase() })
    : t('figure.peakAccumulating', { format: type.toUpperCase(), accumulator: accumulator.toUpperCase() });
}

const marks: Readonly<Record<string, string>> = { datasheet: '✓', secondary: '≈', unconfirmed: '?' };

/** A sign and a word beside the colour. */
function badgeOf({ language }: View, confidence: string): TemplateResult {
  const known = Object.hasOwn(marks, confidence);
  return html`<span class="badge ${known ? confidence : ''}"
    ><span aria-hidden="true">${known ? marks[confidence] : ''}</span> ${
      lookUp(language, `confidence.${confidence}`) ?? confidence
    }</span
  >`;
}

const badgeIfUnconfirmed = (view: View, row: FigureRow | undefined): TemplateResult | typeof nothing =>
  row?.confidence === 'unconfirmed' ? badgeOf(view, 'unconfirmed') : nothing;

/** What nobody confirms of the accelerator in the form, beside its name. */
export function unconfirmedFigures(view: View): TemplateResult | typeof nothing {
  const file = acceleratorNow(view.inputs);
  const names = (file ? figuresOf(file) : [])
    .filter(({ confidence }) => confidence === 'unconfirmed')
    .map((row) => figureName(view, row));
  if (names.length === 0) return nothing;
  return html`<p class="hint">${badgeOf(view, 'unconfirmed')} ${names.join(view.t('comma'))}</p>`;
}

/** With roles written out: laid out as blocks, a narrow table would be none to a screen reader. */
function figureTable(view: View, file: AcceleratorFile, rows: readonly FigureRow[]): TemplateResult {
  const { t } = view;
  const heads = ['figure.name', 'figure.value', 'figure.confidence', 'figure.source'] as const;
  return html`<table class="figure-list" role="table">
    <thead role="rowgroup">
      <tr role="row">
        ${heads.map((head) => html`<th scope="col" role="columnheader">${t(head)}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => figureRow(view, file, row))}
    </tbody>
  </table>`;
}

function figureRow(view: View, file: AcceleratorFile, row: FigureRow): TemplateResult {
  const { confidence, note } = row;
  const source = sourceIn(file, row.source);
  return html`<tr role="row">
    <th scope="row" role="rowheader">${figureName(view, row)}</th>
    <td role="cell" class="figure-value">${valueText(view, row)}</td>
    <td role="cell">${confidence === undefined ? view.t('confidence.none') : badgeOf(view, confidence)}</td>
    <td role="cell" class="figure-source">
      ${source === undefined ? (row.source ?? '–') : sourceLink(source)}
      ${note === undefined ? nothing : html`<span class="more">${note}</span>`}
    </td>
  </tr>`;
}

const legend = (view: View): TemplateResult =>
  html`<dl class="confidences">
    ${(['datasheet', 'secondary', 'unconfirmed'] as const).map(
      (confidence) =>
        html`<div>
          <dt>${badgeOf(view, confidence)}</dt>
          <dd>${view.t(`confidence.${confidence}.meaning`)}</dd>
        </div>`,
    )}
  </dl>`;

function priceList(view: View, file: AcceleratorFile): TemplateResult | typeof nothing {
  const prices = pricesOf(file);
  if (prices.length === 0) return nothing;
  return html`<h3>${view.t('price.title')}</h3>
    <ul class="plain-list">
      ${prices.map(
        (price) =>
          html`<li>
            ${priceLine(view, file, price)}${price.note === undefined ? nothing : ` (${price.note})`}
          </li>`,
      )}
    </ul>`;
}

/** "1.30 USD per hour (2026-05) · source" */
export function priceLine(view: View, file: AcceleratorFile, price: Price): TemplateResult {
  const { t, format } = view;
  const source = sourceIn(file, price.source);
  const text: Key = price.kind === 'rental' ? 'price.rental' : 'price.purchase';
  const value = `${format.money(price.value)} ${price.currency}`;
  return html`${t(text, { value, date: price.date })}${source === undefined ? nothing : html` · ${sourceLink(source)}`}`;
}

function noteOf({ t }: View, file: AcceleratorFile): TemplateResult | typeof nothing {
  const note = textIn(file, 'note');
  return note === undefined
    ? nothing
    : html`<h3>${t('accelerator.note')}</h3>
        <p class="hint">${note}</p>`;
}
