import { describe, expect, it } from 'vitest';
import { referenceTo, webAddress } from '../src/presets/source';

describe('a source', () => {
  it.each([
    ['https://www.nvidia.com/en-us/h200/', 'nvidia.com/en-us/h200/', 'https://www.nvidia.com/en-us/h200/'],
    [
      'https://example.com/prices (specialty tier, midpoint)',
      'example.com/prices (specialty tier, midpoint)',
      'https://example.com/prices',
    ],
    ['https://example.com/a, p. 4', 'example.com/a, p. 4', 'https://example.com/a'],
    [
      'github:alibaba/InferSim hardware/gpu.py',
      'alibaba/InferSim hardware/gpu.py',
      'https://github.com/alibaba/InferSim/blob/HEAD/hardware/gpu.py',
    ],
    [
      'github:sgl-project/ome pkg/qwen2.5_32b.json (17b77edad23b)',
      'sgl-project/ome pkg/qwen2.5_32b.json (17b77edad23b)',
      'https://github.com/sgl-project/ome/blob/17b77edad23b/pkg/qwen2.5_32b.json',
    ],
    [
      'github:stas00/ml-engineering network/README.md (2026-08-22)',
      'stas00/ml-engineering network/README.md (2026-08-22)',
      'https://github.com/stas00/ml-engineering/blob/HEAD/network/README.md',
    ],
    ['github:owner/repo', 'owner/repo', 'https://github.com/owner/repo'],
    [
      'github:owner/repo a#b?c.json',
      'owner/repo a#b?c.json',
      'https://github.com/owner/repo/blob/HEAD/a%23b%3Fc.json',
    ],
    [
      'community tables; no document of the vendor found',
      'community tables; no document of the vendor found',
      undefined,
    ],
    ['javascript:alert(1)', 'javascript:alert(1)', undefined],
    ['see https://example.com', 'see https://example.com', undefined],
    ['https://', 'https://', undefined],
  ])('%j', (source, text, url) => {
    expect(referenceTo(source)).toEqual(url === undefined ? { text } : { text, url });
  });

  it.each([
    ['https://huggingface.co/Qwen/Qwen2.5-32B', 'huggingface.co'],
    ['http://example.com', 'example.com'],
    ['javascript:alert(1)', undefined],
    ['ftp://example.com', undefined],
    ['https://', undefined],
    [5, undefined],
  ])('an address is one of the web: %j', (text, host) => {
    expect(webAddress(text)?.hostname).toBe(host);
  });
});
