// Accelerators with impossible figures: a unit slipped, a sparse peak, both directions of a link, a name taken twice.
// node tests/presets/lint.mjs [FILE]...
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bandwidthPerGiB, cutRates, exceptions, linkRates, pcieRates, peakRatios, unitRates } from './plausible.mjs';
import { figures, problem, read, report, value } from './presets.mjs';
import { validatorOf } from './validate.mjs';

const GiB = 2 ** 30;
const tolerance = 0.03; // datasheets round: 733 for twice 362
const close = (a, b, by = tolerance) => Math.abs(a / b - 1) <= by;
const short = (number) => Number(number.toPrecision(4));
const shared = (file) => file.class === 'soc' || file.class === 'edge';

// A check takes a file and tells each fault by say(pointer, message, hint, name of the exception that would excuse it).

function checkSources({ file }, say) {
  const keys = Object.keys(file.sources ?? {});
  const used = new Set((file.prices ?? []).map(({ source }) => source));
  for (const [pointer, { source }] of figures(file)) {
    used.add(source);
    if (!keys.includes(source))
      say(`${pointer}/source`, `"${source}" is not a key of sources`, `known: ${keys.join(', ')}`);
  }
  for (const [i, { source }] of (file.prices ?? []).entries())
    if (!keys.includes(source))
      say(`/prices/${i}/source`, `"${source}" is not a key of sources`, `known: ${keys.join(', ')}`);
  for (const key of keys) if (!used.has(key)) say(`/sources/${key}`, 'no figure names it', 'remove it, or name it');
}

function checkMemory({ file }, say) {
  const memory = value(file.memory_bytes);
  const usable = value(file.usable_memory_bytes);
  if (memory % GiB !== 0)
    say(
      '/memory_bytes/value',
      `${short(memory / 1e9)} GB is not a whole number of GiB`,
      `memory is the label x 2^30: ${Math.round(memory / 1e9)} GB is ${Math.round(memory / 1e9) * GiB}`,
    );
  if (usable > memory)
    say('/usable_memory_bytes/value', 'more than memory_bytes', 'it is what the driver leaves of it');
  // An operating system keeps a part of memory that it shares.
  const least = shared(file) ? 0.6 : 0.85;
  if (usable < least * memory)
    say(
      '/usable_memory_bytes/value',
      `${short((usable / memory) * 100)} % of memory_bytes, below ${least * 100} %`,
      'a driver keeps a few per cent: GB written for GiB?',
      'usable',
    );
}

function checkBandwidth({ file }, say) {
  const range = bandwidthPerGiB[file.memory_type];
  if (!range)
    return say(
      '/memory_type',
      `"${file.memory_type}" is not known`,
      `known: ${Object.keys(bandwidthPerGiB).join(', ')}; add it to tests/presets/plausible.mjs`,
    );
  const ratio = value(file.memory_bandwidth_bytes_per_s) / 1e9 / (value(file.memory_bytes) / GiB);
  if (ratio < range[0] || ratio > range[1])
    say(
      '/memory_bandwidth_bytes_per_s/value',
      `${short(ratio)} GB/s for each GiB; ${file.memory_type} gives ${range[0]} to ${range[1]}`,
      'check bandwidth, memory and memory_type',
      'bandwidth',
    );
}

function checkRatios({ file }, say) {
  const peaks = file.peak_flops_per_s;
  for (const { of, to, may, consumer } of peakRatios) {
    const [a] = of.filter((dtype) => dtype in peaks);
    const [b] = to.filter((dtype) => dtype in peaks);
    if (!a || !b) continue;
    const allowed = file.class === 'consumer' && consumer ? consumer : may;
    const ratio = value(peaks[a]) / value(peaks[b]);
    if (!allowed.some((one) => close(ratio, one)))
      say(
        `/peak_flops_per_s/${a}/value`,
        `${short(ratio)} times ${b}; expected ${allowed.join(' or ')}`,
        'a peak with sparsity, or with fp16 accumulation?',
        `${a}/${b}`,
      );
  }
  // Half rate with fp32 accumulation is what tells GeForce from the professional cards of its die.
  if (file.vendor === 'NVIDIA' && file.class === 'consumer' && !('fp16_accumulate_fp16' in peaks))
    say(
      '/peak_flops_per_s',
      'fp16_accumulate_fp16 is missing',
      'GeForce: fp16 and bf16 are the rates with fp32 accumulation, half of the one that pages print; give both',
    );
}

