/** Speculative decoding, overlap, uneven experts, and prefill and decode apart: set, sent, kept in links, refused. */
import type { Page } from '@playwright/test';
import { expectAccessible, overflow } from './accessibility.ts';
import {
  choose,
  copied,
  copyCommand,
  copyLink,
  copyResult,
  expect,
  loadCard,
  open,
  openLoad,
  runCommand,
  simulated,
  test,
  verdict,
} from './tokencast.ts';

const experts = '#v1?m=deepseek-r1&a=h200-141-sxm&n=8&dp=8&ep=8&b=64';
const result = (page: Page) => copyResult(page) as Promise<{ result: { deployment: object } }>;

test('MTP is offered where a model has it, and its figures may be left to the engine', async ({ page }) => {
  await open(page);
  const method = page.getByLabel('Speculative decoding');
  await expect(method.getByRole('option')).toHaveText(['off', 'Draft model', 'n-grams of the prompt']);
  await choose(page, 'model', 'deepseek-r1');
  await page.getByLabel('GPUs').fill('8');
  await method.selectOption('mtp');
  await expect(page.getByLabel('Drafted tokens')).toHaveAttribute('placeholder', '1');
  await expect(page.getByLabel('Acceptance')).toHaveAttribute('placeholder', '85');
  await expect(page.locator('#acceptance-hint')).toContainText('1.85 tokens a step');
  await page.getByLabel('Engine', { exact: true }).selectOption('vllm');
  await expect(page.locator('.flags')).toContainText('"num_speculative_tokens":1}');
  await page.getByLabel('Drafted tokens').fill('3');
  await expect(page.locator('.flags')).toHaveText(
    'vLLM: --speculative-config \'{"method":"mtp","num_speculative_tokens":3}\'',
  );
  await page.getByLabel('Acceptance').fill('70');
  await expect(page).toHaveURL(/sp=mtp&dt=3&da=70$/);
  expect((await result(page)).result.deployment).toMatchObject({
    speculative: { method: 'mtp', draft_tokens: 3, acceptance: 0.7 },
  });
  expect(await result(page)).toEqual(runCommand(await copyCommand(page)));
  // What a model without such layers was given is not hidden.
  await choose(page, 'model', 'qwen2.5-32b');
  await expect(page.locator('#speculation-error')).toContainText('no multi-token-prediction layers');
  await expect(method).toHaveValue('mtp');
  await method.selectOption('');
  await expect(page.locator('#speculation-error')).toHaveCount(0);
  await expect(page.locator('#draftTokens')).toHaveCount(0);
  await expect(page).not.toHaveURL(/sp=|dt=|da=/);
});

