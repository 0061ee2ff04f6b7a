import { formatDuration, parseDuration } from '../../base/units.ts';
import { entryListKind, groupOf, textAt } from '../entry-list.ts';
import type { KeyKind, PlainGroup } from '../key-kinds.ts';
import { THRESHOLDS_MAX, THRESHOLD_WINDOW_US_MAX } from '../profile-limits.ts';
import type { ThresholdProfile } from '../profile.ts';
import type { RawValue } from '../raw-tree.ts';
import { ValueError } from '../value-error.ts';
import { parseThreshold } from './threshold.ts';
import { INTERVAL_US } from '../../schedule/interval-schedule.ts';

const PROPERTIES = {
  expr: { type: 'string', description: 'What is demanded: [cohort:]metric op value' },
  window: { type: 'string', description: 'Judge every sliding window of this length' },
  abortOnFail: {
    type: ['boolean', 'string'],
    enum: [true, false, 'on', 'off'],
    description: 'End the run as soon as it fails',
  },
  delay: { type: 'string', description: 'Do not end the run before this time' },
};

/**
 * A list of thresholds. In a file each is a text such as `response.p99 < 20ms` or a group
 * `{expr: ..., window: 30s, abortOnFail: true, delay: 10s}`; flags give one text each, and a variable separates them
 * by commas.
 */
export function thresholdsKind(): KeyKind<ThresholdProfile[]> {
  return {
    ...entryListKind({
      max: THRESHOLDS_MAX,
      plural: 'thresholds',
      properties: PROPERTIES,
      required: 'expr',
      prefix: (index, count) => (count > 1 ? `threshold ${index + 1}: ` : ''),
      readText,
      readGroup,
    }),
    write: (thresholds) => (thresholds.length === 0 ? null : thresholds.map(({ expr }) => expr)),
    writeEntries: (thresholds) => (thresholds.length === 0 ? null : thresholds.map(writeThreshold)),
  };
}

function readText(text: string): ThresholdProfile {
  return { expr: parseThreshold(text).expr, windowUs: null, abortOnFail: false, delayUs: 0 };
}

function readGroup(entry: RawValue): ThresholdProfile {
  const group = groupOf(entry, Object.keys(PROPERTIES), {
    what: 'a threshold',
    form: ', for example expr: response.p99 < 20ms',
  });
  const expr = textAt(group, 'expr');
  if (expr === null) throw new ValueError('has no expr; give one, for example expr: response.p99 < 20ms');
  const window = textAt(group, 'window');
  const abort = textAt(group, 'abortOnFail');
  const delay = textAt(group, 'delay');
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