function checkClock({ id, file }, say) {
  const rate = unitRates[file.architecture];
  const units = value(file.compute_units);
  if (!rate || !units) return;
  const peaks = file.peak_flops_per_s;
  const dtype = rate.dtype ?? (peaks.fp16 && value(peaks.fp16) >= value(peaks.bf16 ?? 0) ? 'fp16' : 'bf16');
  if (!(dtype in peaks)) return;
  const flops = cutRates[id] ?? (file.class === 'consumer' ? (rate.consumer ?? rate.flops) : rate.flops);
  const clock = value(peaks[dtype]) / units / flops / 1e9;
  const [low, high] = rate.clock;
  if (clock < low || clock > high)
    say(
      `/peak_flops_per_s/${dtype}/value`,
      `needs a clock of ${short(clock)} GHz: ${units} units x ${flops} FLOPs of ${file.architecture}; expected ${low} to ${high} GHz`,
      'a peak with sparsity, or units miscounted?',
      'clock',
    );
}

function checkLink({ file }, say) {
  const { link, nic, pcie } = file;
  if (link) {
    const known = linkRates[link.type];
    const most = typeof known === 'object' ? known[file.architecture] : known;
    const rate = value(link.bandwidth_bytes_per_s) / 1e9;
    if (!most)
      say(
        '/link/type',
        `"${link.type}" of ${file.architecture} is not known`,
        'add its rate in one direction to linkRates in tests/presets/plausible.mjs',
      );
    else if (rate > most * 1.001)
      say(
        '/link/bandwidth_bytes_per_s/value',
        `${short(rate)} GB/s; ${link.type} has ${most} in one direction`,
        'vendors print both directions together: halve it',
        'link',
      );
    else if (rate < most / 6)
      say(
        '/link/bandwidth_bytes_per_s/value',
        `${short(rate)} GB/s; ${link.type} has ${most} in one direction`,
        'in a mesh, give the sum over all peers',
        'link',
      );
    const geforce = file.vendor === 'NVIDIA' && file.class === 'consumer';
    if (geforce && link.topology !== 'host')
      say(
        '/link/topology',
        `${link.topology} on a GeForce`,
        'the stock driver has peer to peer off: "host"',
        'topology',
      );
    if (/^PCIe/.test(link.type) && !/pcie|host/.test(link.topology))
      say('/link/topology', `${link.topology} over PCIe`, '"pcie", or "host" without peer to peer');
  }
  if (nic) {
    const rate = value(nic.bandwidth_bytes_per_s) / 1e9;
    if (rate < 3 || rate > 300)
      say(
        '/nic/bandwidth_bytes_per_s/value',
        `${short(rate)} GB/s for each accelerator; expected 3 to 300`,
        '400 Gbit/s is 50 GB/s',
        'nic',
      );
  }
  if (pcie) {
    const rate = value(pcie.bandwidth_bytes_per_s) / 1e9;
    const most = pcieRates[pcie.generation];
    if (![1, 2, 4].some((part) => close(rate, most / part)))
      say(
        '/pcie/bandwidth_bytes_per_s/value',
        `${short(rate)} GB/s is not x16, x8 or x4 of generation ${pcie.generation}`,
        `x16 has ${most} in one direction`,
      );
  }
}

function checkPower({ file }, say) {
  const peaks = file.peak_flops_per_s;
  const power = value(file.tdp_w);
  if (!power) return;
  const ratio = Math.max(...['bf16', 'fp16', 'fp32'].map((dtype) => value(peaks[dtype] ?? 0))) / 1e12 / power;
  const most = file.year <= 2018 ? 1 : file.year <= 2022 ? 2.2 : 3;
  if (ratio < 0.03 || ratio > most)
    say(
      '/tdp_w/value',
      `${short(ratio)} TFLOPS of 16 bit for each watt; expected 0.03 to ${most} in ${file.year}`,
      'watts of one accelerator; a dense peak',
      'power',
    );
}

