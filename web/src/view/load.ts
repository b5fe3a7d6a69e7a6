/** The section "Under load": its frame. What is in it is fetched once it is opened. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { FieldId } from '../errors';
import { Lazy } from '../presets/lazy';
import type { View } from './context';

const content = new Lazy(async () => (await import('../simulate/under-load')).loadContent());

/** Of its fields, those that are the deployment's, so that the estimate can refuse them. */
const refused: ReadonlySet<FieldId | undefined> = new Set<FieldId>([
  'maxSequences',
  'maxBatchedTokens',
  'blockTokens',
]);

export function loadSection(view: View): TemplateResult {
  const { t, inputs, actions } = view;
  const { ul, ...fields } = inputs.load;
  // A field that is to be corrected must be seen.
  const isOpen = (ul !== undefined && ul !== '0') || refused.has(view.problem?.field);
  return html`<details
    class="card under-load"
    ?open=${isOpen}
    @toggle=${({ target }: Event) => {
      const { open } = target as HTMLDetailsElement;
      if (open !== isOpen) actions.change({ load: open ? { ...fields, ul: '1' } : closed(fields) });
    }}
  >
    <summary>
      <h2>${t('load.title')}</h2>
      <span class="hint">${t('load.lead')}</span>
    </summary>
    ${content.now?.(view, isOpen) ?? (isOpen ? arriving(view) : nothing)}
  </details>`;
}

/** What was entered stays; without `ul` a link with it would open the section again. */
const closed = (fields: View['inputs']['load']): View['inputs']['load'] =>
  Object.keys(fields).length === 0 ? fields : { ul: '0', ...fields };

function arriving({ t, actions }: View): TemplateResult {
  const load = (): void => {
    content.load().then(actions.redraw, actions.redraw);
  };
  if (!content.failed) load();
  return html`<p role="status">${t(content.failed ? 'notice.part' : 'results.loading')}</p>
    ${
      content.failed
        ? html`<button
            type="button"
            @click=${() => {
              load();
              actions.redraw();
            }}
          >
            ${t('notice.again')}
          </button>`
        : nothing
    }`;
}
