/** The lists of models and accelerators: searched, used by keyboard, fetched when needed. */
import type { Page } from '@playwright/test';
import { expectAccessible, overflow } from './accessibility.ts';
import { choose, expect, open, options, picker, test, verdict } from './tokencast.ts';

const status = (page: Page, field: 'model' | 'accelerator') =>
  page.locator('.combobox', { has: picker(page, field) }).locator('[aria-live]');
const active = async (page: Page, field: 'model' | 'accelerator') =>
  page.locator(`#${(await picker(page, field).getAttribute('aria-activedescendant')) ?? 'none'}`);

async function expectChosen(page: Page, field: 'model' | 'accelerator', id: string | RegExp): Promise<void> {
  await expect(picker(page, field)).toHaveAttribute('data-value', id);
  await expect(picker(page, field)).toHaveAttribute('aria-expanded', 'false');
  await expect(page.locator('.popup')).toHaveCount(0);
}

test('an accelerator is found by its Chinese name, and chosen', async ({ page }) => {
  await open(page);
  const field = page.getByRole('combobox', { name: 'Accelerator' });
  await field.click();
  await field.pressSequentially('昇腾 910B');
  await expect(options(page, 'accelerator').first()).toContainText(/Ascend 910B.*Huawei · 64 GiB/s);
  await page.keyboard.press('Enter');
  await expectChosen(page, 'accelerator', /^ascend-910b/);
  await expect(field).toHaveValue(/^Ascend 910B/);
  await expect(field).toBeFocused();
  await expect(verdict(page)).toContainText('on 1 × Ascend 910B');
});

test('several words and sizes of memory narrow the list', async ({ page }) => {
  await open(page);
  const found = async (query: string): Promise<string[]> => {
    await picker(page, 'accelerator').fill(query);
    await expect(page.locator('#accelerator-list .option').first()).toBeVisible();
    return page.locator('#accelerator-list .option:not(.action)').allTextContents();
  };
  await picker(page, 'accelerator').click();
  expect((await found('amd 192')).join()).toContain('MI300X');
  expect((await found('ｒｔｘ4090'))[0]).toContain('RTX 4090');
  const of64 = await found('64GB huawei');
  expect(of64.length).toBeGreaterThan(0);
  for (const text of of64) expect(text).toMatch(/Ascend|Atlas/);
  expect(await found('64 gb HUAWEI')).toEqual(of64);
});

test('it is browsed by maker, what is chosen in view', async ({ page }) => {
  await open(page, '#v1?a=rtx-4090');
  await picker(page, 'accelerator').click();
  const list = page.getByRole('listbox', { name: 'Accelerator' });
  for (const maker of ['AMD', 'Huawei', 'NVIDIA'])
    await expect(list.getByRole('group', { name: maker, exact: true })).toBeVisible();
  const chosen = list.getByRole('option', { selected: true });
  await expect(chosen).toHaveCount(1);
  await expect(chosen).toContainText('RTX 4090');
  await expect(chosen).toBeInViewport();
  await expect(await active(page, 'accelerator')).toContainText('RTX 4090');
  await expect(status(page, 'accelerator')).toHaveText(/^\d+ in the list$/);
  await page.locator('h1').click();
  await expectChosen(page, 'accelerator', 'rtx-4090');
});

test('it works with the keyboard alone', async ({ page }) => {
  await open(page);
  const field = picker(page, 'model');
  await field.focus();
  await expect(field).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('ArrowDown');
  await expect(field).toHaveAttribute('aria-expanded', 'true');
  await expect(options(page, 'model').nth(3)).toBeVisible();
  await expect(await active(page, 'model')).toContainText('Qwen2.5-32B');
  const all = await options(page, 'model').allTextContents();

  await page.keyboard.press('Home');
  await expect(await active(page, 'model')).toHaveText(all[0] ?? '');
  await page.keyboard.press('ArrowDown');
  await expect(await active(page, 'model')).toHaveText(all[1] ?? '');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(await active(page, 'model')).toHaveText('Paste a config.json…');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await expect(await active(page, 'model')).toHaveText('Paste a config.json…');
  await expect(await active(page, 'model')).toBeInViewport();

  await page.keyboard.press('Escape');
  await expectChosen(page, 'model', 'qwen2.5-32b');
  await expect(field).toHaveValue('Qwen2.5-32B');
  await expect(field).toBeFocused();

  // What is typed takes the place of what is chosen; Escape brings that back.
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('mixtral');
  await expect(await active(page, 'model')).toContainText('Mixtral');
  await page.keyboard.press('Escape');
  await expect(field).toHaveValue('Qwen2.5-32B');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('mixtral 8x7b');
  await page.keyboard.press('Enter');
  await expectChosen(page, 'model', 'mixtral-8x7b');
  await expect(verdict(page)).toContainText('Mixtral-8x7B');

  // Tab takes what the list points to, and goes on.
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('llama-3.1-8b');
  await expect(await active(page, 'model')).toContainText('Llama-3.1-8B');
  await page.keyboard.press('Tab');
  await expectChosen(page, 'model', 'llama-3.1-8b');
  await expect(field).not.toBeFocused();

  // It does not do what nobody asked for.
  await picker(page, 'accelerator').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.press('Tab');
  await expectChosen(page, 'accelerator', 'h20-96-sxm');
});

