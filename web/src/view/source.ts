/** A source, as a link where it can be opened. */
import { html, type TemplateResult } from 'lit-html';
import { referenceTo } from '../presets/source';

export function sourceLink(source: string): TemplateResult {
  const { text, url } = referenceTo(source);
  return url === undefined ? html`${text}` : externalLink(url, text);
}

export const externalLink = (url: string, text: string): TemplateResult =>
  html`<a href=${url} target="_blank" rel="noopener noreferrer">${text}</a>`;
