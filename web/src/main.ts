/** Starts the engine and the page. */
import { App } from './app';
import { Engine } from './engine/engine';
import { loadTexts, preferredLanguage } from './i18n';
import { registerOffline } from './offline/register';
import { listenForFiles } from './paste';
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
  const [engine] = await Promise.all([Engine.start(), loadTexts(language)]);
  const app = new App(engine, element('app'), element('status'), language, theme);
  const opened = app.openLink(location.hash);
  window.addEventListener('hashchange', () => void app.openLink(location.hash));
  listenForFiles(app);
  await opened;
  registerOffline(app);
  whenIdle(() => {
    app.prefetch();
  });
}

/** Once the page stands and nothing else is to be done. */
function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: 10_000 });
  else setTimeout(run, 2_000);
}

start().catch((cause: unknown) => {
  element('app').textContent = `Tokencast could not start: ${String(cause)}. 无法启动，请更新浏览器后重试。`;
});
