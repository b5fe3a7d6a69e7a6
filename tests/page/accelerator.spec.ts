/** What the page says of an accelerator; one of the reader's own, as a file and in a link; prices. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expectAccessible, overflow } from './accessibility.ts';
import {
  choose,
  copyCommand,
  copyLink,
  copyResult,
  expect,
  open,
  picker,
  presetText,
  runCommand,
  test,
  verdict,
} from './tokencast.ts';

const card = (page: Page) => page.locator('[aria-labelledby="accelerator-title"]');
const figure = (page: Page, name: string) =>
  card(page)
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name, exact: true }) });

test('each figure is told with its confidence and its source', async ({ page }) => {
  await open(page);
  await expect(card(page).locator('.facts')).toContainText(/Memory\s+96 GiB \(103 GB\)/);
  await card(page).locator('summary').click();
  await expect(figure(page, 'Memory')).toContainText(/96 GiB \(103 GB\).*≈ secondary/s);
  await expect(figure(page, 'Usable memory')).toContainText('? unconfirmed');
  await expect(figure(page, 'BF16, dense')).toContainText('148 TFLOPS');
  await expect(figure(page, 'INT8, dense')).toContainText('296 TOPS');
  for (const link of await card(page).getByRole('link').all()) {
    await expect(link).toHaveAttribute('href', /^https:\/\/[^ ]+$/);
    await expect(link).toHaveAttribute('rel', /noopener/);
  }
  await expect(figure(page, 'FP8, dense').getByRole('link')).toHaveAttribute(
    'href',
    'https://github.com/alibaba/InferSim/blob/HEAD/hardware/gpu.py',
  );
  await expect(card(page)).toContainText('no good source confirms it');
  await expectAccessible(page);
});

test('what nobody confirms is told beside the accelerator', async ({ page }) => {
  await open(page);
  const unconfirmed = page.locator('form .hint', { hasText: '? unconfirmed' });
  await expect(unconfirmed).toHaveText(/\? unconfirmed\s+Usable memory$/);
  await choose(page, 'accelerator', 'own');
  await expect(unconfirmed).toBeVisible();
  // One's own figure needs no confirmation.
  await page.locator('#customUsable').fill('90');
  await expect(unconfirmed).toHaveCount(0);
});

for (const locale of ['en-US', 'zh-CN']) {
  test.describe(`375 pixels wide, dark, ${locale}`, () => {
    test.use({ viewport: { width: 375, height: 700 }, colorScheme: 'dark', locale });
    test('figures, sources, prices and the form for an own one are accessible and stay within', async ({
      page,
    }) => {
      await open(page, '#v1?m=deepseek-r1&a=mi300x&n=8&p=2.5&pc=CNY');
      await card(page).locator('summary').click();
      await page.locator('.model-details summary').click();
      expect(await overflow(page)).toBe(0);
      await choose(page, 'accelerator', 'own');
      await page.locator('.custom summary').click();
      await expectAccessible(page);
      expect(await overflow(page)).toBe(0);
    });
  });
}

async function saved(page: Page): Promise<{ readonly name: string; readonly text: string }> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  const download = await downloading;
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

/** Of which notes say where figures come from, and so differ once they come from a file. */
async function numbers(page: Page): Promise<unknown> {
  const { result } = (await copyResult(page)) as { result: { accelerator: object } };
  return { ...result, accelerator: { ...result.accelerator, id: '' } };
}

const asFile = (name: string, text: string) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(text),
});

async function drop(page: Page, name: string, text: string): Promise<void> {
  await page.evaluate(
    ([fileName = '', content = '']) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], fileName));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    [name, text],
  );
}

/** Fills in what a preset's file must say beside figures, where the preset did not have it yet. */
async function complete(page: Page): Promise<void> {
  const details = page.locator('.custom details');
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
  await page.locator('#customClass').selectOption('datacentre');
  await page.locator('#customMemoryType').fill('HBM3');
}

