import { describe, expect, it } from 'vitest';
import { looksLikeAccelerator, looksLikeConfig } from '../src/paste';

describe('a text pasted on the page', () => {
  it.each([
    '{"model_type": "qwen2"}',
    "{'model_type': 'qwen2', 'use_cache': True}",
    'config = {"hidden_size": 4096,  # wide\n}',
    '## Qwen2.5-7B\n\n{"hidden_size": 3584}\n\n## Qwen2.5-32B\n\n{"hidden_size": 5120}',
    '```json\n{"architectures": ["LlamaForCausalLM"]}\n```\n',
    'llama_model_loader: - kv   0:  general.architecture str = qwen3\n',
    '{"general.architecture": "qwen3", "qwen3.block_count": 36}',
  ])('is taken as a config: %j', (text) => {
    expect(looksLikeConfig(text)).toBe(true);
  });

  it.each([
    '',
    '1024',
    'hello',
    'The config says {"hidden_size": 4096}.',
    '{"result": {"hidden_size": 4096}}',
    "{'temperature': 0.7}",
    '# hidden_size',
    '# "hidden_size": 4096',
    '# Sizes\n"hidden_size": 4096, {',
    '{hidden_size: 4096}',
  ])('is left alone: %j', (text) => {
    expect(looksLikeConfig(text)).toBe(false);
  });

  it('is judged at once, however long', () => {
    expect(looksLikeConfig('# {'.repeat(1_000_000))).toBe(false);
    expect(looksLikeConfig(`${' '.repeat(1_000_000)}x`)).toBe(false);
  });
});

describe('a text is taken for the file of an accelerator', () => {
  it.each([
    ['{"name": "Mine", "peak_flops_per_s": {"bf16": 1e14}}', true],
    [' {"memory_bandwidth_bytes_per_s": 1e12', true],
    ['{"model_type": "qwen2"}', false],
    ['{"accelerator": {"custom": {"peak_flops": 1}}}', false],
    ['"peak_flops_per_s": 1', false],
    ['', false],
  ])('%j: %j', (text, expected) => {
    expect(looksLikeAccelerator(text)).toBe(expected);
  });
});
