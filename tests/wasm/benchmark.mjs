// Prints the median time of one estimate, by calibrated kernels, and of reading a config of 3 MB in WebAssembly, JSON in and out:
//   node tests/wasm/benchmark.mjs
import { inlined } from '../golden/goldens.mjs';
import { engine, simulator } from './module.mjs';

const budgetMs = 2;

function medianMs(request) {
  const times = [];
  for (let i = 0; i < 500; i++) {
    const start = performance.now();
    engine.estimate(request);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length / 2];
}

for (const [preset, gpus] of [['deepseek-r1', 8], ['qwen2.5-32b', 1], ['qwen3-30b-a3b', 1]]) {
  const request = inlined(JSON.stringify({
    schema: 1,
    model: { preset },
    accelerator: { preset: 'h200-141-sxm' },
    deployment: { gpus },
    workload: { input_tokens: 4096, output_tokens: 1024, concurrency: 16 },
  }));
  const median = medianMs(request);
  const verdict = median <= budgetMs ? 'within' : 'OVER';
  console.log(`${preset} on ${gpus}: median ${median.toFixed(3)} ms, ${verdict} the budget of ${budgetMs} ms`);
}

/** A service under load: a loop of 1,000 requests, and the search for the most load within limits. */
function simulated(workload) {
  const request = inlined(JSON.stringify({
    schema: 1, model: { preset: 'deepseek-r1' }, accelerator: { preset: 'h200-141-sxm' }, deployment: { gpus: 8, engine: 'vllm' },
    workload: { input_tokens: 4096, output_tokens: 1024, lengths: 'lognormal', requests: 1000, ...workload },
  }));
  const times = [];
  for (let i = 0; i < 11; i++) {
    const start = performance.now();
    const response = simulator.simulate(request);
    times.push(performance.now() - start);
    if (!response.startsWith('{"ok":true')) throw new Error(response.slice(0, 200));
  }
  return times.sort((a, b) => a - b)[5];
}

const limits = { ttft_s: { p95: 2 }, tpot_s: { p95: 0.05 } };
for (const [name, workload, budget] of [
  ['closed loop of 64 users', { concurrency: 64 }, 50],
  ['1 request/s', { request_rate: 1 }, 100],
  ['search of rate and users within limits', { concurrency: 64, limits }, 500],
]) {
  const median = simulated(workload);
  console.log(`simulate, ${name}: median ${median.toFixed(1)} ms, ${median <= budget ? 'within' : 'OVER'} the budget of ${budget} ms`);
}

/** A config of 3 MB, as mixed-precision checkpoints have them: a format for each expert of each layer. */
function largeConfig() {
  const quantized = {};
  for (let layer = 0; layer < 58; layer++) {
    for (let expert = 0; expert < 128; expert++) {
      for (const name of ['gate_proj', 'up_proj', 'down_proj']) {
        quantized[`model.language_model.layers.${layer}.mlp.experts.${expert}.${name}`] = { quant_algo: 'NVFP4', group_size: 16 };
      }
    }
  }
  const config = {
    architectures: ['Qwen3MoeForCausalLM'], hidden_size: 4096, num_hidden_layers: 94, num_attention_heads: 64,
    num_key_value_heads: 4, head_dim: 128, vocab_size: 151936, num_experts: 128, num_experts_per_tok: 8,
    moe_intermediate_size: 1536, torch_dtype: 'bfloat16',
    quantization_config: { quant_method: 'modelopt', quant_algo: 'MIXED_PRECISION', quantized_layers: quantized },
  };
  return JSON.stringify(config, null, 4);  // as checkpoints are saved
}

const large = largeConfig();
const largeBudgetMs = 50;
const times = [];
for (let i = 0; i < 21; i++) {
  const start = performance.now();
  const response = engine.describe(large);
  times.push(performance.now() - start);
  if (!response.startsWith('{"ok":true')) throw new Error(response.slice(0, 200));
}
const median = times.sort((a, b) => a - b)[10];
console.log(`config of ${(large.length / 1e6).toFixed(2)} MB: median ${median.toFixed(1)} ms, ` +
  `${median <= largeBudgetMs ? 'within' : 'OVER'} the budget of ${largeBudgetMs} ms`);