test('n-grams need their figures to be told', async ({ page }) => {
  await open(page);
  await page.getByLabel('Speculative decoding').selectOption('ngram');
  await expect(page.locator('#draftTokens-error')).toHaveText('Enter a number.');
  await page.getByLabel('Drafted tokens').fill('17');
  await expect(page.locator('#draftTokens-error')).toContainText('From 1 to 16');
  await page.getByLabel('Drafted tokens').fill('4');
  await expect(page.locator('#acceptance-error')).toHaveText('Enter a number.');
  await page.getByLabel('Acceptance').fill('120');
  await expect(page.locator('#acceptance-error')).toContainText('From 0% to 100%');
  await page.getByLabel('Acceptance').fill('60');
  await expect(page.locator('#acceptance-hint')).toContainText('tokens a step');
  await expect(page).toHaveURL(/#v1\?sp=ngram&dt=4&da=60$/);
  await expect(page.getByText('so TPOT is shorter than the step')).toBeVisible();
});

test('a model of the list drafts', async ({ page, browser }) => {
  await open(page, '#v1?m=llama-3.1-70b&n=4');
  await page.getByLabel('Speculative decoding').selectOption('draft_model');
  await expect(page.locator('#draftModel-error')).toHaveText('Choose a model.');
  await page.getByLabel('Draft model', { exact: true }).selectOption('llama-3.2-1b');
  await page.getByLabel('Drafted tokens').fill('4');
  await page.getByLabel('Acceptance').fill('70');
  await expect(page.getByText('Of the weights, those of the draft')).toBeVisible();
  await page.getByLabel('Engine', { exact: true }).selectOption('sglang');
  await expect(page.locator('.flags')).toContainText(
    'STANDALONE --speculative-draft-model-path meta-llama/Llama-3.2-1B --speculative-num-steps 4',
  );
  const before = await result(page);
  expect(before.result.deployment).toMatchObject({ speculative: { model: 'llama-3.2-1b' } });
  expect(before).toEqual(runCommand(await copyCommand(page)));
  const link = await copyLink(page);
  expect(link).toContain('sp=draft_model&dm=llama-3.2-1b&dt=4&da=70');
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const other = await context.newPage();
  await other.goto(link);
  await expect(verdict(other)).toBeVisible();
  expect(await result(other)).toEqual(before);
  await context.close();
});

// The engine's advice is of a request, where a number can be left out.
test('a layout that is not possible says what to do in the form', async ({ page }) => {
  await open(page, '#v1?m=deepseek-r1&a=h200-141-sxm&n=8');
  await page.getByLabel('GPUs').fill('64');
  await expect(page.locator('#gpus-error')).toHaveText(
    /Use one of: 1, 2, 4, 8, 16\. To use more, set replicas \(DP\)\./,
  );
  await page.getByLabel('GPUs').fill('8');
  await page.getByText('Layout over GPUs').click();
  await page.getByLabel('Replicas (DP)').fill('3');
  await expect(page.locator('#dp-error')).toContainText('TP 2 × PP 1 × DP 3 are 6 GPUs, not 8.');
  await expect(page.locator('#dp-error')).toContainText('Set GPUs to 6, or change the layout.');
  await page.getByRole('button', { name: '中文' }).click();
  await expect(page.locator('#dp-error')).toContainText('请把卡数设为 6，或改动多卡部署方式。');
  await open(page, '#v1?m=deepseek-r1&a=h200-141-sxm&n=16&dp=2&ul=1&dg=apart');
  await expect(page.locator('#disaggregation-error')).toContainText('请把副本数（DP）设为 1。');
});

test('the layout that was found is told where it is chosen', async ({ page }) => {
  await open(page);
  const layout = page.locator('details', { hasText: 'Replicas (DP)' }).locator('> summary');
  await expect(layout).toHaveText('Layout over GPUs');
  await open(page, '#v1?m=deepseek-r1&a=h200-141-sxm&n=16&dp=8&ep=16');
  await expect(layout).toHaveText('Layout over GPUs TP 2 × DP 8 · EP 16 · Nodes 2');
});

test('overlap and uneven loads are of experts over GPUs', async ({ page }) => {
  await open(page);
  await page.getByText('Layout over GPUs').click();
  await expect(page.locator('#overlap')).toHaveCount(0);
  await open(page, `${experts}&e=sglang`);
  await page.getByLabel('Batch overlap').selectOption('two_batch');
  await expect(page.locator('#overlap-hint')).toHaveText('SGLang: --enable-two-batch-overlap');
  await page.getByLabel('Expert imbalance').fill('1.5');
  await expect(page).toHaveURL(/ov=two_batch&sk=1.5$/);
  await expect(page.getByText('of this runs beside the rest')).toBeVisible();
  expect((await result(page)).result.deployment).toMatchObject({ overlap: 'two_batch', expert_skew: 1.5 });
  // Without experts over replicas it is refused where it was set.
  await page.getByLabel('Experts over (EP)').fill('1');
  await expect(page.locator('#overlap-error')).toContainText('experts');
  await page.getByLabel('Batch overlap').selectOption('none');
  await expect(page.locator('#expertSkew-error')).toContainText('experts');
  await page.getByLabel('Expert imbalance').fill('1');
  await expect(page.locator('#overlap')).toHaveCount(0);
});

test('what does not fit is offloaded to the host', async ({ page }) => {
  await open(page, '#v1?m=llama-3.1-70b&a=h100-80-sxm');
  await page.getByRole('button', { name: /^Offload .* GiB of weights\s+\(TPOT/ }).click();
  await expect(verdict(page)).toContainText('fits on 1');
  await expect(page.getByLabel('Weights on host')).not.toHaveValue('');
  await page.getByLabel('Weights on host').fill('70');
  await page.getByLabel('KV on host').fill('1.5');
  await expect(page.getByText('In the host’s memory')).toBeVisible();
  await expect(page).toHaveURL(/ow=70&ok=1.5$/);
  expect(await result(page)).toEqual(runCommand(await copyCommand(page)));
  await page.getByLabel('Weights on host').fill('500');
  await expect(page.locator('#offloadWeights-error')).toContainText(/From 0 GiB to 12\d\.?\d* GiB/);
  await page.getByLabel('Weights on host').fill('');
  await page.getByLabel('Engine', { exact: true }).selectOption('llama.cpp');
  await expect(page.locator('#offloadKv-error')).toContainText('llama.cpp');
  await page.getByLabel('KV on host').fill('');
  await expect(page.locator('#offloadKv')).toHaveCount(0);
});

test('a batch is told from a service, and leads to it', async ({ page }) => {
  await open(page);
  await expect(page.getByText('starts and ends together')).toHaveCount(0);
  await page.getByLabel('Batch').fill('8');
  await expect(page.getByText('one batch of 8')).toBeVisible();
  await page.getByRole('button', { name: /continuous batching/ }).press('Enter');
  await expect(loadCard(page)).toHaveAttribute('open');
  await expect(loadCard(page).locator('summary').first()).toBeFocused();
  await expect(simulated(page)).toContainText('requests simulated');
});

test('prefill and decode are simulated apart', async ({ page }) => {
  await open(page, '#v1?m=llama-3.1-8b&a=h100-80-sxm&e=vllm&in=2000&out=100&ld=rate&rr=8');
  await loadCard(page).getByLabel('Prefill and decode').selectOption('apart');
  await loadCard(page).getByLabel('Prefill instances').fill('0');
  await expect(loadCard(page).locator('#prefillInstances-error')).toContainText('From 1 to 256');
  await loadCard(page).getByLabel('Prefill instances').fill('2');
  await loadCard(page).getByLabel('Decode instances').fill('3');
  await expect(page).toHaveURL(/dg=apart&pi=2&di=3$/);
  await expect(simulated(page)).toContainText('requests simulated');
  await expect(loadCard(page).locator('.pools')).toContainText('3 (3 GPUs)');
  const command = await copied(page, 'Copy simulate command', 'Command line copied');
  expect(command).toContain('"disaggregation":{"prefill":{"instances":2},"decode":{"instances":3}}');
  expect(JSON.parse(await copied(page, 'Copy simulation as JSON', 'Result copied'))).toEqual(
    runCommand(command),
  );
});

test('the fields are in Chinese, accessible and narrow enough', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 800 });
  await open(page, `${experts}&ov=two_batch&sk=2&sp=mtp&ul=1&dg=apart&pi=2`);
  await page.getByRole('button', { name: '中文' }).click();
  for (const label of ['投机解码', '草稿 token 数', '接受率', '批次重叠', '专家不均衡度', '预填充实例数'])
    await expect(page.getByLabel(label)).toBeVisible();
  await expect(page.getByText('同时开始、同时结束')).toBeVisible();
  expect(await overflow(page)).toBe(0);
  await expectAccessible(page);
  await page.getByLabel('草稿 token 数').fill('17');
  await expect(page.locator('#draftTokens-error')).toContainText('1 到 16');
  await openLoad(page);
});
