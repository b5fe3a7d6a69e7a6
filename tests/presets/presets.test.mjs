// Each check of presets/ fails on a made-up file that it is there for, and on nothing else.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { lint } from './lint.mjs';
import { read } from './presets.mjs';
import { differences } from './statistics.mjs';
import { validatorOf } from './validate.mjs';

const GiB = 2 ** 30;
const figure = (value, more = {}) => ({ value, confidence: 'datasheet', source: 'sheet', ...more });

/** A card that never was: 100 units of Hopper at 1.8 GHz, five stacks of HBM3. */
function card(change = () => {}) {
  const file = {
    id: 'card',
    vendor: 'NVIDIA',
    name: 'Card 80 GB',
    aliases: ['Card'],
    class: 'datacentre',
    architecture: 'Hopper',
    year: 2023,
    memory_type: 'HBM3',
    memory_bytes: figure(80 * GiB),
    usable_memory_bytes: figure(79.5 * GiB),
    memory_bandwidth_bytes_per_s: figure(3.35e12),
    peak_flops_per_s: {
      fp32: figure(46e12),
      tf32: figure(370e12),
      fp16: figure(740e12),
      bf16: figure(740e12),
      fp8: figure(1480e12),
      int8: figure(1480e12),
    },
    link: { type: 'NVLink 4', topology: 'switch', bandwidth_bytes_per_s: figure(450e9), domain_size: 8 },
    nic: { bandwidth_bytes_per_s: figure(50e9) },
    pcie: { generation: 5, bandwidth_bytes_per_s: figure(63e9) },
    cache_bytes: figure(50e6),
    compute_units: figure(100),
    tdp_w: figure(700),
    prices: [{ kind: 'rental', currency: 'USD', value: 2, date: '2026-05', source: 'sheet' }],
    sources: { sheet: 'https://example.org' },
  };
  change(file);
  return { id: 'card', path: 'card.json', file };
}

const geforce = (f) => {
  Object.assign(f, {
    class: 'consumer',
    architecture: 'Ada',
    name: 'GeForce',
    memory_type: 'GDDR6X',
    memory_bytes: figure(24 * GiB),
    usable_memory_bytes: figure(23.9 * GiB),
    memory_bandwidth_bytes_per_s: figure(1008e9),
  });
  f.peak_flops_per_s = {
    fp16: figure(165.2e12),
    bf16: figure(165.2e12),
    fp8: figure(330.3e12),
    int8: figure(660.6e12),
    fp16_accumulate_fp16: figure(330.3e12),
  };
  f.compute_units = figure(128);
  f.link = { type: 'PCIe 4.0 x16', topology: 'host', bandwidth_bytes_per_s: figure(31.5e9), domain_size: 8 };
};

test('plausible cards are let through', () => {
  assert.deepEqual(lint([card()]), []);
  assert.deepEqual(lint([card(geforce)]), []);
});

