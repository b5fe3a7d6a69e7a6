// Published figures of real deployments beside what Tokencast gives for them, as Markdown on standard output.
//
//   node tests/accuracy/deployments.mjs > docs/deployments.md
//
// TOKENCAST_CLI names the command line. The figures are facts with their source; nothing is fitted to those of
// DeepSeek. The others are among the results that engine profiles were fitted to (docs/accuracy.md).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../support.mjs';

const cli = process.env.TOKENCAST_CLI ?? join(root, 'build/native/tokencast');

function ask(command, model, accelerator, deployment, workload) {
  const request = { schema: 1, model: { preset: model }, accelerator: { preset: accelerator }, deployment, workload };
  const { stdout, stderr } = spawnSync(cli, [command], { input: JSON.stringify(request), encoding: 'utf8' });
  const answer = stdout === '' ? { ok: false, error: { message: stderr } } : JSON.parse(stdout);
  if (!answer.ok) throw new Error(`${model}: ${answer.error.message}`);
  return answer.result;
}

const count = (value) => Math.round(value).toLocaleString('en');
const percent = (ratio) => `${ratio >= 1 ? '+' : '−'}${Math.abs(Math.round((ratio - 1) * 100))} %`;
const row = (...cells) => `| ${cells.join(' | ')} |`;
const compared = (what, published, { value, low, high }) =>
  row(what, count(published), count(value), `${count(low)}–${count(high)}`, percent(value / published));
const head = (what, unit) => [
  row(what, `published, ${unit}`, 'predicted', '80 % band', 'difference'),
  '|---|---:|---:|---:|---:|',
];

/** Tokens per second of one GPU, where each step of a replica takes this time. */
const perSecond = (tokens, { value, low, high }) => ({ value: tokens / value, low: tokens / high, high: tokens / low });

function deepseek() {
  const serve = (ranks, overlap, workload) =>
    ask('estimate', 'deepseek-v3', 'h800-80-sxm',
      { tp: 1, dp: ranks, ep: ranks, engine: 'sglang', memory_fraction: 0.95, overlap }, workload);
  // A step of prefill takes four prompts of 4096 tokens on each GPU.
  const prefills = (overlap) => serve(32, overlap, { input_tokens: 4096, output_tokens: 1, concurrency: 32 * 4 });
  const decodes = (overlap) => serve(128, overlap, { input_tokens: 4096, output_tokens: 2, concurrency: 128 * 128 });
  const [prefill, decode] = [prefills('two_batch'), decodes('two_batch')];
  const share = (phase, kinds) => {
    const time = phase.operators.filter(({ name }) => kinds.includes(name)).reduce((sum, { time_s }) => sum + time_s, 0);
    return `${Math.round((100 * time) / phase.time_s)} %`;
  };
  const exchange = ['dispatch', 'combine'];
  return [
    ...head('DeepSeek-V3 on H800, tokens/s of one GPU', 'tokens/s'),
    compared('prefill: 32 GPUs, EP 32, 16,384 tokens per GPU and step, prompts of 4,096', 7839, perSecond(16384, prefill.ttft_s)),
    compared('the same without overlap', 7839, perSecond(16384, prefills('none').ttft_s)),
    compared('decode: 128 GPUs, EP 128, 128 sequences per GPU, contexts of 4,096', 2324, perSecond(128, decode.tpot_s)),
    compared('the same without overlap', 2324, perSecond(128, decodes('none').tpot_s)),
    '',
    `Of the predicted time of a step, experts take ${share(prefill.phases.prefill, ['experts'])} in prefill and ${share(decode.phases.decode, ['experts'])} in decode; dispatch and combine`,
    `are as long as ${share(prefill.phases.prefill, exchange)} and ${share(decode.phases.decode, exchange)} of it, and run beside the compute of the other half batch as far as that is`,
    'as long.',
  ];
}

const trtllm = [
  [128, 128, 6378], [128, 2048, 6651], [128, 4096, 4199], [500, 2000, 5222], [1000, 1000, 4205],
  [1000, 2000, 4146], [2048, 128, 762], [2048, 2048, 3082], [5000, 500, 898], [20000, 2000, 437],
];

