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
    partsName: 'matched, corrupt, duplicate, unsolicited, one-way and pushed',
    parts: [
      'framesMatched',
      'framesCorrupt',
      'framesDuplicate',
      'framesUnsolicited',
      'framesReceivedOneWay',
      'framesPushed',
    ],
  },
  {
    whole: 'Frames unsent',
    wholeCounter: 'framesUnsent',
    partsName: 'causes',
    parts: UNSENT_CAUSES.map((cause): CounterName => `unsent:${cause}`),
  },
];

/** Counters that single out some of the frames that another one counts. */
const SHARES: readonly { part: CounterName; words: string; whole: CounterName; wholeWords: string }[] = [
  { part: 'framesReordered', words: 'Reordered frames', whole: 'framesMatched', wholeWords: 'were matched' },
  {
    part: 'framesMatchedInWarmup',
    words: 'Frames matched in warm-up',
    whole: 'framesMatched',
    wholeWords: 'were matched',
  },
  {
    part: 'framesOneWayInWarmup',
    words: 'One-way frames of the warm-up',
    whole: 'framesOneWay',
    wholeWords: 'were one-way',
  },
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
  for (const { part, words, whole, wholeWords } of SHARES) {
    const [share, all] = [read(counters, part), read(counters, whole)];
    if (share > all) violations.push(`${words} are ${share}, but only ${all} frames ${wholeWords}`);
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
