/** The section "Under load": a simulation in a worker, of which the latest inputs win. */
import type { Page } from '@playwright/test';
import { expectAccessible, overflow } from './accessibility.ts';
import {
  copied,
  copyLink,
  expect,
  loadCard,
  open,
  openLoad,
  runCommand,
  simulated,
  test,
  verdict,
} from './tokencast.ts';

const done = (page: Page) => expect(simulated(page)).toContainText('requests simulated');
const results = (page: Page) => page.locator('.load-results');
const simulator = '**/tokencast-simulate-*.wasm';

/** A service that one measured, with everything that the section shows. */
const full = '#v1?b=64&e=vllm&th=5&ln=lognormal&lt=3000&lp=60';

/** What the section says, as its own command says it too. */
async function expectSameAsCommand(page: Page): Promise<void> {
  const result = JSON.parse(await copied(page, 'Copy simulation as JSON', 'Result copied')) as unknown;
  const command = await copied(page, 'Copy simulate command', 'Command line copied');
  expect(command).toContain('tokencast simulate');
  expect(result).toEqual(runCommand(command));
}

/** Holds back the simulator until it is told to go on. */
async function withheld(page: Page): Promise<() => void> {
  let goOn = (): void => undefined;
  const told = new Promise<void>((resolve) => (goOn = resolve));
  await page.route(simulator, async (route) => {
    await told;
    await route.continue();
  });
  return goOn;
}

test('is loaded when it is opened, and answers as the command line does', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await open(page);
  await expect(loadCard(page)).toContainText('Under load');
  expect(requests.filter((url) => /simulat|under-load|load-texts/.test(url))).toEqual([]);
  await openLoad(page);
  await done(page);
  await expect(page).toHaveURL(/#v1\?ul=1$/);
  await expect(results(page)).toContainText('It keeps up');
  await expectSameAsCommand(page);
  await openLoad(page);
  await expect(page).toHaveURL(/\/$/);
  await expect(results(page)).toHaveCount(0);
});

test('gives percentiles, what limits, the most load within limits, and a curve', async ({ page }) => {
  await open(page, full);
  await done(page);
  const times = results(page).locator('.load-times');
  await expect(times.getByRole('columnheader')).toContainText(['TTFT', 'TPOT', 'ITL', 'Latency']);
  await expect(times.getByRole('rowheader')).toHaveText(['Mean', 'P50', 'P90', 'P95', 'P99']);
  await expect(results(page).locator('.callout')).toContainText(/KV cache|keeps up|Compute/);
  await expect(results(page).locator('.tile')).toContainText([/req\/s|None/, /users|None/]);
  await expect(results(page).getByRole('img')).toHaveCount(3);
  await expect(results(page).getByRole('img').first()).toHaveAccessibleName(
    /Output tokens per second: .* with 1 users/,
  );
  // A number at the end of an axis was once cut off at the edge of the chart.
  await expect(results(page).locator('.load-chart').first()).toHaveCSS('overflow', 'visible');
  await results(page).getByText('The same as a table').click();
  expect(await results(page).locator('.load-curve tbody tr').count()).toBeGreaterThan(4);
  await expectSameAsCommand(page);
});

/** More than one H100 serves within these limits. */
const tooMuch = '#v1?m=llama-3.1-8b&a=h100-80-sxm&e=vllm&in=2000&out=300&ld=rate&rr=12&lt=1000&lp=30';
const changes = (page: Page) => results(page).locator('.changes');

test('names the next limit, and changes that keep what must hold, with a click', async ({ page }) => {
  await open(page, tooMuch);
  await done(page);
  await expect(results(page).locator('.callout')).toContainText(
    /The KV cache is the limit: .* The next limit is the engine's limit of sequences: 1,024 running/,
  );
  await expect(changes(page)).toContainText('The limits are not kept with this load.');
  await expect(results(page)).toContainText('Not enough: FP8 KV cache, tensor parallelism 2 (2 GPUs).');
  const buttons = changes(page).getByRole('button');
  await expect(buttons).toHaveText([
    /^\s*2 replicas \(2 GPUs\)\s+with TTFT \d+ ms · TPOT [\d.]+ ms \(P95\)\s*$/,
    /^\s*At most [\d.]+ req\/s\s+with TTFT/,
  ]);
  await expectAccessible(page);
  await expectSameAsCommand(page);
  // What it leads to is what is then simulated.
  const [, ttft = ''] = /TTFT (\S+ ms)/.exec((await buttons.first().textContent()) ?? '') ?? [];
  await buttons.first().click();
  await expect(loadCard(page).locator('> summary')).toBeFocused();
  await expect(page.locator('#gpus')).toHaveValue('2');
  await expect(page.locator('#dp')).toHaveValue('2');
  await expect(results(page)).not.toHaveClass(/stale/);
  await expect(results(page).locator('.callout')).toContainText('The limits are kept with this load.');
  await expect(changes(page)).toHaveCount(0);
  await expect(results(page).locator('.load-times tr', { hasText: 'P95' }).locator('td').first()).toHaveText(
    ttft,
  );
});

