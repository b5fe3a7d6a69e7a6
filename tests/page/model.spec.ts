/** What the page says of a model, and the formats in which its weights can be served. */
import type { Page } from '@playwright/test';
import { hybrid, windowed } from './configs.ts';
import {
  choose,
  configOf,
  copyCommand,
  copyResult,
  expect,
  open,
  paste,
  picker,
  runCommand,
  test,
  verdict,
} from './tokencast.ts';

const card = (page: Page) => page.locator('[aria-labelledby="model-title"]');
const facts = (page: Page) => card(page).locator('.facts').first();
const more = (page: Page) => card(page).locator('details');
const notes = (page: Page) => page.locator('.notes');
const row = (page: Page, name: string) =>
  more(page)
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name, exact: true }) });
const weights = (page: Page) => page.getByLabel('Weights', { exact: true });

async function openConfig(page: Page, config: object | string, hash = ''): Promise<void> {
  await open(page, hash);
  await page.locator('h1').click();
  await paste(page, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  await expect(picker(page, 'model')).toHaveAttribute('data-value', 'own');
  await expect(page.locator('.error')).toHaveCount(0);
  await expect(verdict(page)).not.toContainText('Qwen2.5-32B');
}

async function showMore(page: Page): Promise<void> {
  await more(page).locator('summary').click();
}

test('a hybrid model is told by its layers, its state and what is listed apart', async ({ page }) => {
  await openConfig(page, hybrid);
  await expect(card(page).locator('.traits li')).toHaveText([
    'Gated DeltaNet',
    'GQA',
    'MoE',
    'Shared experts',
    'QK norm',
    'Output gate',
    'MTP',
    'Vision',
  ]);
  for (const label of await card(page).locator('.traits li').all()) {
    await expect(label).toHaveAttribute('title', /\w+\.$/);
  }
  await expect(facts(page)).toContainText(/Layers\s+8\s+6\s×\sGated DeltaNet, 2\s×\sGQA/);
  await expect(facts(page)).toContainText(/KV cache for each token \(BF16\)\s+2,048 bytes/);
  await expect(facts(page)).toContainText(/State of each sequence\s+823 kB/);
  await expect(facts(page)).toContainText(/Active for each token\s+154,\d{3},\d{3} \(0\.154 B\)/);
  await expect(facts(page)).toContainText('102,991,840 (0.103 B) without the embedding table');
  await expect(row(page, 'Experts')).toBeHidden();

  await showMore(page);
  await expect(row(page, 'Gated DeltaNet')).toHaveText(/MoE\s+4 of 32\s+6/);
  await expect(row(page, 'Experts')).toContainText('201,326,592');
  await expect(row(page, 'Output head (lm_head)')).toContainText('51,200,000');
  await expect(row(page, 'Multi-token prediction (MTP)')).toContainText('31,758,592');
  await expect(row(page, 'Vision part')).toContainText('3,612,928');
  await expect(row(page, 'Multi-token prediction (MTP) layers')).toContainText('+31,758,592');
  await expect(notes(page)).toContainText('1 multi-token-prediction layer(s)');
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
});

test('windows are told with what they keep at most', async ({ page }) => {
  await openConfig(page, windowed);
  await expect(facts(page)).toContainText(/12,288 bytes\s+2,048 once the windows are full/);
  await expect(facts(page)).not.toContainText('State of each sequence');
  await expect(facts(page)).not.toContainText('Active for each token');
  await showMore(page);
  await expect(more(page)).toContainText('A window of 512 tokens in 10 layers: at most 5.24 MB');
  await expect(more(page)).toContainText(/stored again though it is the embedding table\s+\+51,200,000/);
  await expect(more(page)).not.toContainText('Not in the total');
});

test('an encoder that the config says too little of is named, not counted', async ({ page }) => {
  await openConfig(page, {
    ...JSON.parse(configOf('qwen2.5-7b')),
    architectures: ['SomethingForConditionalGeneration'],
    vision_config: { model_type: 'secret' },
  } as object);
  await showMore(page);
  await expect(row(page, 'Vision part')).toContainText('not counted');
  await expect(notes(page)).toContainText(/not counted.*vision/);
});

test('weights come in the formats of checkpoints and of GGUF files', async ({ page }) => {
  await openConfig(page, hybrid);
  await expect(weights(page).locator('optgroup')).toHaveCount(4);
  await expect(weights(page).locator('option').first()).toHaveText('Auto: BF16');
  await expect(facts(page)).toContainText(/Weights \(BF16\)\s+661 MB/);

  await weights(page).selectOption({ label: 'Q4_K_M' });
  await expect(facts(page)).toContainText('Weights (Q4_K_M)');
  await expect(facts(page)).not.toContainText('661 MB');
  // What the config says is still to be seen beside what was chosen instead.
  await expect(weights(page).locator('option').first()).toHaveText('Auto: BF16');
  await showMore(page);
  await expect(row(page, 'Q4_K')).toContainText('MB');
  await expect(row(page, 'Q6_K')).toContainText('MB');
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));

  await expect(page).toHaveURL(/#v1z=/);
  await page.reload();
  await expect(weights(page)).toHaveValue('q4_k_m');
  await expect(facts(page)).toContainText('Weights (Q4_K_M)');
});

