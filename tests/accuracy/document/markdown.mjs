// Numbers and tables as text.

const whole = new Intl.NumberFormat('en-US');

export const count = (value) => whole.format(value);

/** A share in percent: one digit below 10 %, since medians of a few percent differ in it. */
export function percent(share) {
  if (!Number.isFinite(share)) return '';
  const value = 100 * share;
  return `${value < 9.95 ? value.toFixed(1) : count(Math.round(value))} %`;
}

/** Bands and targets: always whole. */
export const wholePercent = (share) => (Number.isFinite(share) ? `${Math.round(100 * share)} %` : '');

export const factor = (value) => (Number.isFinite(value) ? `×${value.toFixed(2)}` : '');

const cell = (text) => String(text).replaceAll('|', '\\|');

/** columns are [heading, textOf]; a heading that starts with > is aligned right. */
export function table(columns, items) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([heading]) => heading.replace('>', ''))),
    `|${columns.map(([heading]) => (heading.startsWith('>') ? '---:' : '---')).join('|')}|`,
    ...items.map((item) => line(columns.map(([, textOf]) => cell(textOf(item))))),
  ].join('\n');
}

export const verdict = (met) => (met ? 'met' : '**not met**');
