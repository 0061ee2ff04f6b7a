import { closestWord } from '../../base/suggestion.ts';
import { parseCount, parseDuration, parseRate, parseSize } from '../../base/units.ts';
import { FAULT_CATALOGUE, FAULT_NAMES } from './catalogue.ts';
import type { DelayRule, FaultName, FaultOf, FaultSpec, Stretch } from './fault.ts';
import { COALESCED_FRAMES_MAX, FAULTS_MAX } from './limits.ts';

/** A `--fault` form that could not be read; the message shows the value and the accepted form. */
export class FaultFormError extends Error {
  constructor(text: string, what: string, name: FaultName | null = null) {
    const form =
      name === null
        ? `accepted faults: ${FAULT_NAMES.join(', ')}`
        : `it reads like ${FAULT_CATALOGUE[name].syntax}${shareForm(name)}, for example ${FAULT_CATALOGUE[name].example}`;
    super(`Cannot read fault ${JSON.stringify(text)}: ${what}; ${form}`);
    this.name = 'FaultFormError';
  }
}

/**
 * The fault that a form `NAME[:ARGUMENTS][@SHARE]` stands for.
 * @throws {FaultFormError} when the name is unknown, the arguments do not fit it or the share is none
 * @example parseFault('reset-after:10kB@5%') // { fault: { name: 'reset-after', bytes: 10000 }, share: 0.05, ... }
 */
export function parseFault(text: string): FaultSpec {
  const [, form = '', shareText] = /^(.*?)(?:@([^@]*))?$/s.exec(text) ?? [];
  const [, nameText = '', argumentsText] = /^([^:]*)(?::(.*))?$/s.exec(form) ?? [];
  const name = knownName(text, nameText);
  try {
    const fault = ARGUMENTS[name](argumentsText ?? null);
    return { text, fault, share: shareText === undefined ? null : connectionShare(name, shareText) };
  } catch (error) {
    throw new FaultFormError(text, error instanceof Error ? error.message : String(error), name);
  }
}

/**
 * What is wrong with faults that are each well formed: their number, and shares that do not fit into the whole.
 * Connections of different shares are different ones, so that every outcome has one cause.
 */
export function faultSetFaults(specs: readonly FaultSpec[]): string[] {
  const shares = specs.flatMap(({ share }) => (share === null ? [] : [share]));
  const percent = shares.reduce((sum, share) => sum + share, 0) * 100;
  const faults: string[] = [];
  if (specs.length > FAULTS_MAX) {
    faults.push(`must be given at most ${FAULTS_MAX} times: current number is ${specs.length}`);
  }
  // Thirds of a percent are written with rounded decimals.
  if (percent > 100 + 1e-6) {
    faults.push(
      `shares must add up to 100% at most, since each is of different connections: current sum is ${Number(percent.toFixed(4))}%`,
    );
  }
  return faults;
}

type ArgumentParsers = { readonly [Name in FaultName]: (text: string | null) => FaultOf<Name> };

const ARGUMENTS: ArgumentParsers = {
  'never-accept': (text) => withoutArgument(text, { name: 'never-accept' }),
  'accept-slowly': (text) => ({ name: 'accept-slowly', perSecond: rate(text) }),
  'pause-accept': (text) => ({ name: 'pause-accept', ...stretch(text) }),
  freeze: (text) => ({ name: 'freeze', ...repeatedStretch(text) }),
  'close-at-accept': (text) => withoutArgument(text, { name: 'close-at-accept' }),
  'fin-mid-frame': (text) => ({ name: 'fin-mid-frame', frames: framesBefore(text) }),
  'reset-mid-frame': (text) => ({ name: 'reset-mid-frame', frames: framesBefore(text) }),
  'reset-after': (text) => ({ name: 'reset-after', bytes: positive(parseSize(given(text)), 'the size') }),
  'stop-reading': (text) => ({ name: 'stop-reading', bytes: parseSize(given(text)) }),
  'read-slowly': (text) => ({ name: 'read-slowly', bytesPerSecond: byteRate(given(text)) }),
  'never-reply': (text) => withoutArgument(text, { name: 'never-reply' }),
  delay: (text) => ({ name: 'delay', rule: delayRule(given(text)) }),
  'delay-grows': (text) => ({ name: 'delay-grows', growth: growth(given(text)) }),
  capacity: (text) => ({ name: 'capacity', perSecond: rate(text) }),
  corrupt: (text) => ({ name: 'corrupt', frameShare: frameShare(text) }),
  duplicate: (text) => ({ name: 'duplicate', frameShare: frameShare(text) }),
  'zero-length': (text) => ({ name: 'zero-length', frameShare: frameShare(text) }),
  'oversize-length': (text) => ({ name: 'oversize-length', frames: framesBefore(text) }),
  reorder: (text) => withoutArgument(text, { name: 'reorder' }),
  coalesce: (text) => ({ name: 'coalesce', frames: coalesced(given(text)) }),
  dribble: (text) => ({ name: 'dribble', intervalUs: atLeastMs(parseDuration(given(text))) }),
  push: (text) => ({ name: 'push', ...pushes(given(text)) }),
};

