// What figures of an accelerator can be, by generation. Exceptions are named, with their reason: one that is no longer
// needed is a problem too.

/** GB/s for each GiB of memory: what stacks or chips of the type can give, from the largest and slowest to the smallest and fastest. */
export const bandwidthPerGiB = {
  HBM: [15, 62],
  HBM2: [25, 62], // 4 to 8 GB stacks at 1.6 to 2.4 Gbit/s on 1024 pins
  HBM2e: [19, 58], // 8 to 16 GB stacks at 2.4 to 3.6 Gbit/s
  HBM3: [20, 52], // 16 to 24 GB stacks at 4 to 6.4 Gbit/s
  HBM3e: [22, 52], // 24 to 36 GB stacks at 6 to 9.6 Gbit/s
  HBM4: [45, 90], // 36 to 48 GB stacks at 8 to 11 Gbit/s on 2048 pins
  'HBM (HiBL)': [10, 45],
  'HBM (HiZQ)': [10, 45],
  'HBM2 or GDDR6': [12, 62],
  GDDR5: [12, 40], // 1 GB chips of 32 pins at 7 to 9 Gbit/s, or two on the pins of one
  GDDR6: [10, 45], // 1 to 2 GB chips at 12 to 20 Gbit/s, or two on the pins of one
  GDDR6X: [18, 48], // 1 to 2 GB chips at 19 to 23 Gbit/s, or two on the pins of one
  GDDR7: [15, 64], // 2 to 3 GB chips at 28 to 32 Gbit/s, or two on the pins of one
  LPDDR4X: [3, 9],
  LPDDR5: [1.5, 14],
  LPDDR5X: [1.9, 10],
  DDR5: [0.3, 2],
  MRDIMM: [0.6, 3],
};

/** FLOPs of a dense product per unit and clock, fp32 accumulation, and the range of boost clocks in GHz. */
export const unitRates = {
  Pascal: { dtype: 'fp32', flops: 256, clock: [1.2, 1.8] },
  Volta: { flops: 1024, clock: [1.2, 1.6] },
  Turing: { flops: 1024, clock: [1.2, 1.8] },
  Ampere: { flops: 2048, clock: [1.1, 1.6] },
  'Ampere (GA10x)': { flops: 1024, consumer: 512, clock: [1.4, 2.0] },
  'Ampere (Orin)': { flops: 2048, clock: [0.9, 1.5] },
  Ada: { flops: 1024, consumer: 512, clock: [1.8, 2.8] },
  Hopper: { flops: 4096, clock: [1.4, 2.0] },
  Blackwell: { flops: 8192, clock: [1.5, 2.2] },
  'Blackwell Ultra': { flops: 8192, clock: [1.5, 2.2] },
  'Blackwell (GB20x)': { flops: 1024, consumer: 512, clock: [2.2, 2.9] },
  'Blackwell (Thor)': { flops: 8192, clock: [1.2, 1.8] },
  CDNA2: { flops: 1024, clock: [1.5, 1.8] },
  CDNA3: { flops: 2048, clock: [1.9, 2.2] },
  CDNA4: { flops: 4096, clock: [2.0, 2.5] },
  RDNA3: { flops: 512, clock: [2.2, 2.7] },
  'RDNA3.5': { flops: 512, clock: [2.6, 3.0] },
  RDNA4: { flops: 1024, clock: [2.6, 3.1] },
  'Xe-HPG': { flops: 2048, clock: [1.9, 2.5] },
  'Xe2-HPG': { flops: 2048, clock: [2.2, 2.95] },
  'Xe-HPC': { flops: 4096, clock: [1.4, 1.7] },
  DaVinci: { flops: 8192, clock: [0.8, 1.2] },
  'DaVinci (910B)': { flops: 8192, clock: [1.5, 2.0] },
  'DaVinci (A3)': { flops: 8192, clock: [1.5, 2.0] },
  'DaVinci (310P)': { flops: 8192, clock: [0.8, 1.3] },
  'Apple M1': { dtype: 'fp32', flops: 256, clock: [1.2, 1.4] },
  'Apple M2': { dtype: 'fp32', flops: 256, clock: [1.3, 1.5] },
  'Apple M3': { dtype: 'fp32', flops: 256, clock: [1.3, 1.7] },
  'Apple M4': { dtype: 'fp32', flops: 256, clock: [1.5, 1.9] },
  'Apple M5': { flops: 1024, clock: [1.5, 2.0] },
  'Zen 4': { dtype: 'fp32', flops: 32, clock: [2.0, 3.7] },
  'Granite Rapids': { flops: 2048, clock: [1.5, 2.5] },
};

/** Units that are cut, by id: FLOPs per unit and clock of these parts. */
export const cutRates = {
  'h20-96-sxm': 1024, // tensor rate cut to a quarter for export
  'h20-141-sxm': 1024,
  l20: 512, // halved with fp32 accumulation, as on GeForce
  l40: 512,
};

