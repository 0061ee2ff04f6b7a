import { COUNTER, COUNTER_NAMES, UNSENT_CAUSES, type CounterName, type Counters } from './counters.ts';
import { DIAL_OUTCOMES, SESSION_OUTCOMES } from './outcome.ts';

interface Balance {
  /** What the sum stands for, in a sentence. */
  whole: string;
  wholeCounter: CounterName;
  partsName: string;
  parts: readonly CounterName[];
}

/** Nothing is counted twice and nothing is forgotten: each whole is the sum of its parts. */
const BALANCES: readonly Balance[] = [
  {
    whole: 'Dials attempted',
    wholeCounter: 'dialsAttempted',
    partsName: 'connected, every failure class and abandoned',
    parts: DIAL_OUTCOMES.map((outcome): CounterName => `dial:${outcome}`),
  },
  {
    whole: 'Connections opened',
    wholeCounter: 'dial:connected',
    partsName: 'session outcomes and open now',
    parts: ['openNow', ...SESSION_OUTCOMES.map((outcome): CounterName => `session:${outcome}`)],
  },
  {
    whole: 'Frames sent',
    wholeCounter: 'framesSent',
    partsName: 'matched, lost, corrupt, in flight at the end and one-way',
    parts: ['framesMatched', 'framesLost', 'framesCorrupt', 'framesInFlightAtEnd', 'framesOneWay'],
  },
  {
    whole: 'Frames received',
    wholeCounter: 'framesReceived',
    partsName: 'matched, corrupt, duplicate, unsolicited and one-way',
    parts: ['framesMatched', 'framesCorrupt', 'framesDuplicate', 'framesUnsolicited', 'framesReceivedOneWay'],
  },
  {
    whole: 'Frames unsent',
    wholeCounter: 'framesUnsent',
    partsName: 'causes',
    parts: UNSENT_CAUSES.map((cause): CounterName => `unsent:${cause}`),
  },
];

/** Counters that single out some of the matched frames. */
const SHARES_OF_MATCHED: readonly [CounterName, string][] = [
  ['framesReordered', 'Reordered frames'],
  ['framesMatchedInWarmup', 'Frames matched in warm-up'],
];

/**
 * Every way in which a run's totals contradict themselves, as sentences with the numbers of both sides; none in a
 * sound run. A violation is a bug of Tidemark, whatever the target did. Only totals at the end of a run balance: while
 * it goes on, frames are in flight and dials in progress.
 */
export function checkConservation(counters: Counters): string[] {
  const violations: string[] = [];
  for (const balance of BALANCES) {
    const whole = read(counters, balance.wholeCounter);
    const sum = balance.parts.reduce((total, name) => total + read(counters, name), 0);
    if (whole !== sum)
      violations.push(`${balance.whole} are ${whole}, but ${balance.partsName} sum to ${sum}`);
  }
  const matched = read(counters, 'framesMatched');
  for (const [name, words] of SHARES_OF_MATCHED) {
    const share = read(counters, name);
    if (share > matched) violations.push(`${words} are ${share}, but only ${matched} frames were matched`);
  }
  for (const name of COUNTER_NAMES) {
    const value = read(counters, name);
    if (value < 0 || !Number.isInteger(value))
      violations.push(`Counter ${name} must be a count: it is ${value}`);
  }
  return violations;
}

function read(counters: Counters, name: CounterName): number {
  return counters[COUNTER[name]] ?? 0;
}
