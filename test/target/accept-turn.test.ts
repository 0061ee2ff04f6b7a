import { describe, expect, test } from 'vitest';

import { ManualClock } from '../../src/base/clock.ts';
import { AcceptTurn } from '../../src/target/accept-turn.ts';
import { ACCEPT_TURN_MS_MAX } from '../../src/target/limits.ts';

/** Lets the loop turn once; the check of an AcceptTurn, queued before, has run by then. */
function turnOver(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An AcceptTurn that has accepted for so long that it is active, and holds one connection. */
async function holding(
  clock: ManualClock = new ManualClock(),
): Promise<{ turn: AcceptTurn; released: () => boolean }> {
  const turn = new AcceptTurn(clock);
  let released = false;
  while (!turn.active) {
    turn.accepted();
    await turnOver();
  }
  turn.hold({ release: () => (released = true) });
  return { turn, released: () => released };
}

describe('AcceptTurn', () => {
  test('is active for one turn after a single dial', async () => {
    const turn = new AcceptTurn(new ManualClock());
    for (let dials = 0; dials < 3; dials++) {
      turn.accepted();
      expect(turn.active).toBe(false);
      await turnOver();
      expect(turn.active).toBe(true);
      await turnOver();
      expect(turn.active).toBe(false);
    }
  });

  test('releases what it holds when a turn accepts nothing', async () => {
    const { turn, released } = await holding();
    turn.accepted();
    await turnOver();
    expect(released()).toBe(false);
    await turnOver();
    expect(released()).toBe(true);
    expect(turn.active).toBe(false);
  });

  test('holds on while every turn accepts', async () => {
    const { turn, released } = await holding();
    for (let turns = 0; turns < 20; turns++) {
      turn.accepted();
      await turnOver();
    }
    expect(released()).toBe(false);
  });

  test('releases what it holds after ACCEPT_TURN_MS_MAX, however many dials wait', async () => {
    const clock = new ManualClock();
    const { turn, released } = await holding(clock);
    for (let turns = 0; turns < 3; turns++) {
      turn.accepted();
      await turnOver();
    }
    expect(released()).toBe(false);
    clock.advance(ACCEPT_TURN_MS_MAX * 1000 + 1);
    turn.accepted();
    await turnOver();
    expect(released()).toBe(true);
  });

  test('becomes active again after a release', async () => {
    const { turn } = await holding();
    await turnOver();
    while (!turn.active) {
      turn.accepted();
      await turnOver();
    }
    let released = false;
    turn.hold({ release: () => (released = true) });
    await turnOver();
    expect(released).toBe(true);
  });
});
