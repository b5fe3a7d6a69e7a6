// Every preset against its JSON Schema. With file names: only those, of either kind.
// node tests/presets/validate.mjs [FILE]...
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2020.js';
import { root } from '../support.mjs';
import { problem, read, report } from './presets.mjs';

const kinds = { accelerators: 'accelerator', models: 'model' };

const schemaPath = (kind) => join(root, 'presets/schema', `${kinds[kind]}.schema.json`);

/** Insertions, deletions and substitutions from one word to another. */
function distance(a, b) {
  let row = [...Array(b.length + 1).keys()];
  for (const [i, c] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, d] of [...b].entries()) next.push(Math.min(row[j] + (c === d ? 0 : 1), row[j + 1] + 1, next[j] + 1));
    row = next;
  }
  return row.at(-1);
}

/** The part of a schema that describes what a pointer leads to, and the nearest description on the way. */
function describedAt(schema, pointer) {
  let node = schema;
  let description;
  for (const key of pointer.split('/').slice(1)) {
    const parts = [node];
    while (parts.at(-1)?.$ref)
      parts.push(
        parts
          .at(-1)
          .$ref.split('/')
          .slice(1)
          .reduce((at, step) => at[step], schema),
      );
    node = parts
      .map((part) => part?.properties?.[key] ?? part?.items ?? part?.additionalProperties)
      .find((part) => typeof part === 'object');
    description = node?.description ?? description;
  }
  return { node, description };
}

/** What to do about one error of the validator. */
function hint(error, schema) {
  const { params, keyword, parentSchema } = error;
  const { description } = describedAt(schema, error.instancePath);
  if (keyword === 'additionalProperties') {
    const known = Object.keys(parentSchema.properties ?? {});
    const word = params.additionalProperty;
    const [near] = known
      .filter((name) => distance(name, word) <= Math.max(1, word.length / 3))
      .sort((a, b) => distance(a, word) - distance(b, word));
    return near ? `did you mean "${near}"?` : `known: ${known.join(', ')}`;
  }
  if (keyword === 'required') {
    const wanted = describedAt(schema, `${error.instancePath}/${params.missingProperty}`);
    return `add "${params.missingProperty}"${wanted.description ? `: ${wanted.description}` : ''}`;
  }
  if (keyword === 'enum') return `one of: ${params.allowedValues.join(', ')}`;
  if (keyword === 'type' && params.type === 'object' && parentSchema.required?.includes('confidence'))
    return 'a figure is {"value": …, "confidence": "datasheet", "source": "key of sources"}';
  return description ?? '';
}

const shown = (data) => (typeof data === 'object' ? '' : `, is ${JSON.stringify(data)}`);

function message({ keyword, params, message, data }) {
  if (keyword === 'additionalProperties') return `"${params.additionalProperty}" is not a field here`;
  if (keyword === 'required') return `"${params.missingProperty}" is missing`;
  if (keyword === 'enum') return `${JSON.stringify(data)} is not known here`;
  return message + shown(data);
}

/** Returns what tells the problems of one preset, {path, file}, under a schema. */
export function validator(schema) {
  // strictTypes would want "type" repeated beside every $ref.
  const check = new Ajv({ allErrors: true, verbose: true, strictTypes: false }).compile(schema);
  return ({ path, file }) => {
    if (check(file)) return [];
    // Of "one of these must hold", the whole says more than its parts.
    return check.errors
      .filter(({ schemaPath }) => !/\/(anyOf|oneOf)\/\d/.test(schemaPath))
      .map((error) => {
        const extra = error.params.additionalProperty;
        const pointer = error.instancePath + (extra === undefined ? '' : `/${extra}`);
        return problem(path, pointer, message(error), hint(error, schema));
      });
  };
}

/** The validator of a kind, or null, and a line that says so, where it has no schema. */
export function validatorOf(kind) {
  if (existsSync(schemaPath(kind))) return validator(JSON.parse(readFileSync(schemaPath(kind), 'utf8')));
  console.log(`skipped: ${kind}, as presets/schema/${kinds[kind]}.schema.json is absent`);
  return null;
}

function main(paths) {
  const problems = [];
  const counts = [];
  for (const kind of Object.keys(kinds)) {
    const of = paths.length
      ? paths.map((path) => resolve(path)).filter((path) => path.includes(`/${kind}/`))
      : undefined;
    if (of?.length === 0) continue;
    const validate = validatorOf(kind);
    if (!validate) continue;
    const { presets, problems: unread } = read(kind, of);
    problems.push(...unread, ...presets.flatMap(validate));
    counts.push(`${presets.length} ${kind}`);
  }
  return report(problems, `valid: ${counts.join(', ')}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main(process.argv.slice(2)));
