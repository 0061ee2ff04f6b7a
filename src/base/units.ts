import { overExactly, plainDecimal, timesExactly } from './decimal.ts';

/**
 * Strict grammars for quantities as users write them. A number without its unit is refused: misread input is worse
 * than refused input. Every pair of functions keeps the promise parse(format(x)) === x.
 */

/** A quantity that could not be read; the message shows the value and the accepted forms. */
export class UnitError extends Error {
  constructor(text: string, what: string, form: string) {
    super(`${JSON.stringify(text)} ${what}; ${form}`);
    this.name = 'UnitError';
  }
}

const DURATION_FORM = 'a duration reads like 250ms, 10s or 1h30m (units ns us ms s m h d)';
const SIZE_FORM =
  'a size reads like 64B, 1KiB, 1.5MiB or 10kB (units B kB MB GB, 1000-based, and KiB MiB GiB)';
const COUNT_FORM = 'a count reads like 1000, 10k or 1.5M';
const RATE_FORM = 'a rate reads like 500/s, 10k/s or 30/m (a count per s, m or h)';

/** Nanoseconds of each unit, the longest first. */
const DURATION_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['d', 86_400_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1000n],
  ['ns', 1n],
]);

/** 100,000 days in nanoseconds: below 2^53 us, up to where a microsecond more is another double. */
const DURATION_NS_MAX = 100_000n * 86_400_000_000_000n;

/**
 * A duration in microseconds, in steps of a nanosecond. Parts go from long to short units, each at most once; only
 * the last may have a fraction.
 * @throws {UnitError} when the text is no duration, or is longer than 100000d
 * @example parseDuration('1h30m') // 5_400_000_000
 */
export function parseDuration(text: string): number {
  refuseBareNumber(text, DURATION_FORM);
  if (!/^(?:\d+(?:ns|us|ms|[smhd]))*\d+(?:\.\d+)?(?:ns|us|ms|[smhd])$/.test(text)) {
    throw new UnitError(text, 'is not a duration', DURATION_FORM);
  }
  let sumNs = 0n;
  let unitNsBefore = DURATION_NS_MAX;
  for (const [, decimal = '', unit = ''] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
    const unitNs = DURATION_UNITS.get(unit) ?? 0n;
    if (unitNs >= unitNsBefore) throw new UnitError(text, 'must go from long to short units', DURATION_FORM);
    unitNsBefore = unitNs;
    const partNs = timesExactly(decimal, unitNs);
    if (partNs === null) throw new UnitError(text, 'is finer than a nanosecond', DURATION_FORM);
    sumNs += partNs;
  }
  if (sumNs > DURATION_NS_MAX) throw new UnitError(text, 'is longer than 100000d', DURATION_FORM);
  // The division is left to the numeral's conversion, which rounds once; a quotient of doubles would round twice.
  return Number(`${sumNs}e-3`);
}

/**
 * A duration in microseconds as text: whole days, hours and minutes, and the rest in one unit.
 * @example formatDuration(90_500_000) // '1m30.5s'
 */
export function formatDuration(us: number): string {
  const wholeUs = Math.trunc(us);
  const ns = BigInt(wholeUs) * 1000n + BigInt(Math.round((us - wholeUs) * 1000));
  const single = singleUnit(ns);
  const composite = compositeDuration(ns);
  return single !== null && single.length < composite.length ? single : composite;
}

/** 90s reads better than 1m30s, but 3661s reads worse than 1h1m1s: up to three digits stay in one unit. */
function singleUnit(ns: bigint): string | null {
  for (const [unit, unitNs] of DURATION_UNITS) {
    if (ns >= unitNs && ns % unitNs === 0n) return ns / unitNs < 1000n ? `${ns / unitNs}${unit}` : null;
  }
  return null;
}

function compositeDuration(ns: bigint): string {
  let text = '';
  let restNs = ns;
  for (const [unit, unitNs] of DURATION_UNITS) {
    if (restNs < unitNs) continue;
    if (unit !== 'd' && unit !== 'h' && unit !== 'm')
      return `${text}${overExactly(restNs, unitNs, 9)}${unit}`;
    text += `${restNs / unitNs}${unit}`;
    restNs %= unitNs;
  }
  return text === '' ? '0s' : text;
}

/** Bytes of each unit. Ties between forms of one length go to the later one. */
const SIZE_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['B', 1n],
  ['kB', 10n ** 3n],
  ['MB', 10n ** 6n],
  ['GB', 10n ** 9n],
  ['KiB', 2n ** 10n],
  ['MiB', 2n ** 20n],
  ['GiB', 2n ** 30n],
]);

