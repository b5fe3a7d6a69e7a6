/** Above and below everything else. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { View } from './context';

const isSingleFile = import.meta.env.SINGLE_FILE === true;

export function header({ t, theme, actions }: View): TemplateResult {
  const dark = theme === 'dark';
  return html`<header class="header">
    <div>
      <h1>Tokencast</h1>
      <p>${t('tagline')}</p>
    </div>
    <div class="buttons">
      <button type="button" class="quiet" lang=${t('language.otherTag')} @click=${actions.switchLanguage}>
        ${t('language.other')}
      </button>
      <button type="button" class="quiet" @click=${actions.switchTheme}>
        <span aria-hidden="true">${dark ? '☀' : '☾'}</span> ${t(dark ? 'theme.light' : 'theme.dark')}
      </button>
    </div>
  </header>`;
}

export function footer({ t, engineVersion }: View): TemplateResult {
  return html`<footer class="footer">
    <p>${t('footer.private')}</p>
    <ul>
      ${engineVersion === null ? nothing : html`<li>${t('footer.engine', { version: engineVersion })}</li>`}
      ${
        isSingleFile
          ? html`<li>Apache-2.0</li>`
          : html`<li><a href="./tokencast.html" download="tokencast.html">${t('footer.download')}</a></li>
              <li><a href="./docs/model.txt">${t('footer.model')}</a></li>
              <li><a href="./docs/wire-format.txt">${t('footer.docs')}</a></li>
              <li><a href="./LICENSE.txt">${t('footer.licence')}</a></li>`
      }
    </ul>
  </footer>`;
}
