/** The reader's own measurement: compared with what is predicted, and taken into every estimate. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { expectAccessible, overflow } from './accessibility.ts';
import { dist } from './server.ts';
import {
  choose,
  copyCommand,
  copyLink,
  copied,
  copyResult,
  expect,
  open,
  openLoad,
  paste,
  runCommand,
  simulated,
  test,
  verdict,
} from './tokencast.ts';

const summary = `(APIServer pid=1) INFO 06-12 10:11:12 [kv_cache_utils.py:716] GPU KV cache size: 484,016 tokens
============ Serving Benchmark Result ============
Successful requests:                     320
Maximum request concurrency:             32
Benchmark duration (s):                  38.70
Total input tokens:                      327680
Total generated tokens:                  81920
Request throughput (req/s):              8.27
Output token throughput (tok/s):         2117.12
Total Token throughput (tok/s):          10585.60
---------------Time to First Token----------------
Mean TTFT (ms):                          300.00
-----Time per Output Token (excl. 1st token)------
Mean TPOT (ms):                          14.00
==================================================
`;
const deployment = '#v1?m=llama-3.1-8b&a=h100-80-sxm&e=vllm';

const section = (page: Page) => page.locator('.own-section');
const field = (page: Page) => page.locator('#own');
const table = (page: Page) => page.locator('.own-table');
const chip = (page: Page) => page.locator('.answer .own');
const tpot = (page: Page) => page.locator('.tile', { hasText: 'TPOT' }).locator('.value');
const applyButton = (page: Page) => section(page).getByRole('button', { name: 'Apply to all estimates' });

async function openSection(page: Page): Promise<void> {
  await section(page).locator('summary').first().click();
  await expect(field(page)).toBeVisible();
}

async function compare(page: Page, text: string): Promise<void> {
  await field(page).click();
  await page.keyboard.press('ControlOrMeta+A');
  await paste(page, text);
}

test('nothing of it is fetched before it is opened', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await open(page);
  const before = asked.filter((path) => path.includes('simulate'));
  expect(before).toEqual([]);
  await openSection(page);
  await expect.poll(() => asked.filter((path) => path.includes('simulate'))).toHaveLength(1);
});

test('what a benchmark printed is compared as soon as it is pasted', async ({ page }) => {
  await open(page, deployment);
  await openSection(page);
  await expect(section(page)).toContainText('Llama-3.1-8B (BF16), 1 × H100 80 GB SXM, vLLM');
  await compare(page, summary);
  await expect(table(page).locator('.group')).toHaveText('1,024 tokens in, 256 out, 32 at once');
  const row = (name: string) => table(page).locator('tr', { hasText: name });
  await expect(row('Mean TTFT').locator('td').first()).toHaveText('300 ms');
  await expect(row('Mean TPOT').locator('td').first()).toHaveText('14.0 ms');
  await expect(row('Mean TPOT').locator('td').nth(1)).toHaveText(/^\s*\S+ ms\s+\S+ – \S+ ms\s*$/);
  await expect(row('Mean TPOT').locator('td').nth(2)).toHaveText(/^\s*0\.\d\d\s+(in|out of) the range\s*$/);
  await expect(row('KV cache').locator('td').first()).toHaveText('484,016 tokens');
  await expect(table(page).locator('tbody tr')).toHaveCount(7);
  await expect(section(page)).toContainText(/decode take 1\.\d\d times what is estimated, ± \d+%/);
  await expectAccessible(page);
});

test('a long table leaves the page usable, and ends when another text is pasted', async ({ page }) => {
  await open(page, deployment);
  await openSection(page);
  const rows = Array.from({ length: 1000 }, (_, row) => `1024,256,${row + 1},${100 + row},${15 + row / 8}`);
  await compare(page, ['input_tokens,output_tokens,concurrency,ttft_ms,tpot_ms', ...rows].join('\n'));
  const comparing = section(page).getByText('Comparing…');
  await expect(comparing).toBeVisible();
  const before = (await tpot(page).textContent()) ?? '';
  await page.getByLabel('Batch').fill('64');
  await expect(tpot(page)).not.toHaveText(before);
  await expect(comparing).toBeVisible();
  await compare(page, summary);
  await expect(table(page).locator('.group')).toHaveCount(1);
  await expect(comparing).toHaveCount(0);
});

test('its factors scale every estimate until they are removed', async ({ page }) => {
  await open(page, deployment);
  const before = (await tpot(page).textContent()) ?? '';
  await openSection(page);
  await compare(page, summary);
  await applyButton(page).click();
  await expect(tpot(page)).not.toHaveText(before);
  await expect(chip(page)).toContainText(/Scaled by your measurement: decode ×1\.\d\d/);
  await expect(page.locator('.notes')).toContainText('scaled by your own measurement');
  await expect(chip(page)).not.toContainText('something else');
  await page.getByLabel('Batch').fill('8');
  await expect(chip(page)).toBeVisible();
  // The comparison is with what is predicted without them.
  await expect(section(page).getByRole('button', { name: 'Remove' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Batch').fill('1');
  await chip(page).getByRole('button', { name: 'Remove' }).click();
  await expect(chip(page)).toHaveCount(0);
  await expect(tpot(page)).toHaveText(before);
  await expect(page).toHaveURL(/e=vllm$/);
  await expect(applyButton(page)).toBeEnabled();
});

test('a link and a command carry them', async ({ page, context }) => {
  await open(page, deployment);
  await openSection(page);
  await compare(page, summary);
  await applyButton(page).click();
  await expect(chip(page)).toBeVisible();
  const result = await copyResult(page);
  expect(result).toHaveProperty('result.measured');
  expect(result).toEqual(runCommand(await copyCommand(page)));
  const link = await copyLink(page);
  expect(link).toMatch(/&own=[\d.]*,[\d.]+,[\d.]*,[\d.]+,1,1\.\d+,vllm,llama-3\.1-8b,h100-80-sxm$/);
  const other = await context.newPage();
  await other.goto(link);
  await expect(chip(other)).toContainText('Scaled by your measurement');
  expect(await copyResult(other)).toEqual(result);
});

test('on something else, it says what was measured', async ({ page }) => {
  await open(page, `${deployment}&own=1.1,0.93,0.2,0.2,1,vllm,llama-3.1-8b,h100-80-sxm`);
  await expect(chip(page)).toHaveText(
    /^\s*Scaled by your measurement: decode ×0\.93, prefill ×1\.10\.\s+Remove\s*$/,
  );
  await choose(page, 'model', 'qwen2.5-7b');
  await expect(chip(page)).toContainText('measured on something else: Llama-3.1-8B, H100 80 GB SXM, vLLM.');
  await expectAccessible(page);
  await choose(page, 'model', 'llama-3.1-8b');
  await expect(chip(page)).not.toContainText('something else');
  await page.getByLabel('Engine', { exact: true }).selectOption('sglang');
  await expect(chip(page)).toContainText('something else');
  await chip(page).getByRole('button', { name: 'Remove' }).click();
  await expect(chip(page)).toHaveCount(0);
});

test('a link with factors that make no sense says so', async ({ page }) => {
  await open(page, '#v1?own=900,1,1,1,1,vllm,a,b');
  await expect(page.locator('.notice.warning')).toContainText('the defaults are used: own');
  await expect(chip(page)).toHaveCount(0);
});

test('what is not understood is told at the text, which stays', async ({ page }) => {
  await open(page);
  await openSection(page);
  const error = page.locator('#own-error');
  await compare(page, 'it was rather fast');
  await expect(error).toContainText('No benchmark summary, table or KV cache size is found');
  await expect(error).toContainText('vllm bench serve');
  await expect(field(page)).toHaveAttribute('aria-invalid', 'true');
  await expect(field(page)).toHaveValue('it was rather fast');
  await expectAccessible(page);
  await compare(page, 'concurrency,ttft_ms\n1,90\n8,fast\n');
  await expect(error).toContainText('Line 3: ttft_ms is "fast", not a number above 0, and 1e12 at most');
  await field(page).fill('concurrency,ttft_ms\n1,90\n8,95\n');
  await expect(error).toHaveCount(0);
  await section(page).getByRole('button', { name: 'Compare' }).click();
  await expect(table(page).locator('.group')).toHaveCount(2);
});

test('follows what is chosen', async ({ page }) => {
  await open(page);
  await openSection(page);
  await expect(section(page)).toContainText('No engine is chosen');
  await compare(page, summary);
  await expect(section(page)).toContainText('Measured and predicted are far apart');
  await choose(page, 'model', 'llama-3.1-8b');
  await choose(page, 'accelerator', 'h100-80-sxm');
  await page.getByLabel('Engine', { exact: true }).selectOption('vllm');
  await expect(section(page)).toContainText('1 × H100 80 GB SXM, vLLM');
  // On a slow machine it is not repeated by itself.
  await section(page).getByRole('button', { name: 'Compare' }).click();
  await expect(section(page)).not.toContainText('far apart');
  await expect(section(page)).not.toContainText('No engine is chosen');
});

test('each form has an example to try', async ({ page }) => {
  await open(page, deployment);
  await openSection(page);
  await section(page).locator('details summary').click();
  const examples = section(page).getByRole('button', { name: 'Try this example' });
  const rows = [1, 3, 0];
  for (const [index, count] of rows.entries()) {
    await examples.nth(index).click();
    await expect(table(page).locator('.group')).toHaveCount(count);
  }
  await expect(section(page)).toContainText(/The KV cache holds 0\.\d\d times what is estimated\./);
  await expect(applyButton(page)).toBeVisible();
});

const log = (tokens: string) => `GPU KV cache size: ${tokens} tokens`;

test('the size of the KV cache alone scales it, in the estimate, the link and the simulation', async ({
  page,
}) => {
  await open(page, deployment);
  const users = page.locator('.tile', { hasText: 'Users that fit' }).locator('.value');
  await openSection(page);
  await compare(page, log('484,016'));
  await expect(section(page)).toContainText(/The KV cache holds 1\.\d\d times what is estimated\./);
  await expect(section(page)).not.toContainText('Steps that only decode');
  await expectAccessible(page);
  const before = await users.textContent();
  await applyButton(page).click();
  await expect(chip(page)).toContainText(/Scaled by your measurement: KV cache ×1\.\d\d\./);
  await expect(chip(page)).not.toContainText('something else');
  await expect(users).not.toHaveText(before ?? '');
  await expect(page.locator('.notes')).toContainText('The KV cache is scaled by your own measurement');
  const result = await copyResult(page);
  expect(result).toHaveProperty('result.memory.kv_capacity_tokens', 484016);
  expect(result).toEqual(runCommand(await copyCommand(page)));
  const link = await copyLink(page);
  expect(link).toMatch(/&own=,,,,,1\.\d+,vllm,llama-3\.1-8b,h100-80-sxm$/);
  await openLoad(page);
  await expect(simulated(page)).toContainText('requests simulated');
  expect(await copied(page, 'Copy simulate command', 'Command line copied')).toContain(
    '"kv_capacity_factor":1.',
  );
  await page.goto(link);
  await page.getByRole('button', { name: '中文' }).click();
  await expect(chip(page)).toContainText(/已按你的实测校准：KV 缓存 ×1\.\d\d。/);
  await expect(page.locator('.notes')).toContainText('KV 缓存按你自己的测量校准');
});

test('the size of another KV cache altogether scales nothing', async ({ page }) => {
  await open(page, deployment);
  await openSection(page);
  await compare(page, log('840'));
  await expect(section(page)).toContainText('Measured and predicted are far apart');
  await expect(section(page)).toContainText('No factor follows for the KV cache');
  await expect(applyButton(page)).toHaveCount(0);
});

test('a module that cannot be fetched is told, and asked for again', async ({ page, complaints }) => {
  await page.route('**/tokencast-simulate-*.wasm', (route) => route.abort());
  await open(page, deployment);
  await openSection(page);
  await compare(page, summary);
  await expect(section(page).getByRole('status')).toContainText('could not be loaded');
  await expect(field(page)).toHaveValue(summary);
  await page.unroute('**/tokencast-simulate-*.wasm');
  await section(page).getByRole('button', { name: 'Compare' }).click();
  await expect(table(page)).toBeVisible();
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('net::ERR_FAILED')));
});

