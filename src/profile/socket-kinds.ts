import { formatDuration, parseDuration } from '../base/units.ts';
import { single, textKind, type KeyKind, type Range } from './key-kinds.ts';
import type { KeepAliveProfile } from './profile.ts';
import {
  CONGESTION_NAME_LENGTH_MAX,
  KEEPALIVE_PROBES_MAX,
  KEEPALIVE_SECONDS_MAX,
  SO_LINGER_SECONDS_MAX,
  USER_TIMEOUT_MS_MAX,
} from './profile-limits.ts';
import { ValueError } from './value-error.ts';

/** Time as the kernel takes it for an option: a whole number of steps within a range. */
interface SteppedTime {
  stepUs: number;
  stepName: 'seconds' | 'milliseconds';
  /** In steps. */
  range: Range;
}

const DURATION_PATTERN = '([0-9.]+(ns|us|ms|s|m|h|d))+';

const LINGER: SteppedTime = seconds({ min: 0, max: SO_LINGER_SECONDS_MAX });
const KEEPALIVE_TIME: SteppedTime = seconds({ min: 1, max: KEEPALIVE_SECONDS_MAX });
const USER_TIMEOUT: SteppedTime = {
  stepUs: 1000,
  stepName: 'milliseconds',
  range: { min: 1, max: USER_TIMEOUT_MS_MAX },
};

/** Whole seconds. A bare `0` is accepted, since every tool writes `--linger 0` for a reset at close. */
export function lingerKind(): KeyKind<number> {
  return single({
    read: (text) => (text === '0' ? 0 : parseSteps(text, LINGER)),
    write: (value) => formatSteps(value, LINGER),
    json: { type: ['string', 'integer'], pattern: `^(${DURATION_PATTERN}|0)$`, minimum: 0, maximum: 0 },
  });
}

/** Whole milliseconds, above zero: the kernel takes 0 for its own timeout. */
export function userTimeoutKind(): KeyKind<number> {
  return single({
    read: (text) => parseSteps(text, USER_TIMEOUT),
    write: (value) => formatSteps(value, USER_TIMEOUT),
    json: { type: 'string', pattern: `^${DURATION_PATTERN}$` },
  });
}

/** Idle time, interval and count of keepalive probes, in one word: `10s/1s/3`. */
export function keepAliveKind(): KeyKind<KeepAliveProfile> {
  return single({
    read: parseKeepAlive,
    write: ({ idleSeconds, intervalSeconds, count }) =>
      [formatSteps(idleSeconds, KEEPALIVE_TIME), formatSteps(intervalSeconds, KEEPALIVE_TIME), count].join(
        '/',
      ),
    json: { type: 'string', pattern: `^${DURATION_PATTERN}/${DURATION_PATTERN}/[0-9]+$` },
  });
}

/** The name of a congestion control algorithm; whether the kernel has it only the kernel knows. */
export function congestionKind(): KeyKind<string> {
  const grammar = new RegExp(`^[a-z0-9_-]{1,${CONGESTION_NAME_LENGTH_MAX}}$`);
  const { json, ...kind } = textKind((text) => {
    if (grammar.test(text)) return;
    throw new ValueError(
      `must be a name of 1 to ${CONGESTION_NAME_LENGTH_MAX} characters a-z 0-9 _ -, for example cubic, ` +
        `current value is ${JSON.stringify(text)}`,
    );
  });
  return { ...kind, json: { ...json, pattern: grammar.source } };
}

function parseKeepAlive(text: string): KeepAliveProfile {
  const parts = text.split('/');
  const [idle, interval, count] = parts;
  if (parts.length !== 3 || idle === undefined || interval === undefined || count === undefined) {
    throw new ValueError(
      `${JSON.stringify(text)} must have three parts: idle time, interval and count of probes, for example 10s/1s/3`,
    );
  }
  return {
    idleSeconds: parseSteps(idle, KEEPALIVE_TIME),
    intervalSeconds: parseSteps(interval, KEEPALIVE_TIME),
    count: parseProbes(count),
  };
}

function parseProbes(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= KEEPALIVE_PROBES_MAX) return count;
  throw new ValueError(
    `must have a count of probes between 1 and ${KEEPALIVE_PROBES_MAX}, current one is ${JSON.stringify(text)}`,
  );
}

/** @throws {Error} when the text is no duration, no whole number of steps or outside the range */
function parseSteps(text: string, time: SteppedTime): number {
  const steps = parseDuration(text) / time.stepUs;
  if (!Number.isInteger(steps)) {
    throw new ValueError(
      `must be whole ${time.stepName}, since the kernel counts in them, current value is ${text}`,
    );
  }
  if (steps < time.range.min || steps > time.range.max) {
    const limits = `${formatSteps(time.range.min, time)} and ${formatSteps(time.range.max, time)}`;
    throw new ValueError(`must be between ${limits}, current value is ${text}`);
  }
  return steps;
}

function formatSteps(steps: number, { stepUs }: SteppedTime): string {
  return formatDuration(steps * stepUs);
}

function seconds(range: Range): SteppedTime {
  return { stepUs: 1_000_000, stepName: 'seconds', range };
}
