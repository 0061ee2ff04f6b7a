import { formatCount, formatDuration, parseCount, parseDuration } from '../base/units.ts';
import type { Lifetime } from '../schedule/lifetime.ts';
import { single, type KeyKind } from './key-kinds.ts';
import { ValueError } from './value-error.ts';

const FORM = 'a lifetime reads like 10s, 1h30m, 1 frame, 10k frames, uniform:10s..30s or exp:20s';
const DURATION = '([0-9.]+(ns|us|ms|s|m|h|d))+';

/** How old a connection becomes: a duration, fixed or drawn for each connection, or a count of frames. */
export function lifetimeKind(): KeyKind<Lifetime> {
  return single({
    read: parseLifetime,
    write: formatLifetime,
    json: {
      type: 'string',
      pattern: `^(${DURATION}|[0-9.]+[kM]? ?frames?|uniform:${DURATION}\\.\\.${DURATION}|exp:${DURATION})$`,
    },
  });
}

/** @throws {Error} when the text is no lifetime, or is none at all (`0s`, `0 frames`) */
function parseLifetime(text: string): Lifetime {
  const [form, rest] = /^(uniform|exp):(.*)$/.exec(text)?.slice(1) ?? [];
  if (form === 'uniform') return parseUniform(rest ?? '', text);
  if (form === 'exp') return { kind: 'exponential', meanUs: above(parseDuration(rest ?? ''), text) };
  // A number alone could be meant as either.
  if (!/^\d.*[a-z]$/.test(text)) throw new ValueError(`${JSON.stringify(text)} is not a lifetime; ${FORM}`);
  const [, count] = /^(.*?) ?frames?$/.exec(text) ?? [];
  if (count === undefined) return { kind: 'time', us: above(parseDuration(text), text) };
  return { kind: 'frames', count: above(parseCount(count), text) };
}

function parseUniform(range: string, text: string): Lifetime {
  const [from, to, ...others] = range.split('..');
  if (from === undefined || to === undefined || others.length > 0) {
    throw new ValueError(`${JSON.stringify(text)} is not a lifetime; ${FORM}`);
  }
  const fromUs = parseDuration(from);
  const toUs = above(parseDuration(to), text);
  if (fromUs <= toUs) return { kind: 'uniform', fromUs, toUs };
  throw new ValueError(`must not end before it begins, current value is ${text}`);
}

function above(extent: number, text: string): number {
  if (extent === 0) throw new ValueError(`must be above zero, current value is ${text}`);
  return extent;
}

function formatLifetime(lifetime: Lifetime): string {
  switch (lifetime.kind) {
    case 'time':
      return formatDuration(lifetime.us);
    case 'frames':
      return lifetime.count === 1 ? '1 frame' : `${formatCount(lifetime.count)} frames`;
    case 'uniform':
      return `uniform:${formatDuration(lifetime.fromUs)}..${formatDuration(lifetime.toUs)}`;
    case 'exponential':
      return `exp:${formatDuration(lifetime.meanUs)}`;
    default:
      return lifetime satisfies never;
  }
}
