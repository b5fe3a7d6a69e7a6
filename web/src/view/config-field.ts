/** The reader's own config.json: pasted, dropped or opened. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { View } from './context';
import { describedBy, errorOf, hintOf, isInvalid } from './field';

export function configField(view: View): TemplateResult {
  const { t, inputs, actions } = view;
  const hint = t('form.config.hint');
  const open = inputs.modelPreset === null;
  return html`<div class="config">
    ${
      open
        ? html`<div class="field">
            <label for="config">${t('form.config')}</label>
            <textarea
              id="config"
              rows="9"
              spellcheck="false"
              autocomplete="off"
              placeholder='{"architectures": ["Qwen2ForCausalLM"], …}'
              .value=${live(inputs.config)}
              aria-invalid=${isInvalid(view, 'config') ? 'true' : 'false'}
              aria-describedby=${describedBy(view, 'config', hint)}
              @input=${(event: Event) => {
                actions.change({ config: (event.target as HTMLTextAreaElement).value, choice: '' });
              }}
            ></textarea>
            ${errorOf(view, 'config')}${choiceOf(view)}${hintOf('config', hint)}
          </div>`
        : nothing
    }
    <div class="row config-actions">
      ${
        open
          ? nothing
          : html`<button
              type="button"
              class="quiet"
              @click=${() => {
                actions.chooseModel(null);
              }}
            >
              ${t('form.config.paste')}
            </button>`
      }
      <label class="button quiet">
        <input
          class="visually-hidden"
          type="file"
          accept=".json,.txt,application/json"
          @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            const file = input.files?.[0];
            if (file) void actions.openFile(file);
            // The same file can be chosen again after it was edited.
            input.value = '';
          }}
        />
        ${t('form.config.open')}
      </label>
    </div>
    <p class="hint">${t('form.config.private')}</p>
  </div>`;
}

/** Of several configs in the text: which one, or the one that was chosen. */
function choiceOf(view: View): TemplateResult | typeof nothing {
  const { t, inputs, titles, problem, actions } = view;
  const choose = (choice: string): void => {
    actions.change({ choice });
    // The button that had the focus is gone.
    document.querySelector<HTMLButtonElement>('.choice button')?.focus();
  };
  if (titles.length === 0) return nothing;
  const labels = labelsOf(view, titles);
  if (problem?.error.code === 'several_configs') {
    return html`<div class="buttons choice" role="group" aria-label=${t('form.choice')}>
      ${labels.map(
        (label, index) =>
          html`<button
            type="button"
            @click=${() => {
              choose(String(index + 1));
            }}
          >
            ${label}
          </button>`,
      )}
    </div>`;
  }
  return html`<div class="buttons choice">
    <p class="hint">${t('form.choice.chosen', { title: labels[Number(inputs.choice) - 1] ?? '' })}</p>
    <button
      type="button"
      class="quiet"
      @click=${() => {
        choose('');
      }}
    >
      ${t('form.choice.another')}
    </button>
  </div>`;
}

/** The engine titles a config that has no name with its number alone. */
const labelsOf = ({ t }: View, titles: readonly string[]): string[] =>
  titles.map((title, index) => {
    const number = index + 1;
    if (title === String(number)) return t('form.choice.nth', { number });
    return titles.indexOf(title) === titles.lastIndexOf(title) ? title : `${number}. ${title}`;
  });
