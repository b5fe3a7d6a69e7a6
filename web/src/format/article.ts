/**
 * The article's own way of printing: it cuts digits off where others round (2312.5 → 2312), so its panel
 * shows what the article's reader has in front of them.
 */
export interface ArticleFormat {
  readonly milliseconds: (seconds: number) => string;
  readonly tokensPerSecond: (value: number) => string;
  readonly teraflops: (flops: number) => string;
  readonly billions: (parameters: number) => string;
}

export function createArticleFormat(locale: string): ArticleFormat {
  const cut = (options: Intl.NumberFormatOptions): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, { roundingMode: 'floor', useGrouping: false, ...options });
  const whole = cut({ maximumFractionDigits: 0 });
  const two = cut({ maximumFractionDigits: 2 });
  const three = cut({ maximumSignificantDigits: 3 });
  // Cutting needs a guard: 441 ms arrives as 440.99999999999994 when the quotient has no exact binary form.
  const guarded = (value: number): number => Number(value.toPrecision(12));
  return {
    milliseconds: (seconds) => `${whole.format(guarded(seconds * 1e3))} ms`,
    tokensPerSecond: (value) => `${whole.format(guarded(value))} tok/s`,
    teraflops: (flops) => {
      const tera = guarded(flops / 1e12);
      return `${(tera < 1 ? three : two).format(tera)} TFLOP`;
    },
    billions: (parameters) => `${two.format(guarded(parameters / 1e9))} B`,
  };
}
