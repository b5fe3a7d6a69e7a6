/** Languages, themes, small screens, keyboard and screen readers. */
import type { Page } from '@playwright/test';
import { expectAccessible, overflow } from './accessibility.ts';
import { hybrid, windowed } from './configs.ts';
import { choose, expect, open, paste, picker, test, verdict } from './tokencast.ts';

test('is accessible on first view', async ({ page }) => {
  await open(page);
  await expectAccessible(page);
});

test('is accessible with an error, an own config and an own accelerator', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Paste a config.json' }).click();
  await page.locator('#config').fill('{"architectures": ["BertModel"]}');
  await choose(page, 'accelerator', 'own');
  await expect(page.locator('#config-error')).toBeVisible();
  await expectAccessible(page);
});

test('is accessible when a model does not fit', async ({ page }) => {
  await open(page, '#v1?m=deepseek-r1&speed=9');
  await page.getByRole('button', { name: /Show all/ }).click();
  await expectAccessible(page);
});

/** With everything shown that a model can have. */
async function openModel(page: Page, config: object): Promise<void> {
  await open(page);
  await page.locator('h1').click();
  await paste(page, JSON.stringify({ ...config, num_experts_per_tokn: 4 }));
  await expect(page.locator('.traits')).toBeVisible();
  await expect(picker(page, 'model')).toHaveAttribute('data-value', 'own');
  await page.locator('#weights').evaluate((select: HTMLSelectElement) => {
    select.value = 'q4_k_m';
    select.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await page.locator('.model-details summary').click();
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 375]) {
    test.describe(`${width} pixels wide, ${colorScheme}`, () => {
      test.use({ colorScheme, viewport: { width, height: 900 } });
      test('is accessible with all that there is to a model', async ({ page }) => {
        await openModel(page, hybrid);
        await expectAccessible(page);
        expect(await overflow(page)).toBe(0);
        await page.getByRole('button', { name: '中文' }).click();
        await expectAccessible(page);
      });
    });
  }
}

test.describe('in the dark', () => {
  test.use({ colorScheme: 'dark' });
  test('follows the system, is accessible, and can be switched for good', async ({ page }) => {
    await open(page, '#v1?m=deepseek-r1');
    const paper = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await paper();
    await expectAccessible(page);
    await page.locator('#inputTokens').fill('x');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Light' }).click();
    const light = await paper();
    expect(light).not.toBe(dark);
    await page.reload();
    await expect(verdict(page)).toBeVisible();
    expect(await paper()).toBe(light);
  });
});

test.describe('in Chinese', () => {
  test.use({ locale: 'zh-CN' });
  test('follows the browser, is accessible, and can be switched for good', async ({ page }) => {
    await open(page);
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
    await expect(verdict(page)).toHaveText('1 × H20 96 GB SXM 放得下 Qwen2.5-32B。');
    for (const term of [
      '首 token 延迟',
      '每 token 延迟',
      '输出吞吐量',
      '预填充',
      '解码',
      'KV 缓存',
      '参数量',
    ]) {
      await expect(page.locator('.results')).toContainText(term);
    }
    await expect(page.locator('.comparison')).toContainText('2312 tok/s');
    await page.locator('#inputTokens').fill('-1');
    await expect(page.locator('#inputTokens-error')).toContainText('超出范围');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'English' }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await page.reload();
    await expect(verdict(page)).toContainText('fits on');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  });

  test('tells the errors of a config in Chinese', async ({ page }) => {
    await open(page);
    await page.getByRole('button', { name: '粘贴 config.json' }).click();
    const { text_config: text } = hybrid;
    const cases: readonly (string | object)[] = [
      '',
      '{',
      '[]',
      '{}',
      'hello',
      '{"architectures": ["Nobody"]}',
      { architectures: ['BertModel'] },
      { architectures: ['SomethingForSeq2SeqLM'] },
      { _class_name: 'UNet2DConditionModel' },
      { ...hybrid, text_config: { ...text, hidden_size: undefined, hidden_sise: 1024 } },
      { ...hybrid, text_config: { ...text, hidden_size: 'wide' } },
      { ...hybrid, text_config: { ...text, hidden_size: -1 } },
      { ...hybrid, text_config: { ...text, num_key_value_heads: 3 } },
      { ...hybrid, text_config: { ...text, num_experts_per_tok: 64 } },
      { ...hybrid, text_config: { ...text, layer_types: 'linear' } },
      { ...hybrid, text_config: { ...text, layer_types: ['linear_attention'] } },
      { ...hybrid, text_config: { ...text, layer_types: ['no_such_layer'] } },
      { ...hybrid, text_config: { ...text, dtype: 'int3' } },
      { ...hybrid, text_config: { ...text, quantization_config: { quant_method: 'secret' } } },
      { ...windowed, architectures: ['Nobody'], model_type: 'nobody', memory_slots: 16 },
    ];
    for (const config of cases) {
      await page.locator('#config').fill(typeof config === 'string' ? config : JSON.stringify(config));
      const error = page.locator('#config-error, #weights-error');
      await expect(error.locator('strong')).toHaveText(/[\u4e00-\u9fff]/);
      await expect(error).not.toContainText(/[{}]\w+[{}]|\b(?:is|must|the|an?|write|add|paste)\b/);
    }
  });
});