/**
 * A size in bytes; always a whole number.
 * @throws {UnitError} when the text is no size, no whole number of bytes, or above 2^53 - 1 bytes
 * @example parseSize('1.5KiB') // 1536
 */
export function parseSize(text: string): number {
  refuseBareNumber(text, SIZE_FORM);
  const [, decimal = '', unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
  const unitBytes = SIZE_UNITS.get(unit);
  if (unitBytes === undefined) throw new UnitError(text, 'is not a size', SIZE_FORM);
  const bytes = timesExactly(decimal, unitBytes);
  if (bytes === null) throw new UnitError(text, 'is not a whole number of bytes', SIZE_FORM);
  return safeNumber(bytes, text, SIZE_FORM);
}

/**
 * A size in bytes as its shortest exact text.
 * @example formatSize(65_536) // '64KiB'
 */
export function formatSize(bytes: number): string {
  const value = BigInt(bytes);
  const forms: string[] = [];
  for (const [unit, unitBytes] of SIZE_UNITS) {
    const decimal = value >= unitBytes || unit === 'B' ? overExactly(value, unitBytes, 3) : null;
    if (decimal !== null) forms.push(`${decimal}${unit}`);
  }
  return shortest(forms);
}

const COUNT_DIGITS: ReadonlyMap<string, number> = new Map([
  ['', 0],
  ['k', 3],
  ['M', 6],
]);

/**
 * A whole number, with k for thousands and M for millions.
 * @throws {UnitError} when the text is no count, no whole number, or above 2^53 - 1
 * @example parseCount('1.5k') // 1500
 */
export function parseCount(text: string): number {
  const [, decimal, suffix = ''] = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text) ?? [];
  if (decimal === undefined) throw new UnitError(text, 'is not a count', COUNT_FORM);
  const count = timesExactly(decimal, 10n ** BigInt(COUNT_DIGITS.get(suffix) ?? 0));
  if (count === null) throw new UnitError(text, 'is not a whole number', COUNT_FORM);
  return safeNumber(count, text, COUNT_FORM);
}

/**
 * A count as its shortest exact text.
 * @example formatCount(10_000) // '10k'
 */
export function formatCount(count: number): string {
  return shortCount(count);
}

/** Seconds of each unit a rate can be told per. */
const RATE_SECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** A rate beyond this is a slip of the keyboard: no machine sends a thousand million frames a second. */
const RATE_PER_SECOND_MAX = 1e9;

/**
 * A rate in events a second.
 * @throws {UnitError} when the text is no rate, or is above 1000M/s
 * @example parseRate('10k/s') // 10_000
 */
export function parseRate(text: string): number {
  if (/^\d+(?:\.\d+)?[kM]?$/.test(text)) throw new UnitError(text, 'has no unit', RATE_FORM);
  const [, decimal, suffix = '', unit = ''] = /^(\d+(?:\.\d+)?)([kM]?)\/([smh])$/.exec(text) ?? [];
  if (decimal === undefined) throw new UnitError(text, 'is not a rate', RATE_FORM);
  const perUnit = Number(`${decimal}e${COUNT_DIGITS.get(suffix) ?? 0}`);
  const perSecond = perUnit / (RATE_SECONDS.get(unit) ?? 1);
  if (perSecond > RATE_PER_SECOND_MAX) throw new UnitError(text, 'is above 1000M/s', RATE_FORM);
  return perSecond;
}

/**
 * A rate in events a second as text; per minute or hour where only that is a short numeral.
 * @example formatRate(1 / 60) // '1/m'
 */
export function formatRate(perSecond: number): string {
  for (const [unit, seconds] of RATE_SECONDS) {
    const perUnit = Number((perSecond * seconds).toFixed(3));
    const isExact = perUnit / seconds === perSecond;
    if (isExact) return `${shortCount(perUnit)}/${unit}`;
  }
  return `${plainDecimal(perSecond)}/s`;
}

function shortCount(value: number): string {
  const forms = [plainDecimal(value)];
  for (const [suffix, digits] of COUNT_DIGITS) {
    if (digits > 0 && value >= 10 ** digits) forms.push(`${plainDecimal(value, digits)}${suffix}`);
  }
  return shortest(forms);
}

/** The shortest of `forms`; among equals the last. */
function shortest(forms: readonly string[]): string {
  return forms.reduce((best, form) => (form.length <= best.length ? form : best));
}

function refuseBareNumber(text: string, form: string): void {
  if (/^\d+(?:\.\d+)?$/.test(text)) throw new UnitError(text, 'has no unit', form);
}

function safeNumber(value: bigint, text: string, form: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new UnitError(text, 'is above 2^53 - 1', form);
  return Number(value);
}