function checkPrices({ file }, say) {
  const ranges = {
    USD: { rental: [0.05, 30], purchase: [50, 100_000] },
    CNY: { rental: [0.3, 200], purchase: [300, 700_000] },
  };
  for (const [i, price] of (file.prices ?? []).entries()) {
    const [low, high] = ranges[price.currency]?.[price.kind] ?? [0, Infinity];
    if (price.value < low || price.value > high)
      say(
        `/prices/${i}/value`,
        `${price.value} ${price.currency}; expected ${low} to ${high}`,
        'of one accelerator; rental for an hour',
        'price',
      );
    if (Number(price.date.slice(0, 4)) < file.year)
      say(
        `/prices/${i}/date`,
        `${price.date} is before its release in ${file.year}`,
        'the day on which the price was read',
      );
  }
}

function checkPackage({ file }, say, all) {
  if (!file.part_of) return;
  const whole = all.find(({ id }) => id === file.part_of)?.file;
  if (!whole) return say('/part_of', `there is no "${file.part_of}"`, "the id of the package's file");
  if (!whole.dies) return say('/part_of', `"${file.part_of}" has no dies`, 'add "dies" to the package\'s file');
  const amounts = ({ memory_bytes, memory_bandwidth_bytes_per_s, compute_units, peak_flops_per_s }) => ({
    memory_bytes,
    memory_bandwidth_bytes_per_s,
    compute_units,
    ...peak_flops_per_s,
  });
  const [mine, its] = [amounts(file), amounts(whole)];
  for (const key of Object.keys(mine))
    if (mine[key] && its[key] && !close(value(mine[key]) * whole.dies, value(its[key]), 0.01))
      say(
        `/${key in file ? key : `peak_flops_per_s/${key}`}`,
        `${whole.dies} of it are not the package's`,
        `${file.part_of} has ${value(its[key])}`,
      );
}

/** Ids, names and aliases, as people type them. */
function checkNames({ id, file }, say, all) {
  if (file.id !== id) say('/id', `"${file.id}" in ${id}.json`, 'the id is the name of the file');
  const mine = (preset) =>
    [preset.id, preset.file.name, ...(preset.file.aliases ?? [])].map((name) => name.toLowerCase());
  const others = new Map(
    all.filter((other) => other.id !== id).flatMap((other) => mine(other).map((name) => [name, other.id])),
  );
  for (const [i, alias] of (file.aliases ?? []).entries())
    if (others.has(alias.toLowerCase()))
      say(`/aliases/${i}`, `"${alias}" is ${others.get(alias.toLowerCase())} too`, 'one of the two must do without it');
  if (others.has(file.name.toLowerCase()))
    say(
      '/name',
      `"${file.name}" is ${others.get(file.name.toLowerCase())} too`,
      'memory and form factor tell them apart',
    );
}

const checks = [
  checkNames,
  checkSources,
  checkMemory,
  checkBandwidth,
  checkRatios,
  checkClock,
  checkLink,
  checkPower,
  checkPrices,
  checkPackage,
];

/** Problems of presets, [{id, path, file}], that are valid under the schema; all: those they are looked at beside. */
export function lint(presets, all = presets) {
  const problems = [];
  const excused = new Set();
  for (const preset of presets) {
    const say = (pointer, message, hint, exception) => {
      const name = `${preset.id} ${exception}`;
      if (exception && name in exceptions) excused.add(name);
      else
        problems.push(
          problem(
            preset.path,
            pointer,
            message,
            exception
              ? `${hint}\n    if it is right, add "${name}" to the exceptions in tests/presets/plausible.mjs`
              : hint,
          ),
        );
    };
    for (const check of checks) check(preset, say, all);
    for (const name of Object.keys(exceptions).filter((name) => name.startsWith(`${preset.id} `) && !excused.has(name)))
      problems.push(
        problem(preset.path, '', `the exception "${name}" is not needed`, 'remove it from tests/presets/plausible.mjs'),
      );
  }
  return problems;
}

function main(paths) {
  const validate = validatorOf('accelerators');
  const isValid = (preset) => validate(preset).length === 0;
  const all = read('accelerators');
  const some = paths.length
    ? read(
        'accelerators',
        paths.map((path) => resolve(path)),
      )
    : all;
  const ids = new Set(some.presets.map(({ id }) => id));
  const others = all.presets.filter((preset) => !ids.has(preset.id) && isValid(preset));
  const valid = some.presets.filter(isValid);
  const problems = [...some.problems, ...some.presets.flatMap(validate), ...lint(valid, [...others, ...valid])];
  return report(problems, `plausible: ${valid.length} accelerators`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main(process.argv.slice(2)));
