/** What times rest on: kernels that were measured, fetched for the accelerator that is chosen. */
import type { Page } from '@playwright/test';
import { expectAccessible, overflow } from './accessibility.ts';
import {
  choose,
  copyCommand,
  copyLink,
  copyResult,
  expect,
  open,
  paste,
  picker,
  presetText,
  runCommand,
  test,
  verdict,
} from './tokencast.ts';

const calibration = '**/calibration-*.json';
const sources = (page: Page) => page.locator('.tile .badge');
const basis = (page: Page) => page.locator('.basis summary');
const missing = (page: Page) => page.locator('.missing');

async function expectSource(page: Page, source: string): Promise<void> {
  await expect(sources(page)).toHaveText(Array.from({ length: 5 }, () => new RegExp(source)));
}

/** What the browser says of a request that fails; the test lets them fail on purpose. */
function forgive(complaints: string[]): void {
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('net::ERR_FAILED')));
}

/** Ids of the calibrations that are asked for. */
function calibrationsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const id = /assets\/calibration-(.*)-.{8}\.json$/.exec(request.url())?.[1];
    if (id !== undefined) asked.push(id);
  });
  return asked;
}

/** Every source that the page showed, in order. */
async function recordSources(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    const look = (): void => {
      const shown = document.querySelector('.tile .badge')?.textContent.trim();
      if (shown !== undefined && shown !== seen.at(-1)) seen.push(shown);
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  });
}

const seen = (page: Page): Promise<string[]> =>
  page.evaluate(() => (window as unknown as { seen: string[] }).seen);

test('an accelerator that was measured gives a measured answer', async ({ page }) => {
  const asked = calibrationsOf(page);
  await open(page, '#v1?a=h100-80-sxm&e=vllm');
  await expectSource(page, 'measured');
  await expect(basis(page)).toHaveText('Built from kernels measured on this accelerator');
  expect(asked).toEqual(['h100-80-sxm']);
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
});

test('each operator tells how its time is known', async ({ page }) => {
  await open(page, '#v1?a=h100-80-sxm');
  const row = (name: string) =>
    page.locator('.operators').first().locator('tr', { hasText: name }).locator('.badge');
  await expect(row('Attention')).toHaveText(/measured/);
  await expect(row('Norms')).toHaveText(/generic/);
});

test('one like it takes the kernels of the same architecture, and names whose', async ({ page }) => {
  await open(page);
  await expectSource(page, 'transferred');
  await expect(basis(page)).toHaveText(
    'Built from kernels measured on H200 141 GB SXM, which has the same architecture',
  );
  await basis(page).click();
  await expect(page.locator('.basis')).toContainText('was measured on H200 141 GB SXM, and carried over');
  await expectAccessible(page);
});

test('an own accelerator without an architecture is generic, with one transferred', async ({ page }) => {
  await open(page);
  await choose(page, 'accelerator', 'own');
  await page.locator('.custom summary').click();
  await expectSource(page, 'transferred');
  await page.locator('#customArchitecture').fill('');
  await expectSource(page, 'generic');
  await expect(basis(page)).toHaveText('Built from typical efficiencies, without measurements');
  await expect(missing(page)).toHaveCount(0);
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
  await page.locator('#customArchitecture').fill('Ampere');
  await expectSource(page, 'transferred');
  await expect(basis(page)).toContainText('A100');
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
});

test('a preset that nothing was measured for asks for no calibration', async ({ page }) => {
  const asked = calibrationsOf(page);
  await open(page, '#v1?a=mi300x');
  await expectSource(page, 'generic');
  expect(asked).toEqual([]);
});

test('the page stands while measurements are on their way, and shows no generic answer before', async ({
  page,
}) => {
  await recordSources(page);
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((done) => (arrive = done));
  await page.route(calibration, async (route) => {
    await arrived;
    await route.continue();
  });
  await page.goto('./#v1?a=h100-80-sxm');
  await expect(picker(page, 'accelerator')).toHaveAttribute('data-value', 'h100-80-sxm');
  await expect(page.getByText('Loading…')).toBeVisible();
  await page.getByLabel('Batch').fill('4');
  await expect(verdict(page)).toHaveCount(0);
  arrive();
  await expectSource(page, 'measured');
  await expect(page).toHaveURL(/b=4$/);
  expect(await seen(page)).toEqual(['✓ measured']);
});

