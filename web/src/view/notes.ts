/** What one must know of the answer. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Answer, Note } from '../engine/types';
import { engineText } from '../i18n';
import type { View } from './context';

export function notesSection(view: View, answer: Answer): TemplateResult | typeof nothing {
  const all = distinct([...answer.notes, ...answer.result.model.notes]);
  // The answer itself says so already.
  const notes = all.filter(({ code }) => code !== 'does_not_fit');
  if (notes.length === 0) return nothing;
  return html`<section class="card notes" aria-labelledby="notes-title">
    <h2 id="notes-title">${view.t('notes.title')}</h2>
    <ul>
      ${notes.map((note) => html`<li>${engineText(view.language, note).message}</li>`)}
    </ul>
  </section>`;
}

/** The model's own notes may be among the answer's. */
const distinct = (notes: readonly Note[]): Note[] => [
  ...new Map(notes.map((note) => [`${note.code} ${note.message}`, note])).values(),
];
