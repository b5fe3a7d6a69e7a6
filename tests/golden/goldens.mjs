// The golden requests: NAME.request.json beside NAME.response.json. A request is kept as it is sent; one that is not JSON
// is kept as .request.txt. Names that begin with simulate- are answered by simulate, others by estimate. Beside them models.csv: what every model preset comes to.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerLines, root, run } from '../support.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

export function goldens() {
  return readdirSync(folder)
    .filter((file) => /\.request\.(json|txt)$/.test(file))
    .map((file) => {
      const name = file.replace(/\.request\..*/, '');
      const command = name.startsWith('simulate-') ? 'simulate' : 'estimate';
      return { name, command, request: readFileSync(join(folder, file), 'utf8'), response: join(folder, `${name}.response.json`) };
    });
}

/** What the native command line answers, byte for byte. */
export const answerOf = (golden) => run([golden.command], golden.request).stdout;

/** Indented, so that a diff shows which number changed. */
export const pretty = (answer) => JSON.stringify(JSON.parse(answer), null, 1) + '\n';

/** The model presets, in the order of their ids. */
export const models = () =>
  readdirSync(join(root, 'presets/models'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(root, 'presets/models', file), 'utf8')));

export const modelsCsv = join(folder, 'models.csv');

const columns = ['total_parameters', 'active_parameters', 'kv_bytes_per_token', 'kv_bytes_per_token_growing', 'weight_bytes'];

/** What `describe` gives of every model preset, as CSV; the message of one that is refused. */
export function describedModels() {
  const presets = models();
  const answers = answerLines('describe', presets.map(({ config }) => config));
  const figures = ({ ok, result, error }) => (ok ? columns.map((name) => result[name]) : [error.message]);
  const rows = answers.map((answer, i) => [presets[i].id, ...figures(answer)]);
  return [['id', ...columns], ...rows].map((row) => row.join(',') + '\n').join('');
}

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