test('Enter on the last entry opens the field for a config, or the form for an accelerator', async ({
  page,
}) => {
  await open(page);
  await choose(page, 'model', 'own');
  await expect(page.locator('#config')).toBeFocused();
  await choose(page, 'accelerator', 'own');
  await expect(page.locator('#customName')).toBeFocused();
  await expect(page.locator('#customName')).toHaveValue('H20 96 GB SXM');
});

test('what is not found is said, and Enter then does nothing', async ({ page }) => {
  await open(page);
  await picker(page, 'model').click();
  await picker(page, 'model').fill('gpt-99');
  await expect(status(page, 'model')).toHaveText('Nothing is called “gpt-99”.');
  await expect(options(page, 'model')).toHaveText(['Paste a config.json…']);
  await page.keyboard.press('Enter');
  await expect(picker(page, 'model')).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('Tab');
  await expectChosen(page, 'model', 'qwen2.5-32b');
});

test.describe('by touch', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 375, height: 700 } });
  test('an entry is chosen, and nothing sticks out', async ({ page }) => {
    await open(page);
    await picker(page, 'accelerator').tap();
    await expect(options(page, 'accelerator').nth(2)).toBeVisible();
    expect(await overflow(page)).toBe(0);
    await options(page, 'accelerator').filter({ hasText: 'MI300X' }).tap();
    await expectChosen(page, 'accelerator', 'mi300x');
    await expect(verdict(page)).toContainText('MI300X');
  });
});

/** Paths of the files that hold the list and the presets. */
function listsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const name = /assets\/(catalogue|models|accelerators)-[^/]*\.json$/.exec(request.url())?.[1];
    if (name !== undefined) asked.push(name);
  });
  return asked;
}

test('the first paint asks for none of the lists, and each is fetched when it is needed', async ({
  page,
}) => {
  const asked = listsOf(page);
  // Without the time in which nothing else is to be done.
  await page.addInitScript(() => {
    window.requestIdleCallback = () => 0;
  });
  await open(page);
  await page.waitForLoadState('networkidle');
  await page.getByLabel('Batch').fill('4');
  await expect(page).toHaveURL(/b=4$/);
  expect(asked).toEqual([]);
  await picker(page, 'accelerator').focus();
  await expect.poll(() => asked.toSorted()).toEqual(['accelerators', 'catalogue']);
  await choose(page, 'accelerator', 'h100-80-sxm');
  await choose(page, 'model', 'mixtral-8x7b');
  await expect(verdict(page)).toContainText('Mixtral');
  expect(asked.toSorted()).toEqual(['accelerators', 'catalogue', 'models']);
});

test('the list of names, and nothing else, is fetched ahead once the page stands', async ({ page }) => {
  const asked = listsOf(page);
  await open(page);
  await expect.poll(() => asked).toEqual(['catalogue']);
  await page.waitForLoadState('networkidle');
  expect(asked).toEqual(['catalogue']);
});

test('an alias in a link is looked up', async ({ page }) => {
  await open(page, `#v1?a=${encodeURIComponent('昇腾 910B2')}&m=${encodeURIComponent('Qwen2.5 7B')}`);
  await expectChosen(page, 'accelerator', 'ascend-910b2');
  await expectChosen(page, 'model', 'qwen2.5-7b');
  await expect(page.locator('.notice.warning')).toHaveCount(0);
});

/** What the browser says of a request that fails; the test lets them fail on purpose. */
function forgive(complaints: string[]): void {
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('net::ERR_FAILED')));
}

