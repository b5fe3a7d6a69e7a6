// The golden requests: NAME.request.json beside NAME.response.json. A request is kept as it is sent; one that is not JSON
// is kept as .request.txt.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, run } from '../support.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

export function goldens() {
  return readdirSync(folder)
    .filter((file) => /\.request\.(json|txt)$/.test(file))
    .map((file) => {
      const name = file.replace(/\.request\..*/, '');
      return { name, request: readFileSync(join(folder, file), 'utf8'), response: join(folder, `${name}.response.json`) };
    });
}

/** What the native command line answers, byte for byte. */
export const answerOf = (golden) => run(['estimate'], golden.request).stdout;

/** Indented, so that a diff shows which number changed. */
export const pretty = (answer) => JSON.stringify(JSON.parse(answer), null, 1) + '\n';

/** The request with presets replaced by their content, as callers without presets send it. */
export function inlined(request) {
  let json;
  try {
    json = JSON.parse(request);
  } catch {
    return request;
  }
  const preset = (kind, id) => JSON.parse(readFileSync(join(root, `presets/${kind}/${id}.json`), 'utf8'));
  if (json.model?.preset) json.model.config = preset('models', json.model.preset).config;
  if (json.accelerator?.preset) json.accelerator.custom = preset('accelerators', json.accelerator.preset);
  return JSON.stringify(json);
}
