/** To take the estimate along. */
import { html, type TemplateResult } from 'lit-html';
import type { View } from './context';

export function shareBar({ t, actions }: View): TemplateResult {
  return html`<div class="share buttons" role="group" aria-label=${t('share.label')}>
    <button type="button" class="primary" @click=${actions.copyLink}>${t('share.link')}</button>
    <button type="button" @click=${actions.copyJson}>${t('share.json')}</button>
    <button type="button" @click=${actions.copyCommand}>${t('share.command')}</button>
  </div>`;
}
