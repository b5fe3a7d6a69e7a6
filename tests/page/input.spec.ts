/** Bad input: the error is told beside its field, what was typed stays, and so does the last answer. */
import type { Page } from '@playwright/test';
import { choose, configOf, expect, open, paste, test, verdict } from './tokencast.ts';

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
  ['a Python dict', "{'hidden_size': None}", /names no model/],
  ['neither JSON nor Python', "{'hidden_size': wide}", /Not valid JSON at line 1, column 17/],
  ['empty object', '{}', /names no model/],
  ['empty', '', /The text is empty/],
  ['BERT', '{"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 768}', /not a decoder/],
  [
    'Whisper',
    '{"architectures": ["WhisperForConditionalGeneration"], "model_type": "whisper", "d_model": 512}',
    /not a decoder/,
  ],
  ['markup', changed('bfloat16', '<img src=x onerror=alert(1)>'), /<img src=x onerror=alert\(1\)>/],
  ['layers that are not known', changed('{', '{"layer_types": ["full", "none"],'), /layer_types/],
  [
    'an unknown class with keys of its own',
    changed('Qwen2ForCausalLM', 'NobodyForCausalLM')
      .replace('"model_type": "qwen2"', '"model_type": "nobody"')
      .replace('{', '{"memory_slots": 16, "reader_width": 512,'),
    /"NobodyForCausalLM" is not a known family.*memory_slots, reader_width/,
  ],
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

const twoConfigs = `# Qwen2.5-7B
{'architectures': ['Qwen2ForCausalLM'], 'hidden_size': 3584, 'intermediate_size': 18944, 'num_hidden_layers': 28,
 'num_attention_heads': 28, 'num_key_value_heads': 4, 'vocab_size': 152064, 'torch_dtype': 'bfloat16',
 'tie_word_embeddings': False, 'use_cache': True, 'sliding_window': None}  # no window

# Qwen2.5-32B
{'architectures': ['Qwen2ForCausalLM'], 'hidden_size': 5120, 'intermediate_size': 27648, 'num_hidden_layers': 64,
 'num_attention_heads': 40, 'num_key_value_heads': 8, 'vocab_size': 152064, 'torch_dtype': 'bfloat16',
 'tie_word_embeddings': False, 'use_cache': True, 'sliding_window': None}
`;

test('one of several pasted configs can be chosen', async ({ page }) => {
  await open(page, '#v1?m=llama-3.1-8b');
  await page.locator('h1').click();
  await paste(page, twoConfigs);
  const field = page.locator('#config');
  await expectRefused(page, 'config', /The text holds 2 configs/);
  const choices = page.getByRole('group', { name: 'Choose a config' }).getByRole('button');
  await expect(choices).toHaveText(['Qwen2.5-7B', 'Qwen2.5-32B']);

  await choices.nth(1).click();
  await expect(page.locator('.error')).toHaveCount(0);
  await expect(page.getByText('Chosen: Qwen2.5-32B')).toBeVisible();
  await expect(verdict(page)).toContainText('Your Qwen2ForCausalLM');
  await expect(page.locator('[aria-labelledby="model-title"]')).toContainText('32,763,876,352');
  await expect(field).toHaveValue(twoConfigs);

  await expect(page).toHaveURL(/#v1z=/);
  await page.reload();
  await expect(page.getByText('Chosen: Qwen2.5-32B')).toBeVisible();
  await page.getByRole('button', { name: 'Choose another' }).click();
  await expect(choices.first()).toBeFocused();
  await choices.first().click();
  await expect(page.getByText('Chosen: Qwen2.5-7B')).toBeVisible();
  await field.fill(`${twoConfigs}\n`);
  await expectRefused(page, 'config', /The text holds 2 configs/);
  await field.fill(good);
  await expect(page.locator('.choice')).toHaveCount(0);
  await expect(page.locator('.error')).toHaveCount(0);
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
  ['inputTokens', ['', '0', '-1', '1.5', 'abc', 'NaN', '1e400', '99999999999', '1,024', '１，０２４']],
  ['outputTokens', ['', '0', '-1', '1e9']],
  ['concurrency', ['0', '70000', '2.5']],
  ['gpus', ['0', '-2', '3', '9999', 'two']],
  ['dp', ['0', '3', '']],
  ['pp', ['0', '65', 'two']],
  ['ep', ['0', '2']],
  ['nodes', ['0', '2', 'x']],
  ['memoryFraction', ['0', '101', '']],
  ['utilisation', ['0', '101', '-60']],
];

test('a bad number is told beside its field', async ({ page }) => {
  await open(page);
  for (const [id, texts] of numbers) {
    const field = page.locator(`#${id}`);
    await field.evaluate((input) => input.closest('details')?.setAttribute('open', ''));
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
  await choose(page, 'accelerator', 'own');
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
