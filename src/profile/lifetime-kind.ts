import { formatCount, formatDuration, parseCount, parseDuration } from '../base/units.ts';
import { single, type KeyKind } from './key-kinds.ts';
import type { ConnectionLifetime } from './profile.ts';
import { ValueError } from './value-error.ts';

const FORM = 'a lifetime reads like 10s, 1h30m, 1 frame or 10k frames';

/** How old a connection becomes: a duration, or a count of frames. */
export function lifetimeKind(): KeyKind<ConnectionLifetime> {
  return single({
    read: parseLifetime,
    write: formatLifetime,
    json: { type: 'string', pattern: '^(([0-9.]+(ns|us|ms|s|m|h|d))+|[0-9.]+[kM]? ?frames?)$' },
  });
}

/** @throws {Error} when the text is no lifetime, or is none at all (`0s`, `0 frames`) */
function parseLifetime(text: string): ConnectionLifetime {
  // A number alone could be meant as either.
  if (!/^\d.*[a-z]$/.test(text)) throw new ValueError(`${JSON.stringify(text)} is not a lifetime; ${FORM}`);
  const [, count] = /^(.*?) ?frames?$/.exec(text) ?? [];
  const lifetime: ConnectionLifetime =
    count === undefined
      ? { kind: 'time', us: parseDuration(text) }
      : { kind: 'frames', count: parseCount(count) };
  const extent = lifetime.kind === 'time' ? lifetime.us : lifetime.count;
  if (extent === 0) throw new ValueError(`must be above zero, current value is ${text}`);
  return lifetime;
}

function formatLifetime(lifetime: ConnectionLifetime): string {
  if (lifetime.kind === 'time') return formatDuration(lifetime.us);
  return lifetime.count === 1 ? '1 frame' : `${formatCount(lifetime.count)} frames`;
}
