/** A config pasted or dropped anywhere on the page is taken as the model, an accelerator's file as that. */
import type { App } from './app';

const configKeys = ['architectures', 'model_type', 'num_hidden_layers', 'hidden_size'];

/** A brace, perhaps assigned to a name, or what stands above one: a Markdown heading, a comment, a fence. */
const opening = /^\s*(#|```|~~~|(\w+\s*=\s*)?\{)/;
const quotedKey = new RegExp(`(["'])(${configKeys.join('|')})\\1\\s*:`);

/** What llama.cpp and its tools print of a GGUF file: a line each for its keys, in forms of their own. */
const ggufKey = /\bgeneral\.architecture\b/;

export function looksLikeConfig(text: string): boolean {
  if (ggufKey.test(text)) return true;
  if (!opening.test(text)) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && configKeys.some((key) => key in value);
  } catch {
    // No strict JSON; the engine reads Python dicts, comments, and several configs in one text.
    const brace = text.indexOf('{');
    return brace >= 0 && quotedKey.test(text.slice(brace));
  }
}

const acceleratorKeys = ['peak_flops_per_s', 'memory_bandwidth_bytes_per_s'];

/** A file as presets/accelerators/ has them, even one with mistakes: they are told when it is read. */
export function looksLikeAccelerator(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && acceleratorKeys.some((key) => key in value);
  } catch {
    return new RegExp(`"(${acceleratorKeys.join('|')})"\\s*:`).test(text);
  }
}

export function listenForFiles(app: App): void {
  document.addEventListener('paste', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    // The field for it takes any text, so that its mistakes can be shown.
    if (target?.id === 'config') return;
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (!looksLikeConfig(text) && !looksLikeAccelerator(text)) return;
    event.preventDefault();
    app.takeText(text);
  });
  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    document.body.classList.remove('dropping');
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void app.actions.openFile(file);
  });
}
