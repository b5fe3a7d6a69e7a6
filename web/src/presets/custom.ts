/** A listed accelerator as something to start from when describing one's own. */
import { defaultInputs, type CustomAccelerator } from '../inputs';
import type { AcceleratorFile, Figure } from './types';

const GiB = 2 ** 30;

function text(figure: Figure | undefined, unit: number): string {
  if (figure === undefined) return '';
  return String((typeof figure === 'number' ? figure : figure.value) / unit);
}

export function customFrom(file: AcceleratorFile): CustomAccelerator {
  const peaks = file.peak_flops_per_s;
  return {
    name: file.name,
    memory: text(file.memory_bytes, GiB),
    memoryUnit: defaultInputs.custom.memoryUnit,
    bandwidth: text(file.memory_bandwidth_bytes_per_s, 1e9),
    fp16: text(peaks['fp16'], 1e12),
    bf16: text(peaks['bf16'], 1e12),
    fp8: text(peaks['fp8'], 1e12),
    int8: text(peaks['int8'], 1e12),
    link: text(file.link?.bandwidth_bytes_per_s, 1e9),
  };
}
