/** As it is hosted, offline, and as one file from a disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dist } from './server.ts';
import {
  choose,
  copyCommand,
  copyResult,
  expect,
  open,
  openLoad,
  runCommand,
  simulated,
  test,
  verdict,
} from './tokencast.ts';

test.use({ serviceWorkers: 'allow' });

test('hashed assets are kept for ever, the page and its worker are asked for anew', async ({ request }) => {
  const html = await request.get('./');
  const asset = /assets\/[^"]+\.js/.exec(await html.text())?.[0] ?? '';
  const cache = async (path: string): Promise<string | undefined> =>
    (await request.get(path)).headers()['cache-control'];
  const lists = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.json'));
  const isCalibration = (name: string): boolean => name.startsWith('calibration-');
  expect(lists.filter((name) => !isCalibration(name))).toHaveLength(3);
  expect(lists.filter(isCalibration).length).toBeGreaterThan(5);
  for (const path of [asset, ...lists.map((name) => `assets/${name}`)])
    expect(await cache(path), path).toBe('public, max-age=31536000, immutable');
  for (const path of ['./', 'index.html', 'sw.js', 'manifest.webmanifest', 'tokencast.html']) {
    expect(await cache(path), path).toBe('public, max-age=0, must-revalidate');
  }
  expect((await request.get('tokencast.html')).headers()['content-disposition']).toContain('attachment');
  expect(html.headers()['content-security-policy']).toContain("default-src 'none'");
  expect((await request.get('assets/none.js')).status()).toBe(404);
});

test('what the footer links to is there', async ({ page, request }) => {
  await open(page);
  const links = await page.locator('.footer a').all();
  expect(links).toHaveLength(4);
  for (const link of links) {
    const path = (await link.getAttribute('href')) ?? '';
    expect((await request.get(path)).status(), path).toBe(200);
  }
});

test('no request leaves the origin', async ({ page, baseURL }) => {
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(baseURL ?? '')) elsewhere.push(request.url());
  });
  await open(page, '#v1?m=deepseek-r1&n=8');
  await choose(page, 'accelerator', 'mi300x');
  await expect(verdict(page)).toContainText('MI300X');
  expect(elsewhere).toEqual([]);
});

test('works offline after the first visit', async ({ page, context }) => {
  await open(page);
  await expect(page.getByText('Ready to work offline.')).toBeVisible();
  await context.setOffline(true);
  await page.reload();
  await expect(verdict(page)).toContainText('Qwen2.5-32B fits');
  await choose(page, 'model', 'mixtral-8x7b');
  await choose(page, 'accelerator', 'h200-141-sxm');
  await expect(verdict(page)).toContainText('Mixtral');
  // Those of every accelerator are kept, not only of those that were chosen.
  await expect(page.locator('.tile .badge').first()).toHaveText(/measured/);
  await expect(page).toHaveURL(/a=h200-141-sxm/);
  await page.reload();
  await expect(verdict(page)).toContainText('Mixtral');
  await expect(page.locator('.tile .badge').first()).toHaveText(/measured/);
  await openLoad(page);
  await expect(simulated(page)).toContainText('requests simulated');
  await context.setOffline(false);
});

test('offers a new version, and takes it when the reader agrees', async ({ page, server }) => {
  await open(page);
  await expect(page.getByText('Ready to work offline.')).toBeVisible();
  server.instead.set('/sw.js', `${readFileSync(join(dist, 'sw.js'), 'utf8')}\n// a later release`);
  try {
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
    await expect(page.getByText('An update is available.')).toBeVisible();
    const reloaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Reload' }).click();
    await reloaded;
    await expect(verdict(page)).toBeVisible();
  } finally {
    server.instead.clear();
  }
});

test('the single file works from a disk, without a single request', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const address = pathToFileURL(join(dist, 'tokencast.html')).href;
  await page.goto(address);
  await expect(verdict(page)).toHaveText('Qwen2.5-32B fits on 1 × H20 96 GB SXM.');
  await choose(page, 'model', 'llama-3.1-8b');
  await page.getByLabel('Batch').fill('4');
  await expect(verdict(page)).toContainText('Llama-3.1-8B');
  await expect(page).toHaveURL(/#v1\?m=llama-3\.1-8b&b=4$/);
  await choose(page, 'accelerator', 'h100-80-sxm');
  await expect(page.locator('.tile .badge').first()).toHaveText(/measured/);
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
  await openLoad(page);
  await expect(simulated(page)).toContainText('requests simulated');
  // What it carries, it reads as data: and, for the worker, as blob: addresses.
  expect(requests.filter((url) => !/^(data|blob):/.test(url))).toEqual([address]);
});