function knownName(text: string, name: string): FaultName {
  const known = FAULT_NAMES.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  const near = closestWord(name, FAULT_NAMES);
  const hint = near === null ? '' : ` (did you mean ${near}?)`;
  throw new FaultFormError(text, `${JSON.stringify(name)} is no fault that Tidemark knows${hint}`);
}

function shareForm(name: FaultName): string {
  return FAULT_CATALOGUE[name].scope === 'connection' ? '[@SHARE]' : '';
}

function connectionShare(name: FaultName, text: string): number {
  if (FAULT_CATALOGUE[name].scope === 'target') {
    throw new Error('it concerns the whole target and takes no share');
  }
  return percentage(text);
}

/** A percentage with at most four decimals, above 0 and at most 100, as a fraction. */
function percentage(text: string): number {
  const value = /^\d+(?:\.\d{1,4})?%$/.test(text) ? Number(text.slice(0, -1)) : 0;
  if (value > 0 && value <= 100) return value / 100;
  throw new Error(
    `a share must be above 0% and at most 100%, with at most 4 decimals: current value is ${JSON.stringify(text)}`,
  );
}

function given(text: string | null): string {
  if (text !== null && text !== '') return text;
  throw new Error('its argument is missing');
}

function withoutArgument<Name extends FaultName>(text: string | null, fault: { name: Name }): { name: Name } {
  if (text === null) return fault;
  throw new Error('it takes no argument');
}

function positive(value: number, what: string): number {
  if (value > 0) return value;
  throw new Error(`${what} must be above 0`);
}

function rate(text: string | null): number {
  return positive(parseRate(given(text)), 'the rate');
}

function byteRate(text: string): number {
  if (!text.endsWith('/s')) throw new Error('a rate of reading is a size per second');
  return positive(parseSize(text.slice(0, -2)), 'the rate');
}

function stretch(text: string | null): Stretch {
  const [length = '', start, ...more] = given(text).split('/');
  if (start === undefined || more.length > 0) throw new Error('it needs a length and a start');
  return { lengthUs: positive(parseDuration(length), 'the length'), startUs: parseDuration(start) };
}

function repeatedStretch(text: string | null): Stretch & { everyUs?: number } {
  const [, once = '', every] = /^([^/]*\/[^/]*)(?:\/(.*))?$/s.exec(given(text)) ?? [];
  const found = stretch(once === '' ? text : once);
  if (every === undefined) return found;
  const everyUs = parseDuration(every);
  if (everyUs > found.lengthUs) return { ...found, everyUs };
  throw new Error('the time from one to the next must be longer than the length');
}

function framesBefore(text: string | null): number {
  return text === null ? 0 : parseCount(given(text));
}

function frameShare(text: string | null): number {
  return text === null ? 1 : percentage(given(text));
}

function coalesced(text: string): number {
  const frames = parseCount(text);
  if (frames >= 2 && frames <= COALESCED_FRAMES_MAX) return frames;
  throw new Error(`the number must be from 2 to ${COALESCED_FRAMES_MAX}: current value is ${frames}`);
}

/** Timers are accurate to a millisecond: shorter steps would come several at a time. */
function atLeastMs(us: number): number {
  if (us >= 1000) return us;
  throw new Error('the time must be at least 1ms');
}

function delayRule(text: string): DelayRule {
  const [, kind, range = ''] = /^(\w+):(.*)$/s.exec(text) ?? [];
  if (kind === undefined) return { kind: 'fixed', us: positive(parseDuration(text), 'the delay') };
  if (kind === 'exponential') return { kind, meanUs: positive(parseDuration(range), 'the mean') };
  if (kind !== 'uniform') throw new Error(`${JSON.stringify(kind)} is no distribution of delays`);
  const [min = '', max, ...more] = range.split('..');
  if (max === undefined || more.length > 0)
    throw new Error('a uniform delay needs its shortest and its longest');
  const rule: DelayRule = { kind, minUs: parseDuration(min), maxUs: parseDuration(max) };
  if (rule.maxUs <= rule.minUs) throw new Error(`${max} must be longer than ${min}`);
  return rule;
}

function pushes(text: string): { perSecond: number; stamp: boolean } {
  const [perSecond = '', word, ...more] = text.split(',');
  if (more.length > 0 || (word !== undefined && word !== 'stamp')) {
    throw new Error('behind the rate there is nothing but ,stamp');
  }
  return { perSecond: rate(perSecond), stamp: word === 'stamp' };
}

const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };

function growth(text: string): number {
  const [, time = '', unit = ''] = /^(.*)\/(s|m|min|h)$/s.exec(text) ?? [];
  const seconds = SECONDS_PER[unit];
  if (seconds === undefined) throw new Error('it needs a time per s, min or h');
  return positive(parseDuration(time), 'the growth') / (seconds * 1e6);
}