test('what llama.cpp prints of a GGUF file is taken for a config', async ({ page }) => {
  const keys = [
    ['general.architecture', 'qwen3'],
    ['qwen3.block_count', '36'],
    ['qwen3.context_length', '40960'],
    ['qwen3.embedding_length', '4096'],
    ['qwen3.feed_forward_length', '12288'],
    ['qwen3.attention.head_count', '32'],
    ['qwen3.attention.head_count_kv', '8'],
    ['qwen3.attention.key_length', '128'],
    ['qwen3.vocab_size', '151936'],
    ['general.file_type', '15'],
  ];
  const lines = keys.map(([key, value], index) => `llama_model_loader: - kv ${index}: ${key} u32 = ${value}`);
  await openConfig(page, lines.join('\n'));
  await expect(verdict(page)).toContainText('Your Qwen3ForCausalLM fits');
  await expect(weights(page).locator('option').first()).toHaveText('Auto: Q4_K_M');
});

test('auto names the format of the checkpoint, and of its KV cache', async ({ page }) => {
  await open(page, '#v1?m=deepseek-r1&n=8&w=nvfp4');
  await expect(weights(page)).toHaveValue('nvfp4');
  await expect(weights(page).locator('option').first()).toHaveText('Auto: FP8 block');
  await weights(page).selectOption('auto');
  await expect(facts(page)).toContainText('Weights (FP8 block)');
  const kvCache = page.getByLabel('KV cache').locator('option').first();
  await expect(kvCache).toHaveText('Auto (16 bit)');
  const quantization = { quant_method: 'modelopt', quant_algo: 'FP8', kv_cache_quant_algo: 'FP8' };
  const config = { ...JSON.parse(configOf('qwen2.5-7b')), quantization_config: quantization } as object;
  await choose(page, 'model', 'own');
  await page.locator('#config').fill(JSON.stringify(config));
  await page.getByLabel('GPUs').fill('1');
  await expect(weights(page).locator('option').first()).toHaveText('Auto: FP8');
  await expect(kvCache).toHaveText('Auto: FP8');
  await page.locator('#config').fill('{');
  await expect(weights(page).locator('option').first()).toHaveText('Auto');
});

