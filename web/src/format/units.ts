/** Quantities as the page writes them: a number of three significant digits and a unit, apart. */

export interface Shown {
  readonly number: string;
  readonly unit: string;
}

export type Quantify = (value: number, asIn?: number) => Shown;

interface Scale {
  readonly from: number;
  readonly size: number;
  readonly unit: string;
}

const seconds: readonly Scale[] = [
  { from: 1, size: 1, unit: 's' },
  { from: 1e-3, size: 1e-3, unit: 'ms' },
  { from: 0, size: 1e-6, unit: 'µs' },
];

function decimalScales(base: string): readonly Scale[] {
  return [
    { from: 1e15, size: 1e15, unit: `P${base}` },
    { from: 1e12, size: 1e12, unit: `T${base}` },
    { from: 1e9, size: 1e9, unit: `G${base}` },
    { from: 1e6, size: 1e6, unit: `M${base}` },
    { from: 1e3, size: 1e3, unit: `k${base}` },
    { from: 0, size: 1, unit: base },
  ];
}

const bytes = decimalScales('B');
const flops = decimalScales('FLOP');
const flopsPerSecond = decimalScales('FLOPS');

export interface Format {
  readonly locale: string;
  /** Seconds: ms below 1 s. */
  readonly time: Quantify;
  /** Powers of ten only: GB is 1e9 bytes. */
  readonly bytes: Quantify;
  /** Always in GiB, 2^30 bytes. */
  readonly gibibytes: Quantify;
  readonly flops: Quantify;
  readonly flopsPerSecond: Quantify;
  readonly bytesPerSecond: Quantify;
  readonly tokensPerSecond: Quantify;
  readonly requestsPerSecond: Quantify;
  /** Parameters in billions (B), the field's own unit in both languages. */
  readonly parameters: Quantify;
  /** Every digit, grouped. */
  readonly count: (value: number) => string;
  /** Every digit, with its sign: what is added to another number. */
  readonly signed: (value: number) => string;
  /** As short as it can be: 0.5, 100. */
  readonly plain: (value: number) => string;
  /** To be typed as it is read: 4,096 and not 4,100. */
  readonly exact: (value: number) => string;
  readonly percent: (value: number) => string;
  /** Without the currency: 2.50, 30,000, and three digits of less than 1. */
  readonly money: (value: number) => string;
}

export function createFormat(locale: string): Format {
  const three = new Intl.NumberFormat(locale, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  const upToThree = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const digits = { maximumSignificantDigits: 3, maximumFractionDigits: 2 };
  const precise = new Intl.NumberFormat(locale, { ...digits, roundingPriority: 'morePrecision' });
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const withSign = new Intl.NumberFormat(locale, { maximumFractionDigits: 0, signDisplay: 'exceptZero' });
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const cents = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const number = (value: number): string => (value === 0 ? '0' : three.format(value));

  // `asIn` fixes the unit by another value, so that a range reads in the unit of what it surrounds.
  const scaled =
    (scales: readonly Scale[]): Quantify =>
    (value, asIn = value) => {
      if (value === 0 && asIn === 0) return { number: number(0), unit: (scales.at(-1) ?? one('')).unit };
      // Decided after rounding: 0.9999 s is 1 s and not 1,000 ms.
      const size = Number(Math.abs(asIn).toPrecision(3));
      const scale = scales.find(({ from }) => size >= from) ?? one('');
      return { number: number(value / scale.size), unit: scale.unit };
    };
  const fixed =
    (unit: string, size = 1): Quantify =>
    (value) => ({ number: number(value / size), unit });

  return {
    locale,
    time: scaled(seconds),
    bytes: scaled(bytes),
    gibibytes: fixed('GiB', 2 ** 30),
    flops: scaled(flops),
    flopsPerSecond: scaled(flopsPerSecond),
    bytesPerSecond: scaled(bytes.map((scale) => ({ ...scale, unit: `${scale.unit}/s` }))),
    tokensPerSecond: fixed('tok/s'),
    requestsPerSecond: fixed('req/s'),
    parameters: fixed('B', 1e9),
    count: (value) => integer.format(value),
    // A true minus is as wide as the plus.
    signed: (value) => withSign.format(value).replace('-', '−'),
    plain: (value) => upToThree.format(value),
    // From there on with a power of ten, as nobody reads three hundred digits.
    exact: (value) => (Math.abs(value) < 1e21 ? precise.format(value) : String(Number(value.toPrecision(6)))),
    percent: (value) => share.format(value),
    money: (value) => {
      if (value === 0 || value >= 1000) return integer.format(value);
      // Decided after rounding, as above.
      return Number(value.toPrecision(3)) < 1 ? three.format(value) : cents.format(value);
    },
  };
}

const one = (unit: string): Scale => ({ from: 0, size: 1, unit });

export const inWords = ({ number, unit }: Shown): string => (unit === '' ? number : `${number} ${unit}`);
