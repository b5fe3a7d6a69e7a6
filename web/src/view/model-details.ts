/** What not everyone wants to know of a model: its layers, and where its parameters and bytes are. */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import type { Component, Description, LayerRow, Window } from '../engine/types';
import { inWords } from '../format/units';
import { lookUp } from '../i18n';
import type { View } from './context';
import { fact } from './memory';
import { variantsAndSources } from './model-about';
import { ffnName, formatName, mixerName, traitMeaning, traitName } from './names';

const components = [
  'embedding',
  'attention',
  'recurrent',
  'ffn',
  'experts',
  'shared_experts',
  'router',
  'norms',
  'lm_head',
  'other',
] as const satisfies readonly Component[];

export function modelDetails(view: View, model: Description): TemplateResult {
  const { t, format } = view;
  return html`<details class="model-details">
    <summary>${t('model.more')}</summary>
    <h3>${t('model.layerTable')}</h3>
    ${layerTable(view, model)} ${windowList(view, model)}
    <h3>${t('model.byPart')}</h3>
    ${parts(view, model)}
    ${
      // One format only is said above.
      Object.keys(model.weight_bytes_by_format).length > 1
        ? html`<h3>${t('model.byFormat')}</h3>
            ${formats(view, model)}`
        : nothing
    }
    ${hubDifferences(view, model)}
    <h3>${t('model.config')}</h3>
    <dl class="facts">
      ${fact(t('model.architecture'), model.architecture)}
      ${fact(t('model.hidden'), format.count(model.hidden_size))}
      ${fact(t('model.vocabulary'), format.count(model.vocabulary))}
    </dl>
    ${traitMeanings(view, model)} ${variantsAndSources(view)}
  </details>`;
}

/** Rows that differ only in what is not shown, such as the formats of their weights, are shown as one. */
function merged<Row extends object>(
  rows: readonly Row[],
  add: (row: Row, other: Row) => Row,
  sameAs: (row: Row) => unknown,
): readonly Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    const key = JSON.stringify(sameAs(row));
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? row : add(before, row));
  }
  return [...byKey.values()];
}