test('the last answer stays while others are fetched, and the latest accelerator wins', async ({ page }) => {
  await recordSources(page);
  await open(page, '#v1?a=h100-80-sxm');
  await expectSource(page, 'measured');
  const waiting: (() => void)[] = [];
  await page.route(calibration, async (route) => {
    await new Promise<void>((done) => waiting.push(done));
    await route.continue();
  });
  await choose(page, 'accelerator', 'a100-80-sxm');
  await expect.poll(() => waiting.length).toBe(1);
  await choose(page, 'accelerator', 'l40s');
  await expect.poll(() => waiting.length).toBe(2);
  await expect(verdict(page)).toContainText('H100 80 GB SXM');
  waiting[1]?.();
  await expect(verdict(page)).toContainText('L40S');
  // What arrives late for what was chosen before changes nothing.
  waiting[0]?.();
  await page.waitForTimeout(300);
  await expect(verdict(page)).toContainText('L40S');
  expect(await seen(page)).toEqual(['✓ measured']);
});

test('measurements that cannot be fetched are told, and fetched again', async ({ page, complaints }) => {
  await page.route(calibration, (route) => route.abort());
  await open(page, '#v1?a=h100-80-sxm&b=2');
  await expect(missing(page)).toContainText('measurements of H100 80 GB SXM could not be loaded');
  await expectSource(page, 'generic');
  await expectAccessible(page);
  // Typing does not wait for a network that is not there.
  await page.getByLabel('Batch').fill('3');
  await expect(page).toHaveURL(/b=3$/);
  const again = missing(page).getByRole('button', { name: 'Try again' });
  await again.click();
  await expectSource(page, 'generic');
  await expect(missing(page)).toBeVisible();
  await page.unroute(calibration);
  await again.click();
  await expectSource(page, 'measured');
  await expect(missing(page)).toHaveCount(0);
  await expect(page.getByLabel('Batch')).toHaveValue('3');
  forgive(complaints);
});

test('an accelerator that needs none is not told of one that is missing', async ({ page, complaints }) => {
  await page.route(calibration, (route) => route.abort());
  await open(page);
  await expect(missing(page)).toBeVisible();
  await choose(page, 'accelerator', 'mi300x');
  await expect(verdict(page)).toContainText('MI300X');
  await expect(missing(page)).toHaveCount(0);
  forgive(complaints);
});

test('an imported file of a measured accelerator rests on its architecture', async ({ page }) => {
  await open(page);
  await page.locator('h1').click();
  await paste(page, presetText('accelerators', 'l40s'));
  await expect(verdict(page)).toContainText('L40S');
  await expectSource(page, 'transferred');
});

test('an engine and its version are part of the answer, the command and the link', async ({ page }) => {
  await open(page, '#v1?a=h100-80-sxm');
  await expect(page.getByLabel('Version', { exact: true })).toHaveCount(0);
  await page.getByLabel('Engine', { exact: true }).selectOption({ label: 'TensorRT-LLM' });
  await page.getByLabel('Version', { exact: true }).fill('1.0.0');
  await expect(page).toHaveURL(/#v1\?a=h100-80-sxm&e=tensorrt-llm&ev=1\.0\.0$/);
  const result = await copyResult(page);
  expect(result).toHaveProperty('result.deployment.engine', 'tensorrt-llm');
  const command = await copyCommand(page);
  expect(command).toContain('"engine":"tensorrt-llm","engine_version":"1.0.0"');
  expect(runCommand(command)).toEqual(result);
  expect(await copyLink(page)).toContain('e=tensorrt-llm');
});

for (const locale of ['en-US', 'zh-CN']) {
  test.describe(`375 pixels wide, dark, ${locale}`, () => {
    test.use({ viewport: { width: 375, height: 700 }, colorScheme: 'dark', locale });
    test('what an answer rests on is accessible and stays within', async ({ page, complaints }) => {
      await page.route(calibration, (route) => route.abort());
      await open(page, '#v1?e=vllm');
      await basis(page).click();
      await expectAccessible(page);
      expect(await overflow(page)).toBe(0);
      forgive(complaints);
    });
  });
}