test('a list that cannot be fetched is told, and fetched again', async ({ page, complaints }) => {
  await page.route('**/catalogue-*.json', (route) => route.abort());
  await open(page, '#v1?b=4');
  await picker(page, 'model').click();
  await expect(status(page, 'model')).toContainText('could not be loaded');
  await expectAccessible(page);
  await expect(options(page, 'model')).toHaveText(['Try again', 'Paste a config.json…']);
  await expect(picker(page, 'model')).toHaveAttribute('data-value', 'qwen2.5-32b');
  await expect(verdict(page)).toContainText('Qwen2.5-32B');
  // In vain at first.
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(status(page, 'model')).toContainText('could not be loaded');
  await page.unroute('**/catalogue-*.json');
  await options(page, 'model').first().click();
  await expect(status(page, 'model')).toContainText('in the list');
  await expect(page.getByLabel('Batch')).toHaveValue('4');
  forgive(complaints);
});

test('presets that cannot be fetched leave what was chosen, and are fetched again', async ({
  page,
  complaints,
}) => {
  await page.route('**/models-*.json', (route) => route.abort());
  await open(page);
  await picker(page, 'model').fill('mixtral-8x7b');
  await expect(options(page, 'model').first()).toContainText('Mixtral');
  await page.keyboard.press('Enter');
  const warning = page.locator('.notice.warning');
  await expect(warning).toContainText('could not be loaded, so what was chosen before stays');
  await expectChosen(page, 'model', 'qwen2.5-32b');
  await expect(verdict(page)).toContainText('Qwen2.5-32B');
  await page.unroute('**/models-*.json');
  await page.getByLabel('Batch').fill('2');
  await warning.getByRole('button', { name: 'Try again' }).click();
  await expectChosen(page, 'model', 'mixtral-8x7b');
  await expect(verdict(page)).toContainText('Mixtral');
  await expect(page.getByLabel('Batch')).toHaveValue('2');
  await expect(warning).toHaveCount(0);
  forgive(complaints);
});

test('a link whose presets cannot be looked up says so, and opens once they can', async ({
  page,
  complaints,
}) => {
  await page.route('**/catalogue-*.json', (route) => route.abort());
  await open(page, '#v1?m=mixtral-8x7b&a=mi300x&n=2');
  const warning = page.locator('.notice.warning');
  await expect(warning).toContainText('could not be looked up');
  await expect(verdict(page)).toContainText('Qwen2.5-32B fits on 2 × H20');
  expect(page.url()).toContain('m=mixtral-8x7b');
  await page.unroute('**/catalogue-*.json');
  await warning.getByRole('button', { name: 'Try again' }).click();
  await expect(verdict(page)).toContainText('Mixtral-8x7B fits on 2 × Instinct MI300X');
  await expect(warning).toHaveCount(0);
  forgive(complaints);
});

test('what takes long is waited for, and said to be', async ({ page }) => {
  await page.route('**/models-*.json', async (route) => {
    await new Promise((done) => setTimeout(done, 1500));
    await route.continue();
  });
  await page.goto('./#v1?m=mixtral-8x7b');
  await expect(page.getByText('Loading…')).toBeVisible();
  await expect(picker(page, 'accelerator')).toBeVisible();
  await expect(verdict(page)).toContainText('Mixtral');
  await expect(page.getByText('Loading…')).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, locale] of [
    [1280, 'en-US'],
    [375, 'zh-CN'],
  ] as const) {
    test.describe(`${width} pixels wide, ${colorScheme}, ${locale}`, () => {
      test.use({ colorScheme, locale, viewport: { width, height: 800 } });
      test('an open list is accessible', async ({ page }) => {
        await open(page);
        for (const field of ['model', 'accelerator'] as const) {
          await picker(page, field).click();
          await expect(options(page, field).nth(2)).toBeVisible();
          await expectAccessible(page);
          expect(await overflow(page)).toBe(0);
          await picker(page, field).fill('qwen 昇腾 24gb');
          await expect(options(page, field)).toHaveCount(1);
          await expectAccessible(page);
          await page.keyboard.press('Escape');
        }
      });
    });
  }
}

test('an open list is not printed', async ({ page }) => {
  await open(page);
  await picker(page, 'model').click();
  await expect(options(page, 'model').nth(2)).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.popup')).toBeHidden();
});