// It once said that a request waits for full steps 0% of the time.
test('compute limits where steps are full and nobody waits for them', async ({ page }) => {
  await open(page, '#v1?m=qwen3-8b&a=h100-80-sxm&e=vllm&in=10&out=1&ld=rate&rr=3000');
  await done(page);
  const callout = results(page).locator('.callout');
  await expect(callout).toContainText('Compute is the limit: the steps are full.');
  await expect(callout).not.toContainText('of the time');
});

test('less load and another number of instances keep what must hold too', async ({ page }) => {
  await open(page, tooMuch);
  await done(page);
  await changes(page).getByRole('button', { name: 'At most' }).click();
  await expect(page.locator('#requestRate')).not.toHaveValue('12');
  await expect(results(page)).not.toHaveClass(/stale/);
  await expect(results(page).locator('.callout')).toContainText('The limits are kept with this load.');
  await open(page, `${tooMuch.replace('rr=12', 'rr=18')}&dg=apart`);
  await expect(results(page)).toContainText(
    /The prefill instances would be full first\.\s+Next are the decode/,
  );
  await changes(page).getByRole('button', { name: 'prefill instances' }).click();
  await expect(page.locator('#prefillInstances')).not.toHaveValue('1');
  await expect(results(page)).not.toHaveClass(/stale/);
  await expect(changes(page)).toHaveCount(0);
});

test('a change of inputs starts it anew, with the earlier answer greyed meanwhile', async ({ page }) => {
  await open(page, '#v1?ul=1&b=4');
  await done(page);
  await loadCard(page).getByLabel('Users', { exact: true }).fill('32');
  await expect(page.locator('#concurrency')).toHaveValue('32');
  await expect(results(page)).toHaveClass(/stale/);
  await expect(simulated(page)).toContainText('The figures below are of earlier inputs.');
  await expect(results(page)).not.toHaveClass(/stale/);
  await expect(results(page)).toContainText(/Running at once, on average\s+32\s/);
  await page.locator('#outputTokens').fill('100');
  await expect(results(page)).toHaveClass(/stale/);
  await done(page);
  await expectSameAsCommand(page);
  await loadCard(page).getByLabel('Load', { exact: true }).selectOption('rate');
  await loadCard(page).getByLabel('Requests').fill('1000');
  await expect(results(page)).toContainText('More requests arrive than can be served');
  await expect(page).toHaveURL(/b=32&ul=1&ld=rate&rr=1000$/);
});

// It once said only that the service keeps up.
test('a model that fits not even once is simulated as if it did, and that is said', async ({ page }) => {
  await open(page, '#v1?m=deepseek-r1&ul=1');
  await done(page);
  await expect(results(page).locator('.stale-note')).toHaveText(
    'It does not fit: the times are what it would give if memory sufficed.',
  );
  // Fewer than are asked for fit, so the others wait: no fiction.
  await page.goto('./#v1?m=deepseek-r1&n=8&e=vllm&b=32&ul=1');
  await expect(verdict(page)).toContainText('does not fit on 8');
  await done(page);
  await expect(results(page)).not.toHaveClass(/stale/);
  await expect(results(page).locator('.stale-note')).toHaveCount(0);
});

test('of replicas one is simulated, which the number of requests is of', async ({ page }) => {
  await open(page, '#v1?m=llama-3.1-8b&a=h100-80-sxm&n=4&dp=2&pp=2&e=vllm&b=64&ul=1');
  await expect(simulated(page)).toHaveText(
    /^\s*250 requests simulated, .* of service, in one of 4 equal parts that share the load\.\s*$/,
  );
  await open(page, '#v1?m=llama-3.1-8b&a=h100-80-sxm&n=1&e=vllm&b=64&ul=1');
  await expect(simulated(page)).toHaveText(/1,000 requests simulated, .* of service\.\s*$/);
});