/** As many users as nothing but the engine and memory limit. */
const saturated = (users) => ({ concurrency: users, requests: 2000 });

function tensorrt() {
  return [
    ...head('Llama-3.3-70B, fp8, two H100: prompt / output tokens', 'output tokens/s'),
    ...trtllm.map(([input, output, published]) => {
      const result = ask('simulate', 'llama-3.3-70b', 'h100-80-sxm',
        { gpus: 2, engine: 'tensorrt-llm', engine_version: '1.0', weights: 'fp8', kv_cache: 'fp8', memory_fraction: 0.95, max_sequences: 4096 },
        { input_tokens: input, output_tokens: output, ...saturated(2048) });
      return compared(`${count(input)} / ${count(output)}`, published, result.output_tokens_per_s);
    }),
  ];
}

const gpustack = [
  ['1,000 requests of a chat, 217 / 202 on average', 217, 202, 1000, 1887.31],
  ['500 requests of 1,996 / 100', 1996, 100, 500, 284.64],
  ['500 requests of 3,996 / 200', 3996, 200, 500, 245.13],
  ['100 requests of 32,000 / 99', 32000, 99, 100, 13.65],
];

function vllm() {
  return [
    ...head('Qwen3-14B, bf16, one A100 80 GB, all at once', 'output tokens/s'),
    ...gpustack.map(([what, input, output, users, published]) => {
      const result = ask('simulate', 'qwen3-14b', 'a100-80-sxm',
        { gpus: 1, engine: 'vllm', engine_version: '0.11' },
        { input_tokens: input, output_tokens: output, concurrency: users, requests: 1000 });
      return compared(what, published, result.output_tokens_per_s);
    }),
  ];
}

console.log(`# Real deployments

Published figures beside predictions, in the order in which a deployment grows. Written by \`node tests/accuracy/deployments.mjs\`.

## TensorRT-LLM, saturated: two H100

Source: NVIDIA/TensorRT-LLM, docs/source/performance/perf-overview.md at 00f37686aa85, version 1.0, PyTorch backend: trtllm-bench,
which sends all requests at once. Here: 2,048 users in a closed loop, in the steady state (\`tokencast simulate\`).

${tensorrt().join('\n')}

The benchmark includes the filling and the emptying of the batch, the simulation does not: where outputs are long and a run has
few waves of requests, the published rate is lower for that. The accuracy report, which runs each benchmark with its number of
requests, is nearer (docs/accuracy.md, trtllm-pt).

## vLLM under all kinds of lengths: one A100

Source: gpustack/gpustack, docs/performance-lab/qwen3-14b/a100.md at 47277d79f4a5: vLLM 0.11.0, \`vllm bench serve\`, all requests
at once.

${vllm().join('\n')}

With prompts of thousands of tokens and answers of a hundred, nearly all time is prefill, and an A100 is bound by compute: what
differs is the share of the peak that prefill reaches. The chat has lengths with a long tail, here its mean.

## DeepSeek-V3 on H800 with expert parallel

Source: InferSim (alibaba/InferSim at f2293dab6d23, README), which cites DeepSeek's published profiles of its own prefill and
decode units; its own estimates are 9,034 and 2,675.

${deepseek().join('\n')}

- **Two micro-batches.** DeepSeek's engine computes one half of a batch while the other half is dispatched and combined, and so does
  the prediction (\`overlap: two_batch\`). What all-to-all kernels take from the compute, in prefill 20 of 132 units, is left out.
- **Kernels** are SGLang's as measured on H200, which has more bandwidth and the same units. Its experts in blocks of fp8 reach about a
  fifth of the peak with thousands of rows; DeepSeek's DeepGEMM publishes 1,297 of 1,979 TFLOPS for grouped ones of these sizes. That
  is most of what prefill differs by.
- **Balance.** Loads of ranks are taken as equal, as DeepSeek keeps copies of the busiest experts.
- DeepSeek reports 73.7 thousand input and 14.8 thousand output tokens/s for each node of eight over a day (its
  open-infra-index, day 6): 9.2 thousand and 1.85 thousand for each GPU, the former with more than half of the prompts' tokens found in
  its cache.`);