function layerTable(view: View, { layer_table }: Description): TemplateResult {
  const { t, format } = view;
  const rows = merged(
    layer_table,
    (row, other) => ({
      ...row,
      count: row.count + other.count,
      ...(row.stored === undefined ? {} : { stored: row.stored + (other.stored ?? 0) }),
    }),
    ({ attention, ffn, stored, window, experts, experts_per_token }) => [
      attention,
      ffn,
      stored === undefined,
      window,
      experts,
      experts_per_token,
    ],
  );
  const count = (row: LayerRow): string =>
    row.stored === undefined
      ? format.count(row.count)
      : t('model.stored', { count: format.count(row.count), stored: format.count(row.stored) });
  const experts = ({ experts: all, experts_per_token: used }: LayerRow): string =>
    all === undefined ? '–' : t('model.expertsOf', { used: format.count(used ?? 0), all: format.count(all) });
  const windows = rows.some(({ window }) => window !== undefined);
  const routed = rows.some((row) => row.experts !== undefined);
  return html`<table class="figures layers">
    <thead>
      <tr>
        <th scope="col">${t('model.mixer')}</th>
        <th scope="col">${t('model.ffn')}</th>
        ${routed ? html`<th scope="col">${t('model.experts')}</th>` : nothing}
        ${windows ? html`<th scope="col">${t('model.window')}</th>` : nothing}
        <th scope="col">${t('model.layers')}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            <th scope="row">${mixerName(view, row) ?? '–'}</th>
            <td>${ffnName(view, row) ?? '–'}</td>
            ${routed ? html`<td class="tight">${experts(row)}</td>` : nothing}
            ${windows ? html`<td>${row.window === undefined ? '–' : format.count(row.window)}</td>` : nothing}
            <td>${count(row)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function windowList({ t, format }: View, { windows }: Description): TemplateResult | typeof nothing {
  const rows = merged<Window>(
    windows,
    (row, other) => ({
      ...row,
      layers: row.layers + other.layers,
      kv_bytes_at_most: row.kv_bytes_at_most + other.kv_bytes_at_most,
    }),
    ({ window }) => window,
  );
  if (rows.length === 0) return nothing;
  return html`<ul class="plain-list">
    ${rows.map(
      ({ window, layers, kv_bytes_at_most }) =>
        html`<li>
          ${t('model.windowCap', {
            window: format.count(window),
            layers: format.count(layers),
            bytes: inWords(format.bytes(kv_bytes_at_most)),
          })}
        </li>`,
    )}
  </ul>`;
}

interface Share {
  readonly label: string;
  readonly value: number;
  readonly shown: string;
}

/** A number and its share of the largest, as a bar. */
function shareRows(shares: readonly Share[]): TemplateResult {
  const largest = Math.max(...shares.map(({ value }) => value));
  const width = (value: number): number => (largest === 0 ? 0 : (value / largest) * 100);
  return html`${shares.map(
    ({ label, value, shown }) =>
      html`<tr>
        <th scope="row">${label}</th>
        <td class="share-cell">
          <svg class="bar" aria-hidden="true" height="12">
            ${svg`<rect class="fill-weights" x="0" y="0" width="${width(value)}%" height="12" rx="2"></rect>`}
          </svg>
        </td>
        <td>${shown}</td>
      </tr>`,
  )}`;
}

const shareTable = (
  label: string,
  value: string,
  rows: readonly Share[],
  rest: TemplateResult | typeof nothing = nothing,
): TemplateResult =>
  html`<table class="figures shares">
    <thead>
      <tr>
        <th scope="col" colspan="2">${label}</th>
        <th scope="col">${value}</th>
      </tr>
    </thead>
    <tbody>
      ${shareRows(rows)}
    </tbody>
    ${rest}
  </table>`;

function parts(view: View, model: Description): TemplateResult {
  const { t, format } = view;
  const rows = components
    .filter((part) => model.parameters[part] > 0)
    .map((part) => {
      const value = model.parameters[part];
      return { label: t(`part.${part}`), value, shown: format.count(value) };
    });
  const apart = (label: string, parameters: number | null): TemplateResult =>
    html`<tr>
      <th scope="row" colspan="2">${label}</th>
      <td>${parameters === null ? t('model.notCounted') : format.count(parameters)}</td>
    </tr>`;
  const beside =
    model.mtp_parameters === 0 && model.towers.length === 0
      ? nothing
      : html`<tbody>
          <tr>
            <th scope="rowgroup" colspan="3" class="group">${t('model.apart')}</th>
          </tr>
          ${model.mtp_parameters > 0 ? apart(t('part.mtp'), model.mtp_parameters) : nothing}
          ${model.towers.map(({ kind, parameters }) => apart(towerName(view, kind), parameters))}
        </tbody>`;
  return shareTable(t('model.part'), t('model.parameters'), rows, beside);
}

const towerName = (view: View, kind: string): string =>
  view.t('model.tower', { kind: traitName(view, kind) });

function formats(view: View, { weight_bytes_by_format }: Description): TemplateResult {
  const { t, format } = view;
  const rows = Object.entries(weight_bytes_by_format)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, value]) => ({
      label: formatName(view, name),
      value,
      shown: inWords(format.bytes(value)),
    }));
  return shareTable(t('model.format'), t('model.bytes'), rows);
}

function hubDifferences(view: View, { hub_differences }: Description): TemplateResult | typeof nothing {
  if (hub_differences.length === 0) return nothing;
  const { t, format, language } = view;
  return html`<h3>${t('model.hub')}</h3>
    <p class="hint">${t('model.hub.why')}</p>
    <table class="figures">
      <tbody>
        ${hub_differences.map(
          ({ code, parameters, message }) =>
            html`<tr>
              <th scope="row">${lookUp(language, `hub.${code}`) ?? message}</th>
              <td class="number">${format.signed(parameters)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

/** A title is seen by those with a mouse only. */
function traitMeanings(view: View, { traits }: Description): TemplateResult | typeof nothing {
  const meant = traits.flatMap((code) => {
    const meaning = traitMeaning(view, code);
    return meaning === undefined ? [] : [{ name: traitName(view, code), meaning }];
  });
  if (meant.length === 0) return nothing;
  return html`<h3>${view.t('model.traitsMean')}</h3>
    <dl class="reasons meanings">
      ${meant.map(
        ({ name, meaning }) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${meaning}</dd>
          </div>`,
      )}
    </dl>`;
}