test('can be cancelled, and simulated again', async ({ page }) => {
  const goOn = await withheld(page);
  await open(page);
  await openLoad(page);
  await expect(simulated(page)).toHaveText('Simulating…');
  await expect(loadCard(page).getByRole('progressbar')).toBeVisible();
  await loadCard(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(simulated(page)).toHaveText('The simulation was cancelled.');
  goOn();
  await expect(results(page)).toHaveCount(0);
  await loadCard(page).getByRole('button', { name: 'Simulate again' }).click();
  await done(page);
});

test('a long simulation leaves the page usable, and ends when it is made stale', async ({ page }) => {
  await open(
    page,
    '#v1?m=deepseek-r1&a=h200-141-sxm&n=8&e=vllm&in=100&out=10000&b=4096&ln=lognormal&lt=2000',
  );
  await expect(simulated(page)).toHaveText('Simulating…');
  await page.getByLabel('Batch').fill('8');
  await page.locator('#outputTokens').fill('50');
  await done(page);
  await expect(results(page)).toContainText(/Running at once, on average\s+(8|7\.\d+)\s/);
});

test('a link holds every field and opens the section', async ({ page, browser }) => {
  await open(page, '#v1?e=vllm');
  await openLoad(page);
  const field = (name: string) => loadCard(page).getByLabel(name, { exact: name === 'Load' });
  await field('Load').selectOption('rate');
  await field('Requests').fill('0.25');
  await field('Arrivals').selectOption('bursty');
  await field('Burstiness').fill('0.5');
  await field('Lengths').selectOption('uniform');
  await field('Prompt spread').fill('30');
  await field('Prefix hits').fill('40');
  await field('TTFT at most').fill('2500');
  await field('TPOT at most').fill('80');
  await field('Limits hold for').selectOption('p90');
  await loadCard(page).getByText("Limits of the engine's scheduler").click();
  await field('Sequences').fill('32');
  await field('Tokens in a step').fill('4096');
  await field('KV block').fill('32');
  await loadCard(page).getByText('How long is simulated').click();
  await field('Sample size').fill('300');
  await field('Seed').fill('5');
  await done(page);
  await expect(page).toHaveURL(/bt=32&rq=300&sd=5/);
  const link = await copyLink(page);
  const before = await results(page).innerText();
  const context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(link);
  await done(other);
  expect(await results(other).innerText()).toBe(before);
  await expect(loadCard(other).getByLabel('KV block')).toHaveValue('32');
  await expect(loadCard(other).getByLabel('Seed')).toHaveValue('5');
  await context.close();
});

test('a link made after closing the section keeps it closed, and what was entered', async ({ page }) => {
  await open(page, '#v1?ul=1&ld=rate&rr=0.25');
  await done(page);
  await openLoad(page);
  await expect(page).toHaveURL(/#v1\?ul=0&ld=rate&rr=0\.25$/);
  await page.reload();
  await expect(loadCard(page)).toBeVisible();
  await expect(results(page)).toHaveCount(0);
  await openLoad(page);
  await done(page);
  await expect(page.locator('#requestRate')).toHaveValue('0.25');
});

test('an error is told beside its field, what was typed stays, and so does the last answer', async ({
  page,
}) => {
  await open(page, '#v1?ul=1&ld=rate&rr=0.1');
  await done(page);
  const expectRefused = async (field: string, text: string, message: RegExp): Promise<void> => {
    await page.locator(`#${field}`).fill(text);
    await expect(page.locator(`#${field}-error`)).toContainText(message);
    await expect(page.locator(`#${field}`)).toHaveValue(text);
    await expect(page.locator(`#${field}`)).toHaveAttribute('aria-invalid', 'true');
    await expect(results(page).locator('.load-times')).toBeVisible();
  };
  await expectRefused('requestRate', 'many', /not a number/);
  await expect(simulated(page)).toContainText('Correct the marked field to simulate.');
  await expect(results(page)).toHaveClass(/stale/);
  await expectRefused('requestRate', '', /Enter a number/);
  await page.locator('#requestRate').fill('0.1');
  await done(page);
  await expectRefused('prefixHit', '120', /120% is out of range.*From 0% to 100%/);
  await page.locator('#prefixHit').fill('0');
  await expectRefused('ttftLimit', '-5', /out of range.*ms/);
  await page.locator('#ttftLimit').fill('');
  await loadCard(page).getByText('How long is simulated').click();
  await expectRefused('requests', '99', /99 is out of range\..*From 100 to 100,000/);
  await page.locator('#requests').fill('1000');
  await loadCard(page).getByText("Limits of the engine's scheduler").click();
  // Of the deployment, so the estimate says it.
  await expectRefused('maxSequences', '0', /out of range/);
  await expect(page.locator('.results > .stale-note')).toBeVisible();
  // Of what the page refuses, the section once said that it was simulated.
  await expect(simulated(page)).toContainText('Correct the marked field to simulate.');
  await page.locator('#maxSequences').fill('');
  await done(page);
});

test('a link whose load the engine refuses says so beside the field', async ({ page }) => {
  await page.goto('./#v1?ms=none');
  await expect(page.locator('#maxSequences-error')).toContainText('not a number');
  await page.locator('#maxSequences').fill('16');
  await done(page);
  await page.goto('./#v1?ld=rate&ar=sometimes');
  await expect(page.locator('#arrivals-error')).toContainText('sometimes');
});

test.describe('without a connection', () => {
  test('the section can be loaded again', async ({ page, complaints }) => {
    await page.route('**/under-load-*.js', (route) => route.abort());
    await open(page);
    await openLoad(page);
    await expect(loadCard(page)).toContainText('could not be loaded');
    await page.unroute('**/under-load-*.js');
    await loadCard(page).getByRole('button', { name: 'Try again' }).click();
    await done(page);
    complaints.length = 0;
  });

  test('the simulator can be loaded again', async ({ page, complaints }) => {
    await page.route(simulator, (route) => route.abort());
    await open(page);
    await openLoad(page);
    await expect(simulated(page)).toContainText('could not be finished');
    await page.unroute(simulator);
    await loadCard(page).getByRole('button', { name: 'Simulate again' }).click();
    await done(page);
    complaints.length = 0;
  });
});

for (const locale of ['en-US', 'zh-CN']) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`375 pixels wide, ${colorScheme}, ${locale}`, () => {
      test.use({ viewport: { width: 375, height: 700 }, colorScheme, locale });
      test('is accessible and stays within', async ({ page }) => {
        await open(page, `${full}&ms=64`);
        await expect(results(page)).not.toHaveClass(/stale/);
        await results(page).locator('details > summary').click();
        expect(await overflow(page)).toBe(0);
        await expectAccessible(page);
        if (locale === 'zh-CN') {
          await expect(simulated(page)).toContainText(/已模拟 [\d,]+ 个请求/);
          // Names of units and of quantities apart, nothing is left in English.
          const words = (await loadCard(page).innerText()).match(/\b[a-z]{4,}\b/g) ?? [];
          expect(words.filter((word) => !/^(token|vLLM|block|size|batched|tokens|seqs)$/.test(word))).toEqual(
            [],
          );
        }
        await page.locator('#thinkTime').fill('x');
        await expect(page.locator('#thinkTime-error')).toBeVisible();
        expect(await overflow(page)).toBe(0);
        await expectAccessible(page);
      });
    });
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`limits that are not kept, 375 pixels wide, ${colorScheme}, in Chinese`, () => {
    test.use({ viewport: { width: 375, height: 700 }, colorScheme, locale: 'zh-CN' });
    test('are told with what keeps them', async ({ page }) => {
      await open(page, tooMuch);
      await expect(results(page)).not.toHaveClass(/stale/);
      await expect(results(page).locator('.callout')).toContainText('下一个瓶颈是引擎的序列数上限');
      await expect(changes(page)).toContainText('作以下任一改动即可满足');
      await expect(changes(page).getByRole('button').first()).toContainText('2 个副本（共 2 张卡）');
      expect(await overflow(page)).toBe(0);
      await expectAccessible(page);
    });
  });
}

