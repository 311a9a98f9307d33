/**
 * Decimals of a currency where they are not two (ISO 4217, list one, 2026). A code that is in neither list is refused.
 */
const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0,
  XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
}; // biome-ignore format: a table reads better in lines

const TWO_DECIMALS = new Set(
  (
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC ' +
    'CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD ' +
    'KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO ' +
    'NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL ' +
    'THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG'
  ).split(' '),
);

/** Digits after the decimal point of a currency; undefined for a code that ISO 4217 does not list. */
export function currencyExponent(code: string): number | undefined {
  return EXPONENTS[code] ?? (TWO_DECIMALS.has(code) ? 2 : undefined);
}

/** ISO 4217 code in capitals, or undefined. */
export function readCurrency(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const code = value.trim().toUpperCase();
  return currencyExponent(code) === undefined ? undefined : code;
}

/** A decimal number exactly as written: digits × 10^-scale. */
export type Decimal = { readonly digits: bigint; readonly scale: number };

const DECIMAL = /^([+-]?)(\d{1,18})(?:\.(\d{1,18}))?$/;

/**
 * Reads a decimal from its text, or from a JSON number by the shortest text that names it. Decimal point only: a comma
 * is a thousands mark in half of the world. Undefined when it is no plain decimal of 18 + 18 digits at most.
 */
export function readDecimal(value: unknown): Decimal | undefined {
  const text = typeof value === 'number' ? numberText(value) : typeof value === 'string' ? value.trim() : undefined;
  if (text === undefined) return undefined;
  const found = DECIMAL.exec(text);
  if (found === null) return undefined;
  const [, sign, whole = '', fraction = ''] = found;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length };
}

/** Decimal figures a double carries reliably: sums such as 0.1 + 0.2 differ from what was meant beyond them. */
const RELIABLE_FIGURES = 15;

function numberText(value: number): string | undefined {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) return undefined;
  const text = String(value);
  const figures = text.replace(/^-?0*\.?0*|\.|e.*$/g, '').length;
  if (figures <= RELIABLE_FIGURES && !text.includes('e')) return text;
  // More figures than a double holds: the noise of binary arithmetic (59.97000000000001), not a price.
  return (
    Number(value.toPrecision(RELIABLE_FIGURES))
      .toFixed(12)
      .replace(/\.?0+$/, '') || '0'
  );
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: atScale(a, scale) + atScale(b, scale), scale };
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

export function negateDecimal(a: Decimal): Decimal {
  return { digits: -a.digits, scale: a.scale };
}

function atScale(decimal: Decimal, scale: number): bigint {
  return decimal.digits * 10n ** BigInt(scale - decimal.scale);
}

/** Minor units, and whether the amount had to be rounded to reach them. */
export type Minor = { readonly minor: number; readonly rounded: boolean };

/** Rounds half to even at the exponent; undefined when the result is no safe integer. */
export function toMinor(decimal: Decimal, exponent: number): Minor | undefined {
  if (decimal.scale <= exponent) return safe(atScale(decimal, exponent), false);
  const unit = 10n ** BigInt(decimal.scale - exponent);
  const negative = decimal.digits < 0n;
  const size = negative ? -decimal.digits : decimal.digits;
  const whole = size / unit;
  const rest = size % unit;
  if (rest === 0n) return safe(negative ? -whole : whole, false);
  const up = rest * 2n > unit || (rest * 2n === unit && whole % 2n === 1n);
  const rounded = up ? whole + 1n : whole;
  return safe(negative ? -rounded : rounded, true);
}

function safe(minor: bigint, rounded: boolean): Minor | undefined {
  const number = Number(minor);
  return Number.isSafeInteger(number) ? { minor: number, rounded } : undefined;
}
