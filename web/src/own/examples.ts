/** What can be pasted, one of each form. The figures are made up. */

export const summary = `===== Serving Benchmark Result =====
Successful requests:             320
Maximum request concurrency:     32
Total input tokens:              327680
Total generated tokens:          81920
Request throughput (req/s):      3.44
Output token throughput (tok/s): 879.91
Mean TTFT (ms):                  812.50
Mean TPOT (ms):                  33.20`;

export const table = `input_tokens,output_tokens,concurrency,ttft_ms,tpot_ms
1024,256,1,120,21.5
1024,256,8,260,25.0
1024,256,32,810,33.2`;

export const log = 'INFO [kv_cache_utils.py:716] GPU KV cache size: 84,016 tokens';

/** Of a CSV, as the engine knows them. */
export const columns = [
  'input_tokens',
  'output_tokens',
  'concurrency',
  'requests',
  'ttft_ms',
  'ttft_s',
  'tpot_ms',
  'tpot_s',
  'output_tokens_per_s',
  'total_tokens_per_s',
  'requests_per_s',
] as const;
