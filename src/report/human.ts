/*
 * Quantities as people read them: three digits and a unit, counts in full. None of it is meant to be parsed back;
 * `--json` has the numbers.
 */

/** Times that a histogram gives are true to three digits, so no more are shown. */
const DIGITS = 3;

/** `1,234,567` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `1.23k`, `45.6M`, `850`, `0.25`. */
export function formatShort(value: number): string {
  return withUnit(value, [
    [1, ''],
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'G'],
  ]);
}

/** A share as percents of two digits: `12%`, `0.4%`. */
export function formatPercent(share: number): string {
  return `${formatShort(Number((share * 100).toPrecision(2)))}%`;
}

/** `1.23 MB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  return withUnit(bytes, [
    [1, ' B'],
    [1e3, ' kB'],
    [1e6, ' MB'],
    [1e9, ' GB'],
  ]);
}

/** `1.23 MB/s`, in powers of 1000. */
export function formatBytesPerSecond(bytes: number): string {
  return `${formatBytes(bytes)}/s`;
}

/** `850us`, `1.23ms`, `12.3s`: short enough for a table with ten columns. Unit of `us`: microseconds. */
export function formatUs(us: number): string {
  return withUnit(us, [
    [1, 'us'],
    [1e3, 'ms'],
    [1e6, 's'],
  ]);
}

/** `12.3s`, `4m05s`, `2h03m`, `3d04h`. */
export function formatSeconds(seconds: number): string {
  if (seconds > 0 && seconds < 1) return formatUs(seconds * 1e6);
  if (seconds < 60) return `${trimmed(seconds)}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m${twoDigits(whole % 60)}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h${twoDigits(minutes % 60)}m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)}d${twoDigits(hours % 24)}h`;
}

type Unit = [size: number, name: string];

/** In the largest unit that leaves at least 1, judged after rounding: 999.6 us is 1 ms, not 1000 us. */
function withUnit(value: number, units: readonly [Unit, ...Unit[]]): string {
  const fits = units.filter(([size]) => roundToDigits(Math.abs(value)) >= size);
  const [size, name] = fits.at(-1) ?? units[0];
  return `${trimmed(value / size)}${name}`;
}

function roundToDigits(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

/** Three digits, the whole of a number from a thousand on, and no zeros at the end. */
function trimmed(value: number): string {
  const rounded = roundToDigits(value);
  return Math.abs(rounded) >= 1000 ? formatCount(value) : String(rounded);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
