/** The page as a whole. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { acceleratorSection } from './accelerator';
import { answerSection } from './answer';
import { articleSection } from './article';
import type { View } from './context';
import { form } from './form';
import { footer, header } from './frame';
import { loadSection } from './load';
import { memorySection } from './memory';
import { modelSection } from './model';
import { notesSection } from './notes';
import { notices } from './notices';
import { operatorsSection } from './operators';
import { ownSection } from './own';
import { shareBar } from './share-bar';

export function page(view: View): TemplateResult {
  const { t, answer } = view;
  return html`<a class="skip" href="#results" @click=${skipToResults}>${t('skip')}</a>
    ${header(view)} ${notices(view)}
    <main class="columns">
      ${form(view)}
      <div
        class="results ${view.problem !== null || view.loading ? 'stale' : ''}"
        aria-busy=${String(view.loading)}
        id="results"
        tabindex="-1"
        aria-label=${t('results.label')}
        role="region"
      >
        ${view.loading ? html`<p class=${answer === null ? 'card' : 'stale-note'}>${t('results.loading')}</p>` : nothing}
        ${view.problem === null || answer === null ? nothing : html`<p class="stale-note">${t('results.stale')}</p>`}
        ${answer === null ? nothing : results(view)}
        ${
          answer === null && view.problem !== null
            ? html`<p class="card">${t('results.none')}</p>
                ${loadSection(view)}`
            : nothing
        }
      </div>
    </main>
    ${footer(view)}`;
}

/** The hash carries the shared estimate, so a link within the page must not change it. */
function skipToResults(event: Event): void {
  event.preventDefault();
  document.getElementById('results')?.focus();
}

function results(view: View): TemplateResult | typeof nothing {
  const { answer } = view;
  if (answer === null) return nothing;
  return html`${answerSection(view, answer)} ${notesSection(view, answer)} ${shareBar(view)}
  ${loadSection(view)} ${memorySection(view, answer)} ${operatorsSection(view, answer)} ${ownSection(view)}
  ${articleSection(view, answer)} ${modelSection(view, answer)} ${acceleratorSection(view, answer)}`;
}
