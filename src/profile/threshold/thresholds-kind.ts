import { formatDuration, parseDuration, UnitError } from '../../base/units.ts';
import type { KeyKind, PlainGroup } from '../key-kinds.ts';
import { THRESHOLDS_MAX, THRESHOLD_WINDOW_US_MAX } from '../profile-limits.ts';
import type { ThresholdProfile } from '../profile.ts';
import { isGroup, type RawGroup, type RawValue } from '../raw-tree.ts';
import { ValueError } from '../value-error.ts';
import { parseThreshold } from './threshold.ts';
import { INTERVAL_US } from '../../schedule/interval-schedule.ts';

const KEYS = ['expr', 'window', 'abortOnFail', 'delay'];

/**
 * A list of thresholds. In a file each is a text such as `response.p99 < 20ms` or a group
 * `{expr: ..., window: 30s, abortOnFail: true, delay: 10s}`; flags give one text each, and a variable separates them
 * by commas.
 */
export function thresholdsKind(): KeyKind<ThresholdProfile[]> {
  return {
    read: (text) => readThresholds(text === '' ? [] : text.split(',')),
    readItems: readThresholds,
    readEntries: readThresholds,
    write: (thresholds) => (thresholds.length === 0 ? null : thresholds.map(({ expr }) => expr)),
    writeEntries: (thresholds) => (thresholds.length === 0 ? null : thresholds.map(writeThreshold)),
    canBeUnset: true,
    json: {
      type: ['array', 'string', 'null'],
      items: {
        anyOf: [
          { type: 'string' },
          {
            type: 'object',
            additionalProperties: false,
            required: ['expr'],
            properties: {
              expr: { type: 'string', description: 'What is demanded: [cohort:]metric op value' },
              window: { type: 'string', description: 'Judge every sliding window of this length' },
              abortOnFail: {
                type: ['boolean', 'string'],
                enum: [true, false, 'on', 'off'],
                description: 'End the run as soon as it fails',
              },
              delay: { type: 'string', description: 'Do not end the run before this time' },
            },
          },
        ],
      },
    },
  };
}

function readThresholds(entries: readonly RawValue[]): ThresholdProfile[] {
  if (entries.length > THRESHOLDS_MAX) {
    throw new ValueError(
      `must hold at most ${THRESHOLDS_MAX} thresholds, current value has ${entries.length}`,
    );
  }
  return entries.map((entry, index) => {
    try {
      return typeof entry === 'string' ? readText(entry) : readGroup(entry);
    } catch (error) {
      if (!(error instanceof ValueError || error instanceof UnitError)) throw error;
      const which = entries.length > 1 ? `threshold ${index + 1}: ` : '';
      throw new ValueError(`${which}${error.message}`);
    }
  });
}

function readText(text: string): ThresholdProfile {
  return { expr: parseThreshold(text).expr, windowUs: null, abortOnFail: false, delayUs: 0 };
}

function readGroup(entry: RawValue): ThresholdProfile {
  if (!isGroup(entry)) {
    throw new ValueError('must be a text or a group of keys, for example expr: response.p99 < 20ms');
  }
  const unknown = Object.keys(entry).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new ValueError(`${unknown} is no key of a threshold; its keys are ${KEYS.join(', ')}`);
  }
  const expr = textAt(entry, 'expr');
  if (expr === null) throw new ValueError('has no expr; give one, for example expr: response.p99 < 20ms');
  const window = textAt(entry, 'window');
  const abort = textAt(entry, 'abortOnFail');
  const delay = textAt(entry, 'delay');
  const abortOnFail = abort !== null && readSwitch(abort);
  if (delay !== null && !abortOnFail) {
    throw new ValueError('delay has no effect without abortOnFail: true; give that, or drop delay');
  }
  return {
    expr: parseThreshold(expr).expr,
    windowUs: window === null ? null : readWindow(window),
    abortOnFail,
    delayUs: delay === null ? 0 : parseDuration(delay),
  };
}

function textAt(entry: RawGroup, key: string): string | null {
  const value = Object.hasOwn(entry, key) ? (entry[key] ?? null) : null;
  if (value === null || typeof value === 'string') return value;
  throw new ValueError(`${key} must be a single value`);
}

function readSwitch(text: string): boolean {
  if (text === 'true' || text === 'on') return true;
  if (text === 'false' || text === 'off') return false;
  throw new ValueError(
    `abortOnFail must be true, false, on or off, current value is ${JSON.stringify(text)}`,
  );
}

/** Windows consist of whole intervals, since that is what a run is measured in. */
function readWindow(text: string): number {
  const us = parseDuration(text);
  if (us === 0 || us % INTERVAL_US !== 0) {
    throw new ValueError(
      `window must be a whole number of seconds, which is what a run is measured in, current value is ${text}`,
    );
  }
  if (us > THRESHOLD_WINDOW_US_MAX) {
    throw new ValueError(
      `window must be at most ${formatDuration(THRESHOLD_WINDOW_US_MAX)}, current value is ${text}`,
    );
  }
  return us;
}

function writeThreshold({ expr, windowUs, abortOnFail, delayUs }: ThresholdProfile): string | PlainGroup {
  if (windowUs === null && !abortOnFail) return expr;
  return {
    expr,
    ...(windowUs === null ? {} : { window: formatDuration(windowUs) }),
    ...(abortOnFail ? { abortOnFail } : {}),
    ...(delayUs === 0 ? {} : { delay: formatDuration(delayUs) }),
  };
}