test('a section that cannot be fetched is told, and fetched when it is opened again', async ({
  page,
  complaints,
}) => {
  await page.route('**/own-section-*.js', (route) => route.abort());
  await open(page);
  const title = section(page).locator('summary').first();
  await title.click();
  await expect(section(page)).toContainText('This could not be loaded.');
  await page.unroute('**/own-section-*.js');
  await title.click();
  await title.click();
  await expect(field(page)).toBeVisible();
  await expect(section(page)).not.toContainText('This could not be loaded.');
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('net::ERR_FAILED')));
});

test('has room on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 800 });
  await open(page, deployment);
  await openSection(page);
  await section(page).locator('details summary').click();
  await compare(page, summary);
  await applyButton(page).click();
  await expect(chip(page)).toBeVisible();
  expect(await overflow(page)).toBe(0);
  const scroll = section(page).locator('.scroll');
  expect(await scroll.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  await expectAccessible(page);
});

test.describe('in Chinese', () => {
  test.use({ locale: 'zh-CN' });

  test('all of it is', async ({ page }) => {
    await open(page, deployment);
    await section(page).locator('summary').first().click();
    await expect(section(page).locator('h2')).toHaveText('用自己的实测校准');
    await compare(page, '没有数字');
    await expect(page.locator('#own-error')).toContainText('文本里没有找到基准测试摘要');
    await compare(page, summary);
    await expect(table(page).locator('.group')).toHaveText('输入 1,024、输出 256 个 token，并发 32');
    await section(page).getByRole('button', { name: '用于全部估计' }).click();
    await expect(chip(page)).toContainText('已按你的实测校准：解码 ×1.');
    await page.getByRole('button', { name: 'English' }).click();
    await expect(section(page).locator('h2')).toHaveText('Your own measurement');
    await expect(table(page).locator('.group')).toHaveText('1,024 tokens in, 256 out, 32 at once');
  });
});

test.describe('without a network', () => {
  test.use({ serviceWorkers: 'allow' });

  test('works after the first visit', async ({ page, context }) => {
    await open(page);
    await expect(page.getByText('Ready to work offline.')).toBeVisible();
    await context.setOffline(true);
    await page.reload();
    await openSection(page);
    await compare(page, summary);
    await expect(table(page)).toBeVisible();
    await context.setOffline(false);
  });

  test('works in the single file', async ({ page }) => {
    await page.goto(`${pathToFileURL(join(dist, 'tokencast.html')).href}${deployment}`);
    await expect(verdict(page)).toBeVisible();
    await openSection(page);
    await section(page).locator('details summary').click();
    await section(page).getByRole('button', { name: 'Try this example' }).first().click();
    await applyButton(page).click();
    await expect(chip(page)).toBeVisible();
    expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
  });
});