/** One direction, GB/s: all links of the largest part of a generation. By architecture where it differs. */
export const linkRates = {
  'NVLink 2': 150,
  'NVLink 3': 300,
  'NVLink 4': 450,
  'NVLink 4 bridge': 450,
  'NVLink 5': 900,
  'NVLink 6': 1800,
  'PCIe 3.0 x16': 15.75,
  'PCIe 4.0 x16': 31.5,
  'PCIe 4.0 x8': 15.75,
  'PCIe 5.0 x16': 63,
  'PCIe 5.0 x8': 31.5,
  'Infinity Fabric bridge': 150,
  'Infinity Fabric 2': 350,
  'Infinity Fabric 4': { CDNA3: 448, CDNA4: 535.5 },
  UALink: 1800,
  'RoCE 100 GbE': 262.5,
  'RoCE 200 GbE': 525,
  'Xe Link': 371,
  ICI: { 'TPU v4': 300, 'TPU v5e': 200, 'TPU v5p': 600, 'TPU v6e': 400, 'TPU v7': 600 },
  'NeuronLink-v2': 103.1,
  'NeuronLink-v3': 640,
  'NeuronLink-v4': 1280,
  HCCS: 196,
  UB: { 'DaVinci (A3)': 392, 'DaVinci (A5)': 840 },
  'MLU-Link': 200,
  'MTLink 1.0': 120,
  MTLink: 392,
  'GCU-LARE': 150,
  MetaXLink: 100,
  'ConnectX-7 200 GbE': 25,
};

/** GB/s of x16 in one direction. */
export const pcieRates = { 3: 15.75, 4: 31.5, 5: 63, 6: 121 };

/** [of, to, what their ratio may be, and on consumer cards, whose fp32 accumulation runs at half rate]. */
export const peakRatios = [
  { of: ['fp16'], to: ['bf16'], may: [1] },
  { of: ['fp8'], to: ['bf16', 'fp16'], may: [1, 2] },
  { of: ['fp4'], to: ['fp8'], may: [1, 2], consumer: [4] },
  { of: ['int8'], to: ['fp16', 'bf16'], may: [1, 2], consumer: [1, 2, 4] },
  { of: ['int4'], to: ['int8'], may: [1, 2] },
  { of: ['tf32'], to: ['fp16', 'bf16'], may: [0.5, 1] },
  { of: ['fp16_accumulate_fp16'], to: ['fp16'], may: [2] },
  { of: ['fp8_accumulate_fp16'], to: ['fp8'], may: [2] },
];

const slowBf16 = 'bf16 is slower than fp16 on this generation';
const dp4a = 'int8 is DP4A on the vector units, fp16 runs on tensor cores';
const cutInt8 = 'int8 was cut to make room for fp4 (NVIDIA, Blackwell Ultra datasheet)';
const announced = 'announced: as published, not understood';

/** What stands outside, and why: "id check". */
export const exceptions = {
  'ascend-910b2 fp16/bf16': slowBf16,
  'ascend-910b3 fp16/bf16': slowBf16,
  'ascend-910b4-32 fp16/bf16': slowBf16,
  'ascend-910b4-64 fp16/bf16': slowBf16,
  'ascend-910c fp16/bf16': slowBf16,
  'ascend-910c-die fp16/bf16': slowBf16,
  'gaudi3 fp16/bf16': 'the matrix engines multiply fp16 at a quarter of the bf16 rate (Gaudi 3 white paper)',
  'v100-16-sxm2 int8/fp16': dp4a,
  'v100-32-sxm2 int8/fp16': dp4a,
  'v100-32-pcie int8/fp16': dp4a,
  'b300-288-sxm int8/fp16': cutInt8,
  'gb300-288 int8/fp16': cutInt8,
  'b300-288-sxm fp4/fp8': 'fp4 was widened on this generation: 14 PFLOPS (Blackwell Ultra datasheet)',
  'gb300-288 fp4/fp8': 'fp4 was widened on this generation: 15 PFLOPS (GB300 page)',
  'trainium3 fp8/bf16': 'bf16 was kept from the generation before, fp8 doubled twice (trainium3.rst)',
  'mlu370-x8 int8/fp16': 'the launch text gives 256 and 96',
  'm5-10 int8/fp16': 'microbenchmarks reach a little less than twice fp16',
  'm5-pro-20 int8/fp16': 'microbenchmarks reach a little less than twice fp16',
  'm5-max-40 int8/fp16': 'microbenchmarks reach a little less than twice fp16',
  'rubin-288 fp8/bf16': announced,
  'rubin-288 int8/fp16': announced,
  'ascend-950dt fp8/bf16': announced,
  'rtx-5090d clock': 'tensor rates are cut by a share that is published for fp4 only',
};
