import { describe, expect, test } from 'vitest';

import type { FaultTruth } from '../../../src/target/fault/fault-book.ts';
import { faulty, frames } from './stage.ts';

const CONNECTIONS = 100;

/** What a client saw: how its connection ended and which bytes came back. */
async function outcomes(forms: string[], seed: number): Promise<{ seen: string[]; faults: FaultTruth[] }> {
  const target = await faulty(forms, { seed });
  const seen: string[] = [];
  for (let connection = 0; connection < CONNECTIONS; connection++) {
    const peer = await target.connect();
    peer.socket.end(frames('one', 'two'));
    const error = await peer.closed;
    seen.push(`${error ?? 'end'} ${peer.received.toString('latin1').replaceAll('\0\0\0\x03', '|')}`);
  }
  return { seen, faults: (await target.truth()).faults };
}

function times(seen: readonly string[], outcome: string): number {
  return seen.filter((each) => each === outcome).length;
}

describe('FaultDriver', () => {
  test('lays several faults on exact shares of the connections, and the clients count the same', async () => {
    const forms = ['never-reply@7.5%', 'duplicate@20%', 'close-at-accept@5%', 'fin-mid-frame:1@10%'];
    const { seen, faults } = await outcomes(forms, 1);
    const counts = faults.map(({ connections }) => connections);
    const sent = faults.map((_, index) => CONNECTIONS * ([0.075, 0.2, 0.05, 0.1][index] ?? 0));
    counts.forEach((count, index) => expect(Math.abs(count - (sent[index] ?? 0))).toBeLessThan(1));
    const [silent = 0, doubled = 0, closed = 0, cut = 0] = counts;
    expect(times(seen, 'end ')).toBe(silent + closed);
    expect(times(seen, 'end |one|one|two|two')).toBe(doubled);
    expect(times(seen, 'end |one\0\0\0')).toBe(cut);
    expect(times(seen, 'end |one|two')).toBe(CONNECTIONS - silent - doubled - closed - cut);
    expect(faults[0]?.counts.framesUnanswered).toBe(2 * silent);
    expect(faults[3]?.endings).toHaveLength(cut);
  });

  test('repeats itself for the same seed and not for another', async () => {
    const forms = ['never-reply@10%', 'duplicate@30%'];
    const [first, again, other] = await Promise.all([
      outcomes(forms, 3),
      outcomes(forms, 3),
      outcomes(forms, 4),
    ]);
    expect(again.seen).toEqual(first.seen);
    expect(other.seen).not.toEqual(first.seen);
  });

  test('composes faults of all connections with the one of a share', async () => {
    const target = await faulty(['duplicate', 'delay:5ms', 'corrupt@100%']);
    const peer = await target.connect();
    peer.socket.end(frames('one'));
    expect(await peer.closed).toBeNull();
    expect(peer.received).toEqual(frames('ond', 'ond'));
    const { faults, frames: counted } = await target.truth();
    expect(faults.map(({ fault }) => fault)).toEqual(['duplicate', 'delay:5ms', 'corrupt@100%']);
    expect(faults.map(({ connections }) => connections)).toEqual([1, 1, 1]);
    expect(faults[1]?.counts.framesDelayed).toBe(1);
    expect(counted).toMatchObject({ received: 1, sent: 2 });
  });

  test('exchanges prefaces before the first fault of frames', async () => {
    const target = await faulty('zero-length', {
      sendPreface: Buffer.from('HELLO'),
      expectPreface: Buffer.from('HI'),
    });
    const peer = await target.connect();
    peer.socket.write('HI');
    peer.socket.end(frames('one'));
    await peer.closed;
    expect(peer.received.toString('latin1')).toBe('HELLO\0\0\0\0');
    expect((await target.truth()).prefaces).toEqual({ sent: 1, matched: 1, mismatched: 0 });
  });
});
