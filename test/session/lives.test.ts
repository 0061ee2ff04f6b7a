import { describe, expect, it } from 'vitest';
import { COUNTER, newCounters } from '../../src/measure/counters.ts';
import { Lives, plannedAgeUs, type SessionEnd } from '../../src/session/lives.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';
import { sessionPlan } from '../support/shard-run.ts';

const ADDRESS = { family: 4, host: '127.0.0.1', port: 1 } as const;
const BACKOFF = { reconnect: 'backoff', backoff: { firstUs: 1000, longestUs: 64_000 } } as const;
const REFUSED: SessionEnd = { phase: 'dial', outcome: 'refused' };
const SILENT: SessionEnd = { phase: 'session', outcome: 'reset', answered: false };
const ANSWERED: SessionEnd = { phase: 'session', outcome: 'reset', answered: true };

function livesOf(overrides: Partial<SessionPlan>, counters = newCounters()): Lives {
  return new Lives(sessionPlan(ADDRESS, overrides), 100, counters);
}

/** The longest pause of a hundred slots that all had these ends, one after the other. */
function longestPauseUs(ends: readonly SessionEnd[]): number {
  const lives = livesOf(BACKOFF);
  const pauses = Array.from({ length: 100 }, (_, slot) => {
    let pauseUs = 0;
    for (const end of ends) {
      lives.begin(slot);
      pauseUs = lives.ended(slot, slot, end) ?? Number.NaN;
    }
    return pauseUs;
  });
  return Math.max(...pauses);
}

describe('Lives', () => {
  it('replaces nothing with reconnect none', () => {
    expect(livesOf({}).ended(0, 0, ANSWERED)).toBeNull();
  });

  it('replaces at once with reconnect immediate, but lets a slot rest whose dial failed', () => {
    const lives = livesOf({ reconnect: 'immediate' });
    expect(lives.ended(0, 0, SILENT)).toBe(0);
    expect(lives.ended(0, 0, REFUSED)).toBe(100_000);
  });

  it('leaves a slot alone where this machine had no means for its first connection, and no other', () => {
    const lives = livesOf({ reconnect: 'immediate' });
    const limited: SessionEnd = { phase: 'dial', outcome: 'localLimit' };
    expect(lives.ended(0, 0, limited)).toBeNull();
    lives.ended(1, 1, SILENT);
    expect(lives.ended(1, 1, limited)).toBe(100_000);
  });

  it.each([
    ['the first failure', [REFUSED], 1000],
    ['the second in a row', [REFUSED, REFUSED], 2000],
    ['a connection that brought no answer, as after a failed dial', [REFUSED, SILENT, REFUSED], 4000],
    ['many', Array.from({ length: 20 }, () => REFUSED), 64_000],
    ['a connection that was answered, which ends the row', [REFUSED, REFUSED, REFUSED, ANSWERED], 1000],
  ] as const)('doubles the bound of the pause: after %s', (_, ends, boundUs) => {
    const longestUs = longestPauseUs(ends);
    expect(longestUs).toBeLessThan(boundUs);
    expect(longestUs).toBeGreaterThan(boundUs * 0.9);
  });

  it('counts each dial by the end it follows, and the first dial of a slot as none', () => {
    const counters = newCounters();
    const lives = livesOf(BACKOFF, counters);
    lives.begin(0);
    lives.ended(0, 0, REFUSED);
    lives.begin(0);
    lives.ended(0, 0, ANSWERED);
    // The plan may be over before the slot's turn: what is not dialled is no reconnect.
    expect(counters[COUNTER['reconnect:dial:refused']]).toBe(1);
    expect(counters[COUNTER['reconnect:session:reset']]).toBe(0);
    lives.begin(0);
    expect(counters[COUNTER['reconnect:session:reset']]).toBe(1);
  });

  it('draws the same pauses for a connection whatever slot it has', () => {
    const pauseOf = (slot: number): number | null => {
      const lives = livesOf(BACKOFF);
      lives.begin(slot);
      return lives.ended(slot, 41, REFUSED);
    };
    expect(pauseOf(3)).toBe(pauseOf(77));
  });
});

describe('plannedAgeUs', () => {
  const plan = sessionPlan(ADDRESS, { lifetime: { kind: 'exponential', meanUs: 1e6 } });

  it('is drawn anew for every connection and every life of it, and the same in every run of a seed', () => {
    const ages = [0, 1, 2].flatMap((connection) =>
      [0, 1, 2].map((number) => plannedAgeUs(plan, { connection, number })),
    );
    expect(new Set(ages).size).toBe(9);
    expect(plannedAgeUs({ ...plan }, { connection: 2, number: 1 })).toBe(ages[7]);
    expect(plannedAgeUs({ ...plan, seed: 2 }, { connection: 2, number: 1 })).not.toBe(ages[7]);
  });

  it('is null where the plan closes nothing, or counts frames', () => {
    const life = { connection: 0, number: 0 };
    expect(plannedAgeUs({ ...plan, lifetime: null }, life)).toBeNull();
    expect(plannedAgeUs({ ...plan, lifetime: { kind: 'frames', count: 3 } }, life)).toBeNull();
  });
});
