/** How a time is known: by kernels that were measured, by others like them, or by typical efficiencies. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Estimate, Source } from '../engine/types';
import type { View } from './context';

const marks: Readonly<Record<Source, string>> = { measured: '✓', transferred: '≈', generic: '~' };

/** A sign and a word beside the colour. */
export const sourceBadge = ({ t }: View, source: Source): TemplateResult =>
  html`<span class="badge ${source}"
    ><span aria-hidden="true">${marks[source]}</span> ${t(`source.${source}`)}</span
  >`;

/** In one sentence what the answer rests on; what the words mean, on demand. */
export function basisOf(view: View, result: Estimate): TemplateResult {
  const { t, basis } = view;
  const meaning = (source: Source, text: string): TemplateResult =>
    html`<div>
      <dt>${sourceBadge(view, source)}</dt>
      <dd>${text}</dd>
    </div>`;
  return html`<details class="basis">
    <summary>${lead(view, result)}</summary>
    <p class="hint">${t('basis.kernels')}</p>
    <dl>
      ${meaning('measured', t('basis.measured'))}
      ${meaning(
        'transferred',
        basis === null || basis.isOwn
          ? t('basis.transferred')
          : t('basis.transferred.from', { name: basis.name }),
      )}
      ${meaning('generic', t('basis.generic'))}
    </dl>
    <p class="hint">
      ${t('basis.worst')}
      ${result.engine_profile === null ? nothing : t('basis.profile', { name: result.engine_profile })}
    </p>
  </details>`;
}

function lead({ t, basis }: View, { latency_s: { source } }: Estimate): string {
  if (basis === null || basis.isMissing) return t('basis.lead.none');
  if (source === 'generic') return t('basis.lead.partly');
  if (!basis.isOwn) return t('basis.lead.related', { name: basis.name });
  return t(source === 'measured' ? 'basis.lead.own' : 'basis.lead.like');
}

/** Where measurements that the answer should rest on could not be fetched. */
export function missingBasis({ t, basis, actions }: View): TemplateResult | typeof nothing {
  if (basis?.isMissing !== true) return nothing;
  return html`<div class="missing" role="alert">
    <p>${t('basis.missing', { name: basis.name })}</p>
    <button type="button" @click=${actions.retryCalibration}>${t('notice.again')}</button>
  </div>`;
}
