/** Bad input: the error is told beside its field, what was typed stays, and so does the last answer. */
import type { Page } from '@playwright/test';
import { configOf, expect, open, test, verdict } from './tokencast.ts';

const good = configOf('qwen2.5-32b');
const changed = (from: string | RegExp, to: string): string => good.replace(from, to);

const configs: readonly (readonly [string, string, RegExp])[] = [
  ['no JSON', 'hello', /Not valid JSON at line 1, column 1/],
  ['truncated', good.slice(0, 200), /ends before the JSON is complete/],
  ['an array', '[1, 2, 3]', /object/i],
  ['a number', '42', /object/i],
  ['null', 'null', /object|missing|config/i],
  ['wrong type', changed('5120', '"wide"'), /hidden_size must be a whole number/],
  ['negative', changed('5120', '-5120'), /hidden_size is -5120/],
  ['zero', changed(/"num_hidden_layers": \d+/, '"num_hidden_layers": 0'), /num_hidden_layers is 0/],
  ['absurd', changed('5120', '1e300'), /hidden_size/],
  ['too large a number', changed('5120', '1e999'), /number too large/],
  ['NaN', changed('5120', 'NaN'), /NaN/],
  ['a Python dict', "{'hidden_size': None}", /Not valid JSON/],
  ['empty object', '{}', /names no model/],
  ['empty', '', /ends before the JSON is complete/],
  ['BERT', '{"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 768}', /not a decoder/],
  [
    'Whisper',
    '{"architectures": ["WhisperForConditionalGeneration"], "model_type": "whisper", "d_model": 512}',
    /not a decoder/,
  ],
  ['markup', '{"architectures": ["<img src=x onerror=alert(1)>"]}', /<img src=x onerror=alert\(1\)>/],
];

async function expectRefused(page: Page, field: string, message: RegExp): Promise<void> {
  const error = page.locator(`#${field}-error`);
  await expect(error).toContainText(message);
  await expect(page.locator(`#${field}`)).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator(`#${field}`)).toHaveAccessibleDescription(message);
  await expect(page.locator('.results')).toHaveClass(/stale/);
  await expect(verdict(page)).toBeVisible();
}

test('a bad config is told beside the field', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Paste a config.json' }).click();
  const field = page.locator('#config');
  for (const [name, text, message] of configs) {
    await test.step(name, async () => {
      await field.fill(text);
      await expectRefused(page, 'config', message);
      await expect(field).toHaveValue(text);
    });
  }
  await field.fill(good);
  await expect(page.locator('.error')).toHaveCount(0);
  await expect(page.locator('.results')).not.toHaveClass(/stale/);
});

test('10 MB of text are refused and leave the page working', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Paste a config.json' }).click();
  await page.locator('#config').evaluate((field: HTMLTextAreaElement) => {
    field.value = `{"a": "${'x'.repeat(10_000_000)}"}`;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  await expectRefused(page, 'config', /MB long/);
  await page.locator('#config').fill(good);
  await expect(page.locator('.error')).toHaveCount(0);
});

const numbers: readonly (readonly [string, readonly string[]])[] = [
  ['inputTokens', ['', '0', '-1', '1.5', 'abc', 'NaN', '1e400', '99999999999', '1,024', '１０２４']],
  ['outputTokens', ['', '0', '-1', '1e9']],
  ['concurrency', ['0', '70000', '2.5']],
  ['gpus', ['0', '-2', '3', '9999', 'two']],
  ['memoryFraction', ['0', '101', '']],
  ['utilisation', ['0', '101', '-60']],
];

test('a bad number is told beside its field', async ({ page }) => {
  await open(page);
  for (const [id, texts] of numbers) {
    const field = page.locator(`#${id}`);
    const before = await field.inputValue();
    for (const text of texts) {
      await test.step(`${id} ${JSON.stringify(text)}`, async () => {
        await field.fill(text);
        await expectRefused(page, id, /\S/);
        await expect(field).toHaveValue(text);
      });
    }
    await field.fill(before);
    await expect(page.locator('.error')).toHaveCount(0);
  }
});

test('bad figures of an own accelerator are told beside their fields', async ({ page }) => {
  await open(page);
  await page.getByLabel('Accelerator', { exact: true }).selectOption('own');
  const bad: readonly (readonly [string, string])[] = [
    ['customMemory', '-96'],
    ['customMemory', 'much'],
    ['customBandwidth', '0'],
    ['customBf16', '1e300'],
    ['customLink', 'NVLink'],
  ];
  for (const [id, text] of bad) {
    await test.step(`${id} ${JSON.stringify(text)}`, async () => {
      const field = page.locator(`#${id}`);
      const before = await field.inputValue();
      await field.fill(text);
      await expectRefused(page, id, /\S/);
      await field.fill(before);
      await expect(page.locator('.error')).toHaveCount(0);
    });
  }
});
