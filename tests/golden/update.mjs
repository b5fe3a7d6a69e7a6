// Rewrites the named golden responses (all of them only by --all), `models` among them: node tests/golden/update.mjs NAME…
import { writeFileSync } from 'node:fs';
import { answerOf, describedModels, goldens, modelsCsv, pretty } from './goldens.mjs';

const names = process.argv.slice(2);
if (names.length === 0) {
  console.error('usage: node tests/golden/update.mjs NAME… | --all');
  process.exit(2);
}
for (const golden of goldens()) {
  if (!names.includes('--all') && !names.includes(golden.name)) continue;
  writeFileSync(golden.response, pretty(answerOf(golden)));
  console.log(`updated ${golden.name}`);
}
if (names.includes('--all') || names.includes('models')) {
  writeFileSync(modelsCsv, describedModels());
  console.log('updated models');
}
