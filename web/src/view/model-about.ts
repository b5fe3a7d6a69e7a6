/** Where a listed model comes from: who made it, its licence, its other checkpoints, its sources. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { ModelFile } from '../presets/types';
import { webAddress } from '../presets/source';
import type { View } from './context';
import { formatName, modalityName } from './names';
import { externalLink, sourceLink } from './source';

/** "Qwen · Apache-2.0 · 2024-09 · huggingface.co" */
export function aboutModel(view: View): TemplateResult | typeof nothing {
  const { t, answeredModel: file } = view;
  if (file === null) return nothing;
  const { organisation, licence, released, modality = [] } = file;
  const parts = [
    organisation,
    licence,
    released === undefined ? undefined : t('model.released', { date: released }),
    modality.length === 0 ? undefined : modality.map((name) => modalityName(view, name)).join(t('comma')),
  ].filter((part) => part !== undefined && part !== '');
  const links = Object.values(file.links ?? {})
    .map(webAddress)
    .filter((url) => url !== undefined);
  return html`<p class="about">
    ${parts.join(' · ')}
    ${links.map((url) => html` · ${externalLink(url.href, url.hostname.replace(/^www\./, ''))}`)}
  </p>`;
}

export function variantsAndSources(view: View): TemplateResult | typeof nothing {
  const { t, answeredModel: file } = view;
  if (file === null) return nothing;
  return html`${variantList(view, file)}
  ${
    file.sources === undefined || file.sources.length === 0
      ? nothing
      : html`<h3>${t('model.sources')}</h3>
          <ul class="plain-list">
            ${file.sources.map((source) => html`<li>${sourceLink(source)}</li>`)}
          </ul>`
  }
  ${
    file.note === undefined
      ? nothing
      : html`<h3>${t('model.note')}</h3>
          <p class="hint">${file.note}</p>`
  }`;
}

function variantList(view: View, { variants = [] }: ModelFile): TemplateResult | typeof nothing {
  if (variants.length === 0) return nothing;
  return html`<h3>${view.t('model.variants')}</h3>
    <ul class="plain-list">
      ${variants.map(({ name, hub, weights }) => {
        const url = webAddress(hub);
        return html`<li>
          ${name}
          (${formatName(view, weights)})${
            url === undefined ? nothing : html` · ${externalLink(url.href, url.pathname.slice(1))}`
          }
        </li>`;
      })}
    </ul>`;
}