const cases = [
  ['an id that is not the name of the file', (f) => (f.id = 'cart'), /\/id: "cart" in card\.json/],
  ['a source that is not listed', (f) => (f.tdp_w.source = 'shet'), /\/tdp_w\/source: "shet" is not a key/],
  ['a price without a source', (f) => (f.prices[0].source = 'page'), /\/prices\/0\/source/],
  [
    'a source that nothing names',
    (f) => (f.sources.page = 'https://example.org/2'),
    /\/sources\/page: no figure names it/,
  ],
  [
    'GB for GiB',
    (f) => {
      f.memory_bytes.value = 80e9;
      f.usable_memory_bytes.value = 79e9;
    },
    /80 GB is not a whole number of GiB\n.*85899345920/,
  ],
  ['more usable than there is', (f) => (f.usable_memory_bytes.value = 81 * GiB), /more than memory_bytes/],
  [
    'usable memory in the wrong unit',
    (f) => (f.usable_memory_bytes.value = 60 * GiB),
    /75 % of memory_bytes, below 85 %/,
  ],
  [
    'a bandwidth that the stacks cannot give',
    (f) => (f.memory_bandwidth_bytes_per_s.value = 13.4e12),
    /HBM3 gives 20 to 52/,
  ],
  ['the bandwidth of the pair', (f) => (f.memory_bandwidth_bytes_per_s.value = 7.8e12), /97\.5 GB\/s for each GiB/],
  ['a memory type that nobody knows', (f) => (f.memory_type = 'HBM9'), /"HBM9" is not known/],
  ['a sparse fp8 peak', (f) => (f.peak_flops_per_s.fp8.value *= 2), /fp8\/value: 4 times bf16; expected 1 or 2/],
  ['a sparse fp4 peak', (f) => (f.peak_flops_per_s.fp4 = figure(5920e12)), /fp4\/value: 4 times fp8/],
  ['a sparse int8 peak', (f) => (f.peak_flops_per_s.int8.value *= 2), /int8\/value: 4 times fp16/],
  [
    'fp16 that differs from bf16',
    (f) => (f.peak_flops_per_s.bf16.value = 700e12),
    /fp16\/value: 1\.057 times bf16; expected 1\n/,
  ],
  [
    'sparse peaks throughout',
    (f) => Object.values(f.peak_flops_per_s).forEach((peak) => (peak.value *= 2)),
    /a clock of 3\.613 GHz.*expected 1\.4 to 2 GHz/,
  ],
  ['vector units for tensor cores', (f) => (f.compute_units.value = 12800), /a clock of 0\.01411 GHz/],
  [
    'both directions of a link',
    (f) => (f.link.bandwidth_bytes_per_s.value = 900e9),
    /900 GB\/s; NVLink 4 has 450 in one direction\n.*halve it/,
  ],
  ['one peer of a mesh', (f) => (f.link.bandwidth_bytes_per_s.value = 64e9), /64 GB\/s; NVLink 4 has 450/],
  ['a link that nobody knows', (f) => (f.link.type = 'NVLink 9'), /"NVLink 9" of Hopper is not known/],
  [
    'a switch over PCIe',
    (f) => (f.link = { ...f.link, type: 'PCIe 5.0 x16', bandwidth_bytes_per_s: figure(63e9) }),
    /switch over PCIe/,
  ],
  [
    'bits for bytes of a network card',
    (f) => (f.nic.bandwidth_bytes_per_s.value = 400e9),
    /400 GB\/s for each accelerator/,
  ],
  [
    'both directions of PCIe',
    (f) => (f.pcie.bandwidth_bytes_per_s.value = 128e9),
    /128 GB\/s is not x16, x8 or x4 of generation 5/,
  ],
  ['the power of a phone', (f) => (f.tdp_w.value = 70), /10\.57 TFLOPS of 16 bit for each watt/],
  ['the price of a server', (f) => (f.prices[0].value = 98.32), /98\.32 USD; expected 0\.05 to 30/],
  ['a price from before its release', (f) => (f.prices[0].date = '2019-05'), /2019-05 is before its release in 2023/],
  ['a package that is not there', (f) => (f.part_of = 'pair'), /there is no "pair"/],
];

for (const [name, change, expected] of cases) {
  test(name, () => {
    const problems = lint([card(change)]);
    assert.match(problems.join('\n'), expected);
    for (const problem of problems) assert.match(problem, /^card\.json \/\S*: .+\n    \S/);
  });
}

test('GeForce: the rate with fp16 accumulation, and peer to peer', () => {
  const faults = (change) =>
    lint([
      card((f) => {
        geforce(f);
        change(f);
      }),
    ]).join('\n');
  assert.match(
    faults((f) => (f.peak_flops_per_s.fp16.value = f.peak_flops_per_s.bf16.value = 330.3e12)),
    /fp16_accumulate_fp16\/value: 1 times fp16; expected 2/,
  );
  assert.match(
    faults((f) => delete f.peak_flops_per_s.fp16_accumulate_fp16),
    /fp16_accumulate_fp16 is missing/,
  );
  assert.match(
    faults((f) => (f.link.topology = 'pcie')),
    /pcie on a GeForce/,
  );
});

test('a name belongs to one accelerator', () => {
  const twin = (change) => ({
    ...card((f) => {
      Object.assign(f, { id: 'twin', name: 'Twin', aliases: [] });
      change(f);
    }),
    id: 'twin',
    path: 'twin.json',
  });
  assert.match(lint([card(), twin((f) => (f.aliases = ['CARD']))]).join('\n'), /"CARD" is card too/);
  assert.match(lint([card(), twin((f) => (f.name = 'Card 80 GB'))]).join('\n'), /\/name: "Card 80 GB" is card too/);
  assert.deepEqual(lint([card(), twin(() => {})]), []);
});

