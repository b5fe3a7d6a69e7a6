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
                actions.change({ config: (event.target as HTMLTextAreaElement).value });
              }}
            ></textarea>
            ${errorOf(view, 'config')}${hintOf('config', hint)}
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
