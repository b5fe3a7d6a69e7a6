/** Starts the engine and the page. */
import { App } from './app';
import { Engine } from './engine/engine';
import { preferredLanguage } from './i18n';
import { registerOffline } from './offline/register';
import { listenForConfigs } from './paste';
import { recall } from './settings';
import './style/index.css';

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}

async function start(): Promise<void> {
  const language = preferredLanguage(recall('language'), navigator.languages);
  const dark =
    recall('theme') ?? (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  const theme = dark === 'dark' ? 'dark' : 'light';
  const app = new App(await Engine.start(), element('app'), element('status'), language, theme);
  await app.openLink(location.hash);
  window.addEventListener('hashchange', () => void app.openLink(location.hash));
  listenForConfigs(app);
  registerOffline(app);
}

start().catch((cause: unknown) => {
  element('app').textContent = `Tokencast could not start: ${String(cause)}. 无法启动，请更新浏览器后重试。`;
});
