import { describe, expect, test } from 'vitest';

import { ManualClock } from '../../src/base/clock.ts';
import { AcceptTurn } from '../../src/target/accept-turn.ts';
import { ACCEPT_TURN_MS_MAX } from '../../src/target/limits.ts';

/** Lets the loop turn once, the turn's own check included. */
function turnOver(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** An AcceptTurn that has accepted for so long that it is active, and holds one connection. */
async function holding(
  clock: ManualClock = new ManualClock(),
): Promise<{ turn: AcceptTurn; released: () => boolean }> {
  const turn = new AcceptTurn(clock);
  let released = false;
  while (!turn.active) {
    turn.accepted();
    await new Promise(setImmediate);
  }
  turn.hold({ release: () => (released = true) });
  return { turn, released: () => released };
}

describe('AcceptTurn', () => {
  test('holds nobody for a single dial', async () => {
    const turn = new AcceptTurn(new ManualClock());
    turn.accepted();
    expect(turn.active).toBe(false);
    await turnOver();
    await turnOver();
    expect(turn.active).toBe(false);
  });

  test('releases what it holds when a turn accepts nothing', async () => {
    const { turn, released } = await holding();
    expect(released()).toBe(false);
    await turnOver();
    expect(released()).toBe(true);
    expect(turn.active).toBe(false);
  });

  test('holds on while every turn accepts', async () => {
    const { turn, released } = await holding();
    for (let turns = 0; turns < 20; turns++) {
      turn.accepted();
      await new Promise(setImmediate);
    }
    expect(released()).toBe(false);
  });

  test('releases what it holds after ACCEPT_TURN_MS_MAX, however many dials wait', async () => {
    const clock = new ManualClock();
    const { turn, released } = await holding(clock);
    for (let turns = 0; turns < 3; turns++) {
      turn.accepted();
      await new Promise(setImmediate);
    }
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
      await new Promise(setImmediate);
    }
    let released = false;
    turn.hold({ release: () => (released = true) });
    await turnOver();
    expect(released).toBe(true);
  });
});
