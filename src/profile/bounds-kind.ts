import { plainDecimal } from '../base/decimal.ts';
import { formatDuration, parseDuration } from '../base/units.ts';
import type { SignalBounds } from './health-profile.ts';
import { single, type KeyKind } from './key-kinds.ts';
import { ValueError } from './value-error.ts';

/** A share between 0 and 1, written in percent. */
export function shareKind(): KeyKind<number> {
  return single({ read: readShare, write: writeShare, json: { type: 'string', pattern: `^${SHARE}$` } });
}

/** From which share on something warns, and from which on it makes invalid: `1%..10%`, and `off` for never. */
export function shareBoundsKind(): KeyKind<SignalBounds> {
  return boundsKind({ read: readShare, write: writeShare, form: '1%..10%', pattern: SHARE });
}

/** The same in durations, `50ms..200ms`, kept in microseconds. */
export function durationBoundsKind(): KeyKind<SignalBounds> {
  return boundsKind({
    read: parseDuration,
    write: formatDuration,
    form: '50ms..200ms',
    pattern: '([0-9.]+(ns|us|ms|s|m|h|d))+',
  });
}

interface BoundKind {
  read: (text: string) => number;
  write: (value: number) => string;
  form: string;
  pattern: string;
}

function boundsKind({ read, write, form, pattern }: BoundKind): KeyKind<SignalBounds> {
  const readBound = (text: string): number | null => (text === OFF ? null : read(text));
  const writeBound = (value: number | null): string => (value === null ? OFF : write(value));
  return single({
    read: (text) => {
      const parts = text.split('..');
      const [warnText, invalidText] = parts;
      if (parts.length !== 2 || warnText === undefined || invalidText === undefined) {
        throw new ValueError(
          `must be two bounds, from where on it warns and from where on it makes invalid, like ${form}, and off for ` +
            `never: current value is ${JSON.stringify(text)}`,
        );
      }
      const bounds = { warn: readBound(warnText), invalid: readBound(invalidText) };
      if ((bounds.warn ?? 0) <= (bounds.invalid ?? Infinity)) return bounds;
      throw new ValueError(`must warn before it makes invalid, current value is ${text}`);
    },
    write: ({ warn, invalid }) => `${writeBound(warn)}..${writeBound(invalid)}`,
    json: { type: 'string', pattern: `^(${pattern}|${OFF})\\.\\.(${pattern}|${OFF})$` },
  });
}

function readShare(text: string): number {
  const [, percents] = new RegExp(`^(${NUMBER})%$`).exec(text) ?? [];
  if (percents === undefined || Number(percents) > 100) {
    throw new ValueError(
      `must be a share between 0% and 100%, like 5%, current value is ${JSON.stringify(text)}`,
    );
  }
  return Number(`${percents}e-${PERCENT_DIGITS}`);
}

function writeShare(share: number): string {
  return share === 0 ? '0%' : `${plainDecimal(share, -PERCENT_DIGITS)}%`;
}

const OFF = 'off';
const NUMBER = '[0-9]+(?:\\.[0-9]+)?';
const SHARE = '[0-9]+(\\.[0-9]+)?%';
/** A percent is a hundredth. */
const PERCENT_DIGITS = 2;