test('dies make up their package', () => {
  const die = (change) => ({
    ...card((f) => {
      Object.assign(f, { id: 'die', name: 'Die', aliases: [], part_of: 'card' });
      change(f);
    }),
    id: 'die',
    path: 'die.json',
  });
  const whole = card((f) => (f.dies = 2));
  const faults = lint([whole, die((f) => (f.tdp_w.value = 699))]).join('\n');
  assert.match(faults, /\/memory_bytes: 2 of it are not the package's/);
  assert.match(faults, /\/peak_flops_per_s\/fp8: 2 of it are not/);
  assert.match(lint([card(), die(() => {})]).join('\n'), /"card" has no dies/);
});

test('an exception that is not needed is told', () => {
  const h100 = read('accelerators').presets.find(({ id }) => id === 'h100-80-sxm').file;
  const named = { ...h100, id: 'gaudi3', name: 'Named', aliases: [] };
  assert.match(
    lint([{ id: 'gaudi3', path: 'gaudi3.json', file: named }]).join('\n'),
    /the exception "gaudi3 fp16\/bf16" is not needed/,
  );
});

test('the schema tells the file, the place, what is wrong and what to do', () => {
  const validate = validatorOf('accelerators');
  assert.deepEqual(validate(card()), []);
  const faults = [
    [
      (f) => {
        f.memory_tpye = f.memory_type;
        delete f.memory_type;
      },
      /card\.json \/memory_tpye: "memory_tpye" is not a field here\n    did you mean "memory_type"\?/,
    ],
    [(f) => delete f.class, /card\.json \/: "class" is missing\n    add "class"/],
    [(f) => (f.class = 'server'), /\/class: "server" is not known here\n    one of: datacentre, /],
    [(f) => (f.memory_bytes.value = 80), /\/memory_bytes\/value: must be >= 100000000, is 80\n    .*label x 2\^30/],
    [(f) => (f.tdp_w = 700), /\/tdp_w: must be object, is 700\n    a figure is /],
    [
      (f) => (f.tdp_w.confidence = 'sure'),
      /\/tdp_w\/confidence: "sure" is not known here\n    one of: datasheet, secondary, unconfirmed/,
    ],
    [(f) => delete f.tdp_w.source, /\/tdp_w: "source" is missing/],
    [(f) => (f.peak_flops_per_s = { fp8: figure(1e15) }), /\/peak_flops_per_s: must match a schema in anyOf/],
    [
      (f) => (f.link.topology = 'ring'),
      /\/link\/topology: "ring" is not known here\n    one of: switch, mesh, pcie, host/,
    ],
    [(f) => (f.compute_units.value = 99.5), /\/compute_units\/value: must be integer/],
    [(f) => (f.prices[0].date = 'May 2026'), /\/prices\/0\/date: must match pattern .*\n    A year, a month or a day/],
  ];
  for (const [change, expected] of faults) assert.match(validate(card(change)).join('\n'), expected);
});

test('a file that is no JSON is a problem, not a crash', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'tokencast-')), 'card.json');
  writeFileSync(path, '{"id": "card",}');
  const { presets, problems } = read('accelerators', [path]);
  assert.equal(presets.length, 0);
  assert.match(problems[0], /card\.json \/: not JSON/);
});

test('a data sheet figure that differs from the table needs a note', () => {
  const row = (change) => ({
    id: 'card',
    memory_gb: '80',
    mem_bandwidth_gb_s: '3350',
    figure_confidence: 'mem=datasheet bw=datasheet',
    ...change,
  });
  const bare = card((f) => {
    for (const key of [
      'usable_memory_bytes',
      'peak_flops_per_s',
      'link',
      'nic',
      'pcie',
      'cache_bytes',
      'compute_units',
      'tdp_w',
    ])
      delete f[key];
  });
  assert.deepEqual(differences([bare], [row()]), []);
  const [differs] = differences([bare], [row({ mem_bandwidth_gb_s: '3072' })]);
  assert.deepEqual(differs, {
    text: 'card /memory_bandwidth_bytes_per_s: 3350, 3072 in mem_bandwidth_gb_s',
    argued: false,
  });
  bare.file.memory_bandwidth_bytes_per_s.note = 'LLM-Viewer has 3072';
  assert.equal(differences([bare], [row({ mem_bandwidth_gb_s: '3072' })])[0].argued, true);
  // Nor may a figure claim a data sheet that was not read.
  assert.match(
    differences([bare], [row({ figure_confidence: 'mem=datasheet-unread bw=datasheet' })])[0].text,
    /memory_bytes: marked datasheet, datasheet-unread in the table/,
  );
});
