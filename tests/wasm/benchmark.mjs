// Prints the median time of one estimate in WebAssembly, JSON in and out: node tests/wasm/benchmark.mjs
import { inlined } from '../golden/goldens.mjs';
import { engine } from './module.mjs';

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