test('a link names a GGUF type, and a link from before still opens', async ({ page }) => {
  await open(page, '#v1?m=qwen2.5-7b&w=iq2_xxs');
  await expect(weights(page)).toHaveValue('iq2_xxs');
  await expect(facts(page)).toContainText('Weights (IQ2_XXS)');
  await weights(page).selectOption('q8_0');
  await expect(page).toHaveURL(/#v1\?m=qwen2\.5-7b&w=q8_0$/);
  await page.goto('./#v1?m=qwen2.5-7b&w=int4');
  await expect(weights(page)).toHaveValue('int4');
  await expect(page.locator('.notice.warning')).toHaveCount(0);
});

const { max_position_embeddings: context, ...rest } = JSON.parse(configOf('qwen2.5-7b')) as {
  readonly max_position_embeddings: number;
};
const misspelt = { ...rest, max_position_embedings: context };

test('a misspelt field is noted', async ({ page }) => {
  await openConfig(page, misspelt);
  await expect(notes(page)).toContainText(
    '"max_position_embedings" is not a known field: did you mean "max_position_embeddings"?',
  );
});

test('a misspelt field that is needed is told with what it may have meant', async ({ page }) => {
  await open(page);
  await choose(page, 'model', 'own');
  await page
    .locator('#config')
    .fill(configOf('qwen2.5-7b').replace('"num_attention_heads"', '"num_attention_head"'));
  await expect(page.locator('#config-error')).toContainText('num_attention_heads is missing');
  await expect(page.locator('#config-error')).toContainText('did you mean "num_attention_heads"?');
});

test('a config of 1 MB does not freeze the page', async ({ page }) => {
  const lines = Array.from({ length: 32_000 }, (_, index) => [`a_key_of_some_tool_${index}`, index] as const);
  const large = JSON.stringify({ ...hybrid, ...Object.fromEntries(lines) }, null, 2);
  expect(large.length).toBeGreaterThan(1_000_000);
  await open(page, '#v1?m=qwen2.5-7b');
  await page.evaluate(() => {
    const longest = { ms: 0 };
    Object.assign(window, { longest });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest.ms = Math.max(longest.ms, duration);
    }).observe({ entryTypes: ['longtask'] });
  });
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.body.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  }, large);
  await expect(verdict(page)).toContainText('Your Qwen3_5MoeForConditionalGeneration fits');
  await page.getByLabel('Batch').pressSequentially('6');
  await weights(page).selectOption('q4_k_m');
  await expect(facts(page)).toContainText('Weights (Q4_K_M)');
  // About 100 ms on a desktop; what a slow machine may take and still be usable.
  const longest = await page.evaluate(() => (window as unknown as { longest: { ms: number } }).longest.ms);
  expect(longest).toBeLessThan(1_000);
});

test.describe('in Chinese', () => {
  test.use({ locale: 'zh-CN' });

  test('a hybrid model is told in Chinese throughout', async ({ page }) => {
    await openConfig(page, hybrid);
    await expect(card(page).locator('.traits')).toContainText('共享专家');
    await expect(card(page).locator('.traits li').first()).toHaveAttribute('title', /线性注意力/);
    await expect(facts(page)).toContainText(/层数\s+8\s+6\s×\sGated DeltaNet、2\s×\sGQA/);
    await showMore(page);
    await expect(row(page, '视觉部分')).toContainText('3,612,928');
    await expect(more(page)).toContainText('为什么模型仓库显示的参数量不同');
    await expect(more(page)).not.toContainText(/token-prediction|encoders/);
    await expect(notes(page)).toContainText('多 token 预测 (MTP) 层，没有计入');
    await expect(page.locator('#weights option').first()).toHaveText('自动：BF16');
    await expect(page.locator('.operators').first()).toContainText('循环层投影');
  });

  test('notes on a config are in Chinese', async ({ page }) => {
    await openConfig(page, { ...misspelt, architectures: ['NobodyForCausalLM'], torch_dtype: undefined });
    await expect(notes(page)).toContainText(
      'max_position_embedings，已忽略：是否应为 max_position_embeddings',
    );
    await expect(notes(page)).toContainText('不认识 NobodyForCausalLM：按它的 model_type 当作 qwen2 读取');
    for (const note of await notes(page).locator('li').all())
      await expect(note).toHaveText(/[\u4e00-\u9fff]/);
  });
});
