import type { Random } from '../base/random.ts';
import { formatSize, parseSize } from '../base/units.ts';
import { PAYLOAD_BYTES_MAX, SIGMA_MAX } from './limits.ts';

/** How large payloads are: always within `[minBytes, maxBytes]`. */
export type PayloadSize =
  | { kind: 'fixed'; minBytes: number; maxBytes: number }
  | { kind: 'uniform'; minBytes: number; maxBytes: number }
  | { kind: 'exponential'; minBytes: 0; maxBytes: number; meanBytes: number }
  | { kind: 'lognormal'; minBytes: 0; maxBytes: number; medianBytes: number; sigma: number };

const FORMS =
  'accepted forms: 64B, uniform:64B..4KiB, exponential:256B (the mean), lognormal:256B (the median), the last two with ' +
  ',max=64KiB and lognormal with ,sigma=1 after it';

/** A payload size form that could not be read; the message shows the value and lists the accepted forms. */
export class PayloadSizeError extends Error {
  constructor(spec: string, what: string) {
    super(`Cannot read payload size ${JSON.stringify(spec)}: ${what}; ${FORMS}`);
    this.name = 'PayloadSizeError';
  }
}

/** Without `max=`, samples are clamped at this multiple of the mean or median: one in 9 million exponential ones. */
const MAX_FACTOR = 16;

/**
 * The payload size that a form stands for. Without `max=` the largest is 16 times the mean or median; `sigma`, the
 * deviation of the size's natural logarithm, is 1 by default.
 * @throws {PayloadSizeError} when the form is unknown, a size is no size or beyond PAYLOAD_BYTES_MAX, or its numbers
 *   contradict each other
 * @example parsePayloadSize('lognormal:256B,sigma=1.5,max=64KiB')
 */
export function parsePayloadSize(spec: string): PayloadSize {
  const colon = spec.indexOf(':');
  if (colon < 0) return fixedSize(readSize(spec, spec));
  const kind = spec.slice(0, colon);
  const [first = '', ...settings] = spec.slice(colon + 1).split(',');
  if (kind === 'uniform') return parseUniform(spec, spec.slice(colon + 1));
  if (kind === 'exponential') return parseExponential(spec, first, readSettings(spec, settings, ['max']));
  if (kind === 'lognormal')
    return parseLognormal(spec, first, readSettings(spec, settings, ['max', 'sigma']));
  throw new PayloadSizeError(spec, `${JSON.stringify(kind)} is no distribution that Tidemark knows`);
}

/** The shortest form that reads back as `size`. */
export function formatPayloadSize(size: PayloadSize): string {
  switch (size.kind) {
    case 'fixed':
      return formatSize(size.maxBytes);
    case 'uniform':
      return `uniform:${formatSize(size.minBytes)}..${formatSize(size.maxBytes)}`;
    case 'exponential':
      return `exponential:${formatSize(size.meanBytes)}${formatMax(size.maxBytes, size.meanBytes)}`;
    case 'lognormal': {
      const sigma = size.sigma === 1 ? '' : `,sigma=${size.sigma}`;
      return `lognormal:${formatSize(size.medianBytes)}${sigma}${formatMax(size.maxBytes, size.medianBytes)}`;
    }
    default:
      throw size satisfies never;
  }
}

/** Payloads that are all of one size. */
export function fixedSize(bytes: number): PayloadSize {
  return { kind: 'fixed', minBytes: bytes, maxBytes: bytes };
}

/**
 * The size of one payload, in whole bytes. With x the sample of the standard distribution: exponential mean * x,
 * lognormal median * exp(sigma * x); both rounded, then clamped, which lowers the mean by what lay beyond the maximum.
 */
