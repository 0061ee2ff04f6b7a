import { expect, test } from 'vitest';
import { checkConservation } from '../../src/measure/conservation.ts';
import { COUNTER, newCounters, type CounterName, type Counters } from '../../src/measure/counters.ts';

const SOUND: Partial<Record<CounterName, number>> = {
  dialsAttempted: 10,
  'dial:connected': 6,
  'dial:refused': 3,
  'dial:abandoned': 1,
  'session:closed-by-plan': 4,
  'session:reset': 1,
  openNow: 1,
  framesSent: 107,
  framesReceived: 104,
  framesMatched: 90,
  framesMatchedInWarmup: 90,
  framesReordered: 3,
  framesLost: 5,
  framesCorrupt: 4,
  framesInFlightAtEnd: 6,
  framesOneWay: 2,
  framesDuplicate: 3,
  framesUnsolicited: 5,
  framesReceivedOneWay: 2,
  framesUnsent: 10,
  'unsent:generator': 1,
  'unsent:backpressure': 2,
  'unsent:connecting': 3,
  'unsent:ended': 4,
};

function countersOf(values: Partial<Record<CounterName, number>>): Counters {
  const counters = newCounters();
  for (const [name, value] of Object.entries(values)) counters[COUNTER[name as CounterName]] = value;
  return counters;
}

test('checkConservation finds nothing in totals that balance, nor in a run without any', () => {
  expect(checkConservation(countersOf(SOUND))).toEqual([]);
  expect(checkConservation(newCounters())).toEqual([]);
});

test.each([
  {
    change: { dialsAttempted: 11 },
    because: 'a dial without an outcome',
    sentence: 'Dials attempted are 11, but connected, every failure class and abandoned sum to 10',
  },
  {
    change: { 'session:reset': 2 },
    because: 'a session that ended twice',
    sentence: 'Connections opened are 6, but session outcomes and open now sum to 7',
  },
  {
    change: { framesLost: 4 },
    because: 'a frame sent and forgotten',
    sentence: 'Frames sent are 107, but matched, lost, corrupt, in flight at the end and one-way sum to 106',
  },
  {
    change: { framesDuplicate: 4 },
    because: 'a received frame counted twice',
    sentence:
      'Frames received are 104, but matched, corrupt, duplicate, unsolicited, one-way and pushed sum to 105',
  },
  {
    change: { framesUnsent: 11 },
    because: 'a frame unsent for no cause',
    sentence: 'Frames unsent are 11, but causes sum to 10',
  },
  {
    change: { framesReordered: 91 },
    because: 'more reordered than matched',
    sentence: 'Reordered frames are 91, but only 90 frames were matched',
  },
  {
    change: { framesMatchedInWarmup: 91 },
    because: 'more matched in warm-up than at all',
    sentence: 'Frames matched in warm-up are 91, but only 90 frames were matched',
  },
  {
    change: { bytesSent: -1 },
    because: 'a negative count',
    sentence: 'Counter bytesSent must be a count: it is -1',
  },
  {
    change: { writeStalls: 0.5 },
    because: 'half a count',
    sentence: 'Counter writeStalls must be a count: it is 0.5',
  },
] satisfies { change: Partial<Record<CounterName, number>>; because: string; sentence: string }[])(
  'checkConservation tells of $because',
  ({ change, sentence }) => {
    expect(checkConservation(countersOf({ ...SOUND, ...change }))).toEqual([sentence]);
  },
);
