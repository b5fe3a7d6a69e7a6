// Likely reasons of errors: rules on what is known of a result, most specific first. A reason is given only to a result that
// errs in the direction that it explains.
import { wholePercent } from './markdown.mjs';
import { byText } from './statistics.mjs';

/** Below it a result needs no reason. */
const WORTH_A_REASON = 0.2;

export const UNKNOWN = 'not known';

/** Why an operation misses the target for its kernels, where it is known. */
export const KERNEL_REASONS = {
  generation_mla: 'Its geometry is the number of heads, of which six were measured, and kernels take them in tiles of their own: '
    + 'on B200 64 sequences of 8192 tokens take 127, 173 and 130 µs with 16, 32 and 64 heads, which none of the others tells.',
};

const of = (pattern) => (row) => pattern.test(row.model);
const mixture = (row) => row.model_class === 'moe' || row.model_class === 'mla';
const family = (row) => row.era.split(' ')[0];
const hopper = (row) => /^h(100|200)-/.test(row.gpu);
const pcie = (row) => ['l40s', 'rtx-pro-6000-bw-server'].includes(row.gpu);
const fast = 'fast';
const slow = 'slow';

// [errs (predicted too fast, too slow, or either), holds, reason]
const RULES = [
  [slow, (r) => pcie(r) && r.gpus >= 4 && family(r) === 'trtllm',
    'all-reduce over PCIe: the collectives measured on this card are several times slower than these runs can have had'],
  [fast, (r) => mixture(r) && r.tp < r.gpus && family(r) === 'trtllm',
    'attention data parallel: ranks are taken to prefill at the same time; where they do not, each waits for the others'],
  [null, (r) => r.set === 'gpustack' && of(/GLM-5\.2/)(r),
    'the published commands are cut short: one configuration has two to three values'],
  [fast, (r) => r.gpu.startsWith('ascend') && family(r) === 'vllm',
    'vLLM-Ascend 0.9.1 runs eagerly, 2.5 ms per layer at batch 4; no kernel is measured on Ascend'],
  [null, (r) => r.gpu.startsWith('ascend'), 'no kernel is measured on Ascend, and this is the only cell of its engine there'],
  [fast, (r) => r.set === 'gpustack' && of(/gpt-oss/)(r) && /SGLang v0\.5\.3|TensorRT-LLM.*1\.0/.test(r.engine),
    'first gpt-oss kernels of this version: 160 to 185 ms more per request'],
  [fast, (r) => r.set === 'gpustack' && hopper(r),
    'H100 and H200 of this source run prompts at 30 to 36 % of the bf16 peak and 19 % of the fp8 peak at every length, half of ' +
    'what others publish; why is not known'],
  [null, (r) => r.set === 'aic-silicon' && of(/gpt-oss/)(r) && hopper(r) && r.concurrency >= 512,
    'an unstated limit: by Little’s law only 91 to 98 of the 512 sequences run at once'],
  [slow, (r) => r.set === 'aic-silicon' && /vllm 0\.12/.test(r.engine) && of(/8B-Instruct-FP8/)(r),
    'TPOT is below what the load of its own prompts allows: probably prompts repeat and their prefixes are cached'],
  [null, (r) => r.metric === 'ttft_ms' && /1\.0\.0rc3/.test(r.engine) && of(/Llama-3\.1-8B/)(r),
    'TTFT falls with users and grows with output tokens: a warm-up of seconds, shared out over the requests of a run'],
  [fast, (r) => family(r) === 'vllm' && /0\.4\.2/.test(r.engine) && r.input_tokens + r.output_tokens > 8192,
    'vLLM V0 leaves its captured graphs beyond 8192 tokens of context'],
  [fast, (r) => family(r) === 'transformers' && mixture(r),
    'a loop over experts in Python: 11 ms per layer; one profile of Transformers holds dense and mixture-of-experts models'],
  [null, (r) => family(r) === 'transformers',
    'bound by launches, 0.4 to 1.3 ms per layer by format and version; one profile holds all formats'],
  [slow, (r) => family(r) === 'llama.cpp' && mixture(r) && r.metric === 'decode_tok_s',
    'no kernel of llama.cpp is measured: its experts are timed as dense layers of vLLM'],
  [fast, (r) => family(r) === 'llama.cpp' && r.metric === 'prefill_tok_s' && r.gpus > 1,
    'layer split: prompts of large models are taken as pipelined over the GPUs, and are not'],
  [fast, (r) => family(r) === 'llama.cpp' && r.metric === 'prefill_tok_s' && r.gpu.startsWith('m5-'),
    'measured without the M5’s matrix units: with them, as llama.cpp uses them since October 2025 (pull request 16634), ten cores ' +
    'reach 608 tokens/s, and these forty no more than 987'],
  [null, (r) => family(r) === 'llama.cpp' && r.metric === 'prefill_tok_s',
    'no kernel of llama.cpp is measured: its prompts reach 8 to 29 % of the int8 peak on NVIDIA’s accelerators, by accelerator and ' +
    'format, and one profile holds a class of them'],
  [null, (r) => family(r) === 'llama.cpp' && r.approximation.includes('lengths'),
    'lengths, flags and version are not stated'],
  [fast, (r) => family(r) === 'llama.cpp' && /a100|m1/.test(r.gpu),
    'llama.cpp reaches half of the bandwidth on A100 and less on M1 Max than on other Apple chips; one profile holds the class'],
  [null, (r) => ['tgi', 'mindie', 'lmdeploy'].includes(family(r)),
    'the only cell of its engine: without it nothing of the engine is left to fit'],
  [null, (r) => /^mi\d/.test(r.gpu) && r.metric === 'ttft_ms' && r.set === 'argonne-ttft',
    'early vLLM took as long on MI300X as on a GCD of MI250X, which has a seventh of its peak (2.0 to 2.5 s for 16 prompts of ' +
    '1024 tokens); one profile holds both, and no kernel is measured on AMD'],
  [null, (r) => /^mi\d/.test(r.gpu), 'no kernel is measured on AMD accelerators; versions from 0.4 to 0.11 share two profiles'],
  [null, (r) => r.set === 'trtllm-static' && of(/Mixtral/)(r),
    'a static batch of equal prompts touches other numbers of experts than uniform routing'],
  [null, (r) => r.gpu.startsWith('arc-') && family(r) === 'vllm',
    'vLLM of November 2025 on XPU with the profile of NVIDIA’s accelerators, to which nearly all of its results belong; kernels were ' +
    'measured with a later version'],
  [slow, (r) => /sglang 0\.5\.6/.test(r.engine) && of(/8B/)(r),
    'TTFT and TPOT are below what the load of its own prompts allows: probably prompts repeat and their prefixes are cached'],
  [null, (r) => r.era === 'sglang 0.5',
    'cells of this version disagree, from a third to three times of what one profile says; their flags are not all stated'],
  [null, (r) => r.approximation.includes('lengths not stated'), 'lengths are not stated'],
  [null, (r) => r.approximation !== '', 'a stand-in for what is not published'],
  [null, (r) => r.metric === 'ttft_ms' && r.mode === 'fixed-batch' && r.concurrency >= 64,
    'TTFT under load is mostly queueing: small errors of the step multiply'],
  [null, (r) => r.metric === 'ttft_ms' && r.mode === 'fixed-batch' && r.concurrency >= 4,
    'TTFT of a closed loop depends on how prompts fall together, and on launch times of 0.7 to 3 ms per layer by version'],
  [null, (r) => r.source === 'generic', 'no kernel is measured on this accelerator or its like'],
];

