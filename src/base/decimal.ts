/**
 * Decimal numerals as text, multiplied and divided without rounding. Units need it: 4.35 * 100 is
 * 434.99999999999994 in doubles, and a profile that is printed must load back to the very same numbers.
 */

/**
 * `decimal` (digits with an optional fraction) times `multiplier`; null when the product is no whole number.
 * @example timesExactly('1.5', 1024n) // 1536n
 */
export function timesExactly(decimal: string, multiplier: bigint): bigint | null {
  const [whole = '', fraction = ''] = decimal.split('.');
  const product = BigInt(whole + fraction) * multiplier;
  const divisor = 10n ** BigInt(fraction.length);
  return product % divisor === 0n ? product / divisor : null;
}

/**
 * `value / unit` as a decimal numeral; null when it needs more than `fractionDigitsMax` digits after the point.
 * @example overExactly(1536n, 1024n, 3) // '1.5'
 */
export function overExactly(value: bigint, unit: bigint, fractionDigitsMax: number): string | null {
  const scaled = value * 10n ** BigInt(fractionDigitsMax);
  if (scaled % unit !== 0n) return null;
  const digits = (scaled / unit).toString().padStart(fractionDigitsMax + 1, '0');
  const point = digits.length - fractionDigitsMax;
  const fraction = digits.slice(point).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, point) : `${digits.slice(0, point)}.${fraction}`;
}

/**
 * The shortest numeral that reads back as `value`, never in exponent form, with its point moved `shift` digits
 * to the left (3 turns 1500 into 1.5).
 * @default shift 0
 */
export function plainDecimal(value: number, shift: number = 0): string {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const point = Number(exponent) + 1 - shift;
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return digits.padEnd(point, '0');
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}