test('its texts follow the language', async ({ page }) => {
  await open(page, '#v1?ul=1');
  await done(page);
  await page.getByRole('button', { name: '中文' }).click();
  await expect(loadCard(page)).toContainText('闭环：N 个用户各自等到完整回答');
  await expect(simulated(page)).toContainText('已模拟');
});

// The page said to correct a field that nobody saw.
test('opens where one of its fields is refused', async ({ page }) => {
  await page.goto('./#v1?ul=0&ms=0');
  await expect(loadCard(page)).toHaveAttribute('open', '');
  await expect(loadCard(page).getByLabel('Sequences')).toBeVisible();
});

// It ended at 8 users, which the KV cache has no more room for.
test('draws the curve as far as the users that are asked for', async ({ page }) => {
  await open(page, '#v1?m=deepseek-r1&n=8&b=32&e=vllm&ul=1');
  await done(page);
  await results(page).getByText('The same as a table').click();
  await expect(results(page).locator('.load-curve tbody th').last()).toHaveText('32');
});

test('shows the band of the most load within limits', async ({ page }) => {
  await open(page, full);
  await done(page);
  await expect(results(page).locator('.tile .range').first()).toContainText(/\d – \d.* req\/s/);
  await expect(results(page).locator('.tile .range').last()).toContainText(/\d – \d+ users/);
});