export function samplePayloadSize(size: PayloadSize, random: Random): number {
  switch (size.kind) {
    case 'fixed':
      return size.maxBytes;
    case 'uniform':
      return size.minBytes + random.below(size.maxBytes - size.minBytes + 1);
    case 'exponential':
      return Math.min(Math.round(size.meanBytes * random.exponential()), size.maxBytes);
    case 'lognormal':
      return Math.min(Math.round(size.medianBytes * Math.exp(size.sigma * random.normal())), size.maxBytes);
    default:
      throw size satisfies never;
  }
}

function parseUniform(spec: string, range: string): PayloadSize {
  const [min, max, ...more] = range.split('..');
  if (min === undefined || max === undefined || more.length > 0) {
    throw new PayloadSizeError(spec, 'a uniform size needs its smallest and its largest value');
  }
  const minBytes = readSize(spec, min);
  const maxBytes = readSize(spec, max);
  if (minBytes > maxBytes) throw new PayloadSizeError(spec, `${min} must not be larger than ${max}`);
  return { kind: 'uniform', minBytes, maxBytes };
}

function parseExponential(spec: string, mean: string, settings: ReadonlyMap<string, string>): PayloadSize {
  const meanBytes = readSize(spec, mean);
  return { kind: 'exponential', minBytes: 0, maxBytes: readMax(spec, meanBytes, settings), meanBytes };
}

function parseLognormal(spec: string, median: string, settings: ReadonlyMap<string, string>): PayloadSize {
  const medianBytes = readSize(spec, median);
  const maxBytes = readMax(spec, medianBytes, settings);
  return {
    kind: 'lognormal',
    minBytes: 0,
    maxBytes,
    medianBytes,
    sigma: readSigma(spec, settings.get('sigma')),
  };
}

/** The `name=value` parts after the first comma. */
function readSettings(
  spec: string,
  settings: readonly string[],
  names: readonly string[],
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const setting of settings) {
    const [name = '', value, ...more] = setting.split('=');
    if (!names.includes(name) || value === undefined || more.length > 0) {
      throw new PayloadSizeError(spec, `${JSON.stringify(setting)} is no setting of this distribution`);
    }
    if (values.has(name)) throw new PayloadSizeError(spec, `${name} is given twice`);
    values.set(name, value);
  }
  return values;
}

function readMax(spec: string, middleBytes: number, settings: ReadonlyMap<string, string>): number {
  if (middleBytes < 1) throw new PayloadSizeError(spec, 'the mean or median must be at least 1B');
  const text = settings.get('max');
  const maxBytes = text === undefined ? defaultMax(middleBytes) : readSize(spec, text);
  if (maxBytes < middleBytes) {
    throw new PayloadSizeError(spec, `max=${text} must not be smaller than the mean or median`);
  }
  return maxBytes;
}

/** Six digits after the point at most, so that the number never needs an exponent when it is written back. */
function readSigma(spec: string, text: string | undefined): number {
  if (text === undefined) return 1;
  const sigma = /^\d+(?:\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (sigma > 0 && sigma <= SIGMA_MAX) return sigma;
  throw new PayloadSizeError(
    spec,
    `sigma must be above 0, at most ${SIGMA_MAX} and have at most 6 decimals, it is ${JSON.stringify(text)}`,
  );
}

function readSize(spec: string, text: string): number {
  const bytes = parseSizeOf(spec, text);
  if (bytes <= PAYLOAD_BYTES_MAX) return bytes;
  throw new PayloadSizeError(
    spec,
    `a payload must have at most ${formatSize(PAYLOAD_BYTES_MAX)}, this is ${formatSize(bytes)}`,
  );
}

function parseSizeOf(spec: string, text: string): number {
  try {
    return parseSize(text);
  } catch (error) {
    throw new PayloadSizeError(spec, error instanceof Error ? error.message : String(error));
  }
}

function defaultMax(middleBytes: number): number {
  return Math.min(middleBytes * MAX_FACTOR, PAYLOAD_BYTES_MAX);
}

function formatMax(maxBytes: number, middleBytes: number): string {
  return maxBytes === defaultMax(middleBytes) ? '' : `,max=${formatSize(maxBytes)}`;
}
