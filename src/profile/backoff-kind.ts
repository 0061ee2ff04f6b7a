import { formatDuration, parseDuration } from '../base/units.ts';
import type { Backoff } from '../schedule/backoff.ts';
import { single, type KeyKind } from './key-kinds.ts';
import { ValueError } from './value-error.ts';

/** The first and the longest pause before a dial is repeated, written as `100ms..10s`. */
export function backoffKind(): KeyKind<Backoff> {
  return single({
    read: parseBackoff,
    write: ({ firstUs, longestUs }) => `${formatDuration(firstUs)}..${formatDuration(longestUs)}`,
    json: { type: 'string', pattern: '^([0-9.]+(ns|us|ms|s|m|h|d))+\\.\\.([0-9.]+(ns|us|ms|s|m|h|d))+$' },
  });
}

/** @throws {Error} when the text is no pair of pauses, or they are none, or the longest is below the first */
function parseBackoff(text: string): Backoff {
  const [first, longest, ...others] = text.split('..');
  if (first === undefined || longest === undefined || others.length > 0) {
    throw new ValueError(
      `${JSON.stringify(text)} is not a backoff; it reads like 100ms..10s, the first and the longest pause`,
    );
  }
  const backoff = { firstUs: parseDuration(first), longestUs: parseDuration(longest) };
  if (backoff.firstUs === 0) throw new ValueError(`must begin above zero, current value is ${text}`);
  if (backoff.longestUs >= backoff.firstUs) return backoff;
  throw new ValueError(`must have a longest pause of at least the first one, current value is ${text}`);
}
