import { expect, test } from 'vitest';

import { judge, namesIn, type BothSides } from './claim.ts';

/** As much of both sides as the claims below speak of. */
const SIDES = {
  summary: {
    frames: { lost: 3, sent: 20 },
    sessions: { 'peer-closed': 2 },
    writes: { partial: [{ bytesAcked: 5 }, { bytesAcked: 7 }] },
  },
  truth: {
    connections: { accepted: 4 },
    faults: [
      { connections: 4, counts: { fins: 3 }, endings: [{ connection: 0 }] },
      { connections: 0, counts: { resets: 6 }, endings: [] },
    ],
  },
} as unknown as BothSides;

test.each([
  ['frames.lost = 3', true, '3 = 3'],
  ['frames.lost = fault.fins', true, '3 = 3'],
  ['frames.lost = fault2.resets', false, '3 = 6'],
  ['frames.lost <= 2', false, '3 <= 2'],
  ['frames.lost >= 3', true, '3 >= 3'],
  ['sessions.peer-closed = fault.fins - trial.ended', true, '2 = 2'],
  ['frames.sent = 2 * fault2.resets + 8', true, '20 = 20'],
  ['frames.sent - 2 * fault2.resets = 8', true, '8 = 8'],
  ['fault.connections = target.connections.accepted', true, '4 = 4'],
  ['partial.bytesAcked = 12', true, '12 = 12'],
])('judge weighs %s', (claim, holds, numbers) => {
  expect(judge(claim, SIDES)).toEqual({ holds, numbers });
});

test.each([
  ['a name that is in no summary', 'frames.lots = 3'],
  ['a count that the fault has not', 'frames.lost = fault.resets'],
  ['no relation', 'frames.lost'],
])('judge refuses a claim with %s', (_, claim) => {
  expect(() => judge(claim, SIDES)).toThrow('Cannot read');
});

test('namesIn gives the names of both sides', () => {
  expect(namesIn('frames.lost = 2 * fault.fins + 1')).toEqual(['frames.lost', 'fault.fins']);
});
