/**
 * The types of engine/types.ts against what the engine really says: each response is written out as a
 * constant of its type, so that the compiler finds fields that are missing, unknown or of another type.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { hybrid, windowed } from '../../tests/page/configs';
import { defaultInputs, type Inputs } from '../src/inputs';
import { log, summary, table } from '../src/own/examples';
import { requestForCommandLine } from '../src/request';

const web = resolve(import.meta.dirname, '..');
const native = resolve(web, '../build/native/tokencast');

const cases: readonly Partial<Inputs>[] = [
  {},
  { outputTokens: '1' },
  { modelPreset: 'deepseek-r1' },
  { modelPreset: 'mixtral-8x7b', gpus: '2' },
  { modelPreset: 'deepseek-r1', gpus: '8', dp: '8', ep: '8', overlap: 'two_batch', expertSkew: '1.5' },
  { modelPreset: 'llama-3.1-70b', acceleratorPreset: 'h100-80-sxm', offloadWeights: '70', offloadKv: '1' },
  { modelPreset: 'llama-3.1-70b', acceleratorPreset: 'h100-80-sxm' },
  { modelPreset: 'deepseek-r1', gpus: '8', speculation: 'mtp' },
  { speculation: 'draft_model', draftModel: 'qwen2.5-0.5b', draftTokens: '4', acceptance: '70' },
  { measured: '1.1,0.9,0.2,0.2,1,generic,qwen2.5-32b,h20-96-sxm' },
  { acceleratorPreset: 'h100-80-sxm', engine: 'vllm', engineVersion: '0.11.0' },
  { inputTokens: 'many' },
  { modelPreset: null, config: '{"architectures": ["BertModel"]}' },
  { modelPreset: null, config: JSON.stringify(hybrid), weights: 'q4_k_m' },
  { modelPreset: null, config: JSON.stringify({ ...hybrid, vision_config: { depth: 2 } }) },
  { modelPreset: null, config: JSON.stringify({ ...windowed, hiden_size: 1 }) },
];

const measurements = [summary, table, log, 'nothing of the kind'];

function ask(inputs: Partial<Inputs>, ...command: readonly string[]): string {
  const input = JSON.stringify(requestForCommandLine({ ...defaultInputs, ...inputs }));
  try {
    return execFileSync(native, command, { input, encoding: 'utf8' });
  } catch (refused) {
    // Exit 1: an error is the answer.
    const { status, stdout } = refused as { status: number | null; stdout: string };
    if (status !== 1) throw refused;
    return stdout;
  }
}

it.skipIf(!existsSync(native))('responses are of their types', { timeout: 60_000 }, () => {
  const constants = cases.map(
    (inputs, index) => `export const r${index}: EstimateResponse = ${ask(inputs, 'estimate')};`,
  );
  const file = join(mkdtempSync(join(tmpdir(), 'tokencast-')), 'measured.txt');
  const compared = measurements.map((text, index) => {
    writeFileSync(file, text);
    return `export const c${index}: CompareResponse = ${ask({}, 'compare', '--measured', file)};`;
  });
  const types = "import type { CompareResponse, EstimateResponse } from './src/engine/types';";
  const source = [types, ...constants, ...compared].join('\n');
  const name = resolve(web, 'responses.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(file, source, ts.ScriptTarget.ESNext) : read(file, ...rest);
  const found = ts.getPreEmitDiagnostics(ts.createProgram([name], options, host));
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
});
