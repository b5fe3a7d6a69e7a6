/** What the page has to say once: of a link, of working offline, of a new version. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { View } from './context';

export function notices({ t, notices: list, actions }: View): TemplateResult {
  return html`<div class="notices" aria-live="polite">
    ${list.map(
      (notice) =>
        html`<div class="notice ${notice.kind}">
          <p>${t(notice.text, notice.params ?? {})}</p>
          <div class="buttons">
            ${
              notice.action
                ? html`<button type="button" @click=${notice.action.run}>${t(notice.action.label)}</button>`
                : nothing
            }
            <button
              type="button"
              class="quiet"
              @click=${() => {
                actions.dismiss(notice);
              }}
            >
              ${t('notice.dismiss')}
            </button>
          </div>
        </div>`,
    )}
  </div>`;
}