test('an own accelerator is saved as a preset, and opened again', async ({ page }) => {
  await open(page);
  await choose(page, 'accelerator', 'own');
  await complete(page);
  await page.locator('#customName').fill('Mine 141');
  await page.locator('#customMemory').fill('141');
  // What the driver leaves was known of 96 GiB only.
  await expect(page.locator('#customUsable')).toHaveValue('');
  await page.locator('#customBandwidth').fill('4800');
  await page.locator('#customTopology').selectOption('mesh');
  await page.locator('#customNic').fill('33');
  await page.locator('#customTdp').fill('500');
  await expect(verdict(page)).toContainText('Mine 141');
  const before = await numbers(page);
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));

  const { name, text } = await saved(page);
  expect(name).toBe('mine-141.json');
  const original = JSON.parse(presetText('accelerators', 'h20-96-sxm')) as Record<string, object>;
  expect(JSON.parse(text)).toMatchObject({
    id: 'mine-141',
    name: 'Mine 141',
    memory_bytes: { value: 141 * 2 ** 30, confidence: 'unconfirmed' },
    link: { topology: 'mesh', domain_size: 8 },
    nic: { bandwidth_bytes_per_s: { value: 33e9 } },
    tdp_w: { value: 500, confidence: 'unconfirmed' },
    // Untouched figures keep their origin.
    peak_flops_per_s: original['peak_flops_per_s'],
    compute_units: original['compute_units'],
  });

  await page.getByRole('button', { name: 'Start over' }).click();
  await drop(page, name, text);
  await expect(page.getByText('The file is opened as your own accelerator')).toBeVisible();
  await expect(picker(page, 'accelerator')).toHaveAttribute('data-value', 'own');
  await expect(page.locator('#customNic')).toHaveValue('33');
  expect(await numbers(page)).toEqual(before);
  expect((await saved(page)).text).toBe(text);

  // The same by its button, and in a link.
  await page.locator('#customBandwidth').fill('1000');
  await page.setInputFiles('#import', asFile(name, text));
  await expect(page.locator('#customBandwidth')).toHaveValue('4800');
  const link = await copyLink(page);
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.locator('#customBandwidth')).toHaveValue('4800');
  expect(await numbers(page)).toEqual(before);
  expect((await saved(page)).text).toBe(text);
});

test('a listed accelerator that was not changed is saved as it is listed', async ({ page }) => {
  await open(page, '#v1?a=mi300x');
  await choose(page, 'accelerator', 'own');
  const preset = JSON.parse(presetText('accelerators', 'mi300x')) as Record<string, unknown>;
  if (!('class' in preset)) await complete(page);
  const { name, text } = await saved(page);
  expect(name).toBe('mi300x.json');
  expect(JSON.parse(text)).toMatchObject(preset);
});

test('what a preset must say and nobody said is asked for', async ({ page }) => {
  const custom = { name: 'Old', memory: '64', memoryUnit: 'GB', bandwidth: '1600', link: '196' };
  const peaks = { fp16: '320', bf16: '320', fp8: '', int8: '640' };
  await open(page);
  const packed = await page.evaluate(
    async (state) => {
      const stream = new Blob([JSON.stringify(state)]).stream();
      const bytes = await new Response(
        stream.pipeThrough(new CompressionStream('deflate-raw')),
      ).arrayBuffer();
      return btoa(String.fromCharCode(...new Uint8Array(bytes)))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', '');
    },
    { custom: { ...custom, ...peaks } },
  );
  await page.evaluate((text) => (location.hash = `#v1z=${text}`), packed);
  await expect(verdict(page)).toContainText('Old');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  await expect(page.locator('.notice.warning')).toContainText(
    'fill it in first: Vendor, Class, Architecture, Year, Type of memory, Joined by the link.',
  );
  await page.locator('#customMemory').fill('much');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  await expect(page.locator('.notice.warning')).toContainText('Correct the marked figure first');
});

const original = presetText('accelerators', 'h20-96-sxm');

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['no JSON', original.slice(0, 400), /It is not JSON/],
  ['a list', '[1, 2]', /object/],
  [
    'a figure that is a word',
    original.replace('44000000000000', '"fast"'),
    /\/peak_flops_per_s\/fp32\/value/,
  ],
  [
    'a unit written wrong',
    original.replace('4000000000000,', '4000,'),
    /\/memory_bandwidth_bytes_per_s\/value/,
  ],
  ['a misspelt member', original.replace('"tdp_w"', '"tpd_w"'), /\/tpd_w/],
  ['no name', original.replace('"name"', '"title"'), /title|name/],
];