export const errorOf = (row) => Math.abs(row.unseen.value / row.measured - 1);

function reasonOf(row) {
  const errs = row.unseen.value > row.measured === row.time ? slow : fast;
  return RULES.find(([direction, holds]) => (direction === null || direction === errs) && holds(row))?.[2] ?? UNKNOWN;
}

/** Below this share of a group's cells a reason is not named. */
const NAMED = 0.2;

/** The reasons of a group of results, cells weighted equally, with their shares when there are several. */
export function reasonsOf(rows) {
  const bad = rows.filter((row) => errorOf(row) > WORTH_A_REASON);
  const inCell = new Map();
  for (const { cell } of bad) inCell.set(cell, (inCell.get(cell) ?? 0) + 1);
  const shares = new Map();
  for (const row of bad) {
    const reason = reasonOf(row);
    shares.set(reason, (shares.get(reason) ?? 0) + 1 / inCell.get(row.cell) / inCell.size);
  }
  const sorted = [...shares].sort(([a, x], [b, y]) => y - x || byText(a, b));
  const named = sorted.filter(([, share], i) => i === 0 || share >= NAMED);
  if (!named.length) return UNKNOWN;
  if (sorted.length === 1) return named[0][0];
  return named.map(([reason, share]) => `${reason} (${wholePercent(share)})`).join('; ');
}