for (const width of [375, 320]) {
  for (const locale of ['en-US', 'zh-CN']) {
    test.describe(`${width} pixels wide, ${locale}`, () => {
      test.use({ viewport: { width, height: 700 }, locale });
      test('needs no sideways scrolling', async ({ page }) => {
        await openModel(page, windowed);
        expect(await overflow(page)).toBe(0);
        await open(page, '#v1?m=deepseek-r1&speed=9');
        await page.locator('.model-details summary').click();
        expect(await overflow(page)).toBe(0);
        // A number of five digits and its unit are one line.
        await open(page, '#v1?m=llama-3.1-8b&a=h200-141-sxm&b=256&in=100');
        const throughput = page.locator('.tile .value').nth(3);
        await expect(throughput).toHaveText(/^1\d,\d\d\d tok\/s$/);
        expect((await throughput.boundingBox())?.height).toBeLessThan(40);
        await choose(page, 'model', 'own');
        await choose(page, 'accelerator', 'own');
        await page.locator('#config').fill(`{"architectures": ["${'Long'.repeat(60)}"]}`);
        await expect(page.locator('.error')).toBeVisible();
        expect(await overflow(page)).toBe(0);
      });
    });
  }
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 375, height: 700 } });
  test('a part of the form that is closed opens where something in it is refused', async ({ page }) => {
    await page.goto('./#v1?mf=5');
    await expect(page.locator('#memoryFraction-error')).toBeVisible();
    await page.locator('#memoryFraction').fill('80');
    await expect(verdict(page)).toBeVisible();
    // It stays open while one types.
    await expect(page.locator('#memoryFraction')).toBeFocused();
  });
});

test('can be used with the keyboard alone', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the results' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#results')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.locator('.basis summary')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('.basis')).toContainText('on this very accelerator');
  await expect(page.locator('.basis')).toContainText('Engine profile: ');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Copy link' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Link copied')).toBeVisible();
});

test('the answer is announced once typing pauses', async ({ page }) => {
  await open(page);
  await page.getByLabel('Batch').pressSequentially('0');
  await expect(page.getByRole('status')).toContainText('Qwen2.5-32B fits on 1 × H20 96 GB SXM. TTFT');
});

test('prints on white, without its buttons', async ({ page }) => {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await open(page);
  await expect(page.getByRole('button', { name: 'Copy link' })).toBeHidden();
  expect(
    await page.evaluate(() => getComputedStyle(document.querySelector('.card') as Element).backgroundColor),
  ).toBe('rgb(255, 255, 255)');
});