test('a file with a mistake is refused with its place, and what was typed stays', async ({ page }) => {
  await open(page);
  await choose(page, 'accelerator', 'own');
  await page.locator('#customName').fill('Typed by hand');
  for (const [name, text, message] of refused) {
    await test.step(name, async () => {
      await page.setInputFiles('#import', asFile('card.json', text));
      const error = page.locator('#import-error');
      await expect(error).toContainText('card.json was not opened.');
      await expect(error).toContainText(message);
      await expect(page.locator('#customName')).toHaveValue('Typed by hand');
      await expect(verdict(page)).toContainText('Typed by hand');
    });
  }
  await expectAccessible(page);
  await page.locator('#customTdp').evaluate((field: HTMLInputElement) => {
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
  await expect(page.locator('#import-error')).toHaveCount(0);

  // Dropped while a preset is chosen, it changes nothing either.
  await choose(page, 'accelerator', 'h100-80-sxm');
  await drop(page, 'card.json', refused[2]?.[1] ?? '');
  await expect(page.locator('#import-error')).toContainText('/peak_flops_per_s/fp32/value');
  await expect(picker(page, 'accelerator')).toHaveAttribute('data-value', 'h100-80-sxm');
});

test('an error in a figure that is not shown at first opens what hides it', async ({ page }) => {
  await open(page);
  await choose(page, 'accelerator', 'own');
  await expect(page.locator('#customFp4')).toBeHidden();
  await page.locator('.custom summary').click();
  await page.locator('#customFp4').fill('many');
  await expect(page.locator('#customFp4-error')).toContainText('"many" is not a number');
  await copyLink(page);
});

test('a price of one’s own wins over the listed one, also in a link', async ({ page }) => {
  await open(page, '#v1?a=a100-80-sxm');
  const tile = page.locator('.tile').filter({ hasText: 'Cost of a million output tokens' });
  const price = page.getByLabel('Price per GPU and hour');
  await expect(price).toHaveAttribute('placeholder', /^[\d.]+ USD$/);
  await expect(page.locator('.price')).toContainText(/Left empty: [\d.]+ USD per hour \(20\d\d-\d\d\)/);
  await expect(page.locator('.price').getByRole('link')).toHaveAttribute('href', /^https:/);
  await expect(tile).toContainText(/[\d.]+ USD.*at [\d.]+ USD per GPU and hour \(20\d\d-\d\d\)/s);
  await expect(tile).toContainText(/[\d.]+ USD for a million tokens, prompt included/);
  await expect(tile.getByRole('link')).toHaveAttribute('href', /^https:/);

  await price.fill('12.5');
  await page.getByLabel('Currency').selectOption('CNY');
  await expect(tile).toContainText(/[\d.]+ CNY.*at your 12.50 CNY per GPU and hour/s);
  await expect(tile.getByRole('link')).toHaveCount(0);
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
  await expect(page).toHaveURL(/#v1\?a=a100-80-sxm&p=12\.5&pc=CNY$/);
  await page.reload();
  await expect(tile).toContainText('at your 12.50 CNY');

  await price.fill('cheap');
  await expect(page.locator('#price-error')).toContainText('"cheap" is not a number');
  await price.fill('');
  await expect(tile).toContainText(/at [\d.]+ USD per GPU and hour \(20/);
  await expect(page).toHaveURL(/#v1\?a=a100-80-sxm$/);
});

test('without any price there is no cost', async ({ page }) => {
  await open(page);
  await expect(page.locator('.tile')).toHaveCount(6);
  await expect(page.getByLabel('Price per GPU and hour')).toHaveAttribute('placeholder', 'not known');
});

test('choosing a published format sets that of the weights', async ({ page }) => {
  await open(page, '#v1?m=llama-3.1-8b');
  const variants = page.getByRole('group', { name: 'Published in these formats' });
  await expect(variants.getByRole('button', { name: 'Original' })).toHaveAttribute('aria-pressed', 'true');
  await variants.getByRole('button', { name: 'FP8', exact: true }).click();
  await expect(page.locator('#weights')).toHaveValue('fp8');
  await expect(variants.getByRole('button', { name: 'FP8', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expect(page).toHaveURL(/w=fp8$/);
  const model = page.locator('[aria-labelledby="model-title"]');
  await expect(model.locator('.about')).toContainText(/Meta · .* · released 2024-07/);
  await expect(model.locator('.about').getByRole('link')).toHaveAttribute(
    'href',
    /^https:\/\/huggingface\.co\//,
  );
  await model.locator('summary').click();
  await expect(model).toContainText('Published in other formats');
  await expect(model).toContainText('Where the config was read');
  await variants.getByRole('button', { name: 'Original' }).click();
  await expect(page.locator('#weights')).toHaveValue('auto');
});
