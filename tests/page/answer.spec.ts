/** The answer itself: on first paint, for a pasted config, and the same as the native engine's. */
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

test('opens with an answer', async ({ page }) => {
  await open(page);
  await expect(verdict(page)).toHaveText('Qwen2.5-32B fits on 1 × H20 96 GB SXM.');
  await expect(page.locator('.tile')).toHaveCount(6);
  for (const tile of await page.locator('.tile .value').all()) await expect(tile).toHaveText(/\d/);
  await expect(page.getByRole('status')).toContainText('TTFT');
});

test("prints the article's numbers as the article does, beside ours", async ({ page }) => {
  await open(page);
  const row = (name: string) =>
    page.locator('.comparison tr').filter({ has: page.getByText(name, { exact: true }) });
  await expect(row('Parameters')).toContainText(/31\.98 B.*32 B.*32,763,876,352/s);
  await expect(row('Prefill FLOP')).toContainText(/65\.28 TFLOP.*short form: 65\.28 TFLOP.*64 TFLOP/s);
  await expect(row('Decode FLOP, one step')).toContainText(/0\.0644 TFLOP.*0\.064 TFLOP/s);
  await expect(row('TTFT')).toContainText(/441 ms.*at 60%: 735 ms.*432 ms/s);
  await expect(row('Decode, tokens/s')).toContainText(/2297 tok\/s.*2312 tok\/s.*at most 62\.1 tok\/s/s);
  await expect(page.locator('.article .callout')).toContainText(
    'At peak figures, decoding at batch 1 waits for memory',
  );
});

test('applies the utilisation to the numbers of the article only', async ({ page }) => {
  await open(page);
  const ours = await page.locator('.tile .value').allTextContents();
  await page.getByLabel('GPU utilisation').fill('100');
  await expect(page.locator('.comparison')).toContainText('at 100%: 441 ms');
  expect(await page.locator('.tile .value').allTextContents()).toEqual(ours);
});

test('names the bottleneck of each phase, and the one after it', async ({ page }) => {
  await open(page, '#v1?m=llama-3.1-8b&a=h100-80-sxm');
  const bottlenecks = page.locator('.bottleneck');
  const said =
    /^Bottleneck: compute\. Improving that alone makes this at most \d[\d.]*× faster; the next bottleneck is memory\.$/;
  await expect(bottlenecks).toHaveText([said, /^Bottleneck: memory\. .* the next bottleneck is overhead\.$/]);
  await page.getByRole('button', { name: '中文' }).click();
  await expect(bottlenecks.last()).toHaveText(
    /^瓶颈：显存带宽。只改进这一项，最多提速到 \d[\d.]* 倍，下一个瓶颈是开销。$/,
  );
});

test('recomputes on every input, without a button', async ({ page }) => {
  await open(page);
  const before = await page.locator('.tile .value').allTextContents();
  await page.getByLabel('Batch').fill('16');
  await expect(page.locator('.tile .value').first()).not.toHaveText(before[0] ?? '');
  await expect(page.locator('.article .callout')).toContainText('decoding at batch 16');
});

test('a pasted config gives the numbers of the command line', async ({ page }) => {
  await open(page, '#v1?a=a100-80-sxm&n=2');
  await page.locator('h1').click();
  await paste(page, configOf('qwen2.5-32b'));
  await expect(picker(page, 'model')).toHaveAttribute('data-value', 'own');
  await page.getByLabel('GPUs').fill('1');
  await choose(page, 'accelerator', 'h20-96-sxm');
  await expect(verdict(page)).toHaveText('Your Qwen2ForCausalLM fits on 1 × H20 96 GB SXM.');
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
});

const requests = [
  '#v1?m=deepseek-r1&n=8&b=4',
  '#v1?m=mixtral-8x7b&a=h100-80-sxm&n=2&in=300&out=200&kv=fp8',
  '#v1?m=llama-3.1-70b&a=mi300x&w=int4&mf=80&u=45.5',
  '#v1?m=qwen2.5-7b&a=rtx-4090&out=1',
];

for (const hash of requests) {
  test(`gives the numbers of the command line for ${hash}`, async ({ page }) => {
    await open(page, hash);
    expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
  });
}

test('an own accelerator with the figures of a listed one is computed alike', async ({ page }) => {
  await open(page);
  await choose(page, 'accelerator', 'own');
  await page.getByLabel('Name').fill('Mine');
  await page.getByLabel('Bandwidth').fill('2000');
  await expect(verdict(page)).toContainText('on 1 × Mine.');
  await expect(page.locator('.comparison')).toContainText('at most 31');
  expect(await copyResult(page)).toEqual(runCommand(await copyCommand(page)));
});

test('a model that does not fit is an answer, with what would make it fit', async ({ page }) => {
  await open(page, '#v1?m=deepseek-r1');
  await expect(verdict(page)).toHaveText('DeepSeek-R1 does not fit on 1 × H20 96 GB SXM.');
  await page.getByRole('button', { name: 'Use 8 GPUs' }).click();
  await expect(verdict(page)).toHaveText('DeepSeek-R1 fits on 8 × H20 96 GB SXM.');
  // The button is gone, and the focus must not start over at the top of the page.
  await expect(page.locator('#results')).toBeFocused();
  await expect(page.getByLabel('GPUs')).toHaveValue('8');
  await expect(page.locator('.article')).toContainText('formulas are for dense models');
});

test('a dropped file and an opened file are taken as the config', async ({ page }) => {
  await open(page);
  const config = configOf('llama-3.1-8b');
  await page.setInputFiles('input[type=file]', {
    name: 'config.json',
    mimeType: 'application/json',
    buffer: Buffer.from(config),
  });
  await expect(verdict(page)).toContainText('Your LlamaForCausalLM fits');
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], 'config.json'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, configOf('mixtral-8x7b'));
  await expect(verdict(page)).toContainText('Your MixtralForCausalLM');
});

test('starting over can be undone', async ({ page }) => {
  await open(page, '#v1?m=qwen2.5-7b&b=7');
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(verdict(page)).toContainText('Qwen2.5-32B');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(verdict(page)).toContainText('Qwen2.5-7B');
  await expect(page.locator('#results')).toBeFocused();
  await expect(page.getByLabel('Batch')).toHaveValue('7');
});
