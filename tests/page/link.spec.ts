/** Share links: what was sent opens, for ever; what is broken is told. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { choose, configOf, copyLink, copyResult, expect, open, picker, test, verdict } from './tokencast.ts';

test('the address holds what differs from the page as it opens', async ({ page }) => {
  await open(page);
  await page.getByLabel('Batch').fill('8');
  await choose(page, 'accelerator', 'h100-80-sxm');
  await expect(page).toHaveURL(/#v1\?a=h100-80-sxm&b=8$/);
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(page).toHaveURL(/\/$/);
});

test('a link to a preset opens with the same numbers', async ({ page, browser, baseURL }) => {
  await open(page);
  await choose(page, 'model', 'llama-3.1-70b');
  await page.getByLabel('GPUs').fill('4');
  await page.getByLabel('Weights', { exact: true }).selectOption('fp8');
  await expect(verdict(page)).toContainText('Llama-3.1-70B fits on 4');
  const link = await copyLink(page);
  expect(link).toBe(`${baseURL ?? ''}#v1?m=llama-3.1-70b&n=4&w=fp8`);
  await expectSame(link, await copyResult(page), browser);
});

test('a link to a pasted config and an own accelerator opens with the same numbers', async ({
  page,
  browser,
}) => {
  await open(page);
  await page.getByRole('button', { name: 'Paste a config.json' }).click();
  await page.locator('#config').fill(configOf('mixtral-8x7b'));
  await choose(page, 'accelerator', 'own');
  await page.getByLabel('Name').fill('我的卡');
  await page.getByLabel('Memory', { exact: true }).fill('141');
  await expect(verdict(page)).toContainText('我的卡');
  const link = await copyLink(page);
  expect(link).toContain('#v1z=');
  await expectSame(link, await copyResult(page), browser);
});

async function expectSame(
  link: string,
  result: unknown,
  browser: import('@playwright/test').Browser,
): Promise<void> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  await page.goto(link);
  await expect(verdict(page)).toBeVisible();
  expect(await copyResult(page)).toEqual(result);
  await context.close();
}

const folder = resolve(import.meta.dirname, '../links');

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(`opens the link of tests/links/${file}`, async ({ page }) => {
    const lines = readFileSync(resolve(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('//'));
    const [hash = '', ...expected] = lines;
    await open(page, hash);
    await expect(page.locator('.notice.warning')).toHaveCount(0);
    for (const line of expected) {
      const [name = '', value = ''] = line.split(' = ');
      if (name === 'answer') await expect(verdict(page)).toHaveText(value);
      else if (name === 'own-factors') await expect(page.locator('.own p')).toHaveText(value);
      else if (name === 'model' || name === 'accelerator')
        await expect(picker(page, name)).toHaveAttribute('data-value', value);
      else await expect(page.locator(`#${name}`)).toHaveValue(value);
    }
  });
}

const broken: readonly (readonly [string, string, string])[] = [
  ['nonsense', '#hello', 'This link is damaged'],
  ['no base64', '#v1z=%%%', 'This link is damaged'],
  ['no deflate', '#v1z=AAAA', 'This link is damaged'],
  ['a later version', '#v2?m=qwen2.5-32b', 'made by a newer version (v2)'],
  ['a later packed version', '#v3z=abc', 'made by a newer version (v3)'],
  ['an unknown field', '#v1?b=2&speed=9', 'does not know and leaves out: speed'],
  ['an unknown preset', '#v1?m=gpt-9', 'no sense, for which the defaults are used: m=gpt-9'],
  ['a bad number', '#v1?in=-5&out=0&b=x&n=1e3&mf=900&u=', 'the defaults are used: n, in, out, b, mf, u'],
  ['a bad type', '#v1?w=fp3&kv=int4', 'the defaults are used: w, kv'],
  ['too long', `#v1z=${'A'.repeat(17_000)}`, 'holds more than a link may'],
];

test('a broken link is told, and the page works', async ({ page }) => {
  await open(page, '#v1?m=qwen2.5-7b');
  const warning = page.locator('.notice.warning');
  for (const [name, hash, notice] of broken) {
    await test.step(name, async () => {
      await page.goto(`./${hash}`);
      await expect(warning).toContainText(notice);
      await expect(verdict(page)).toContainText('Qwen2.5-32B fits');
      await warning.getByRole('button', { name: 'Dismiss' }).click();
      await expect(warning).toHaveCount(0);
    });
  }
});

test('a link that the engine refuses says so, beside the field', async ({ page }) => {
  await page.goto('./#v1?n=3');
  await expect(page.locator('#gpus-error')).toContainText('do not split evenly over 3');
  await expect(page.getByText('There is no answer yet')).toBeVisible();
  await page.getByLabel('GPUs').fill('2');
  await expect(verdict(page)).toContainText('fits on 2');
});

test('a truncated packed link and one that unfolds too far are told', async ({ page }) => {
  const v1z = readFileSync(resolve(folder, 'v1z.txt'), 'utf8')
    .split('\n')
    .find((line) => line.startsWith('#v1z='));
  await open(page, v1z?.slice(0, -40));
  await expect(page.locator('.notice.warning')).toContainText('This link is damaged');
  const bomb = await page.evaluate(async () => {
    const text = JSON.stringify({ config: ' '.repeat(1_000_000) });
    const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    return btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  });
  await page.evaluate((text) => (location.hash = `#v1z=${text}`), bomb);
  await expect(page.locator('.notice.warning')).toContainText('holds more than a link may');
  await expect(verdict(page)).toContainText('Qwen2.5-32B');
});

test('a link typed into the address is opened at once', async ({ page }) => {
  await open(page);
  await page.evaluate(() => (location.hash = '#v1?m=qwen2.5-7b'));
  await expect(verdict(page)).toContainText('Qwen2.5-7B fits');
});

test('a config too long for a link is told', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Paste a config.json' }).click();
  const random = Array.from({ length: 30_000 }, () => Math.random().toString(36).slice(2, 4)).join('');
  await page.locator('#config').fill(configOf('qwen2.5-7b').replace('{', `{"x": "${random}",`));
  await expect(verdict(page)).toContainText('Your Qwen2ForCausalLM');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.locator('.notice.warning')).toContainText('too long for a link');
});
