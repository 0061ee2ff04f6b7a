import { strict as assert } from 'node:assert';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { TimerWheel } from '../../src/base/timer-wheel.ts';

const TICK_US = 1000;
const LAP_US = 4096 * TICK_US;
const IDS = 12;

describe('TimerWheel', () => {
  test('fires what a plain list of due times fires, whatever is set, cleared and expired', () => {
    fc.assert(
      fc.property(fc.nat(2 * LAP_US), fc.array(step(), { maxLength: 60 }), (startUs, steps) => {
        const pair = new WheelAndModel(startUs);
        for (const next of steps) pair.take(next);
        pair.expire(LAP_US * 4, []);
        expect(pair.wheel.armed).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('fires a timer at its due time and not a microsecond before, however many laps away', () => {
    fc.assert(
      fc.property(
        fc.nat(LAP_US),
        fc.double({ min: 0.001, max: 5 * LAP_US, noNaN: true }),
        (startUs, waitUs) => {
          const wheel = newWheel(startUs);
          const dueUs = startUs + waitUs;
          wheel.set(0, dueUs);
          for (let nowUs = startUs; nowUs < dueUs; nowUs += LAP_US / 3)
            expect(fired(wheel, nowUs)).toEqual([]);
          expect(fired(wheel, dueUs - Math.min(1, waitUs / 2))).toEqual([]);
          expect(fired(wheel, dueUs)).toEqual([0]);
          expect(fired(wheel, dueUs + 2 * LAP_US)).toEqual([]);
        },
      ),
    );
  });

  test('fires a due time in the past at the next expire, even of the same time', () => {
    const wheel = newWheel(10 * LAP_US);
    wheel.expire(10 * LAP_US + 5, () => {});
    wheel.set(3, 0);
    wheel.set(4, 10 * LAP_US + 4);
    expect(new Set(fired(wheel, 10 * LAP_US + 5))).toEqual(new Set([3, 4]));
  });

  test('fires a timer that is set to the past from inside fire only at the expire after', () => {
    const wheel = newWheel(0);
    wheel.set(0, 10);
    let times = 0;
    wheel.expire(20, () => {
      times++;
      wheel.set(0, 5);
    });
    expect(times).toBe(1);
    expect(fired(wheel, 20)).toEqual([0]);
  });

  test('leaves out a timer of the same expire that fire clears or moves', () => {
    for (const change of ['clear', 'move']) {
      const wheel = newWheel(0);
      for (const id of [0, 1]) wheel.set(id, 100);
      const seen: number[] = [];
      wheel.expire(200, (id) => {
        seen.push(id);
        if (change === 'clear') wheel.clear(1 - id);
        else wheel.set(1 - id, 5000);
      });
      expect(seen).toHaveLength(1);
      expect(fired(wheel, 6000)).toEqual(change === 'clear' ? [] : seen.map((id) => 1 - id));
    }
  });

  test('forgets a timer that is cleared, twice too, and one that never was set', () => {
    const wheel = newWheel(0);
    wheel.set(1, 100);
    wheel.clear(1);
    wheel.clear(1);
    wheel.clear(2);
    expect(wheel.armed).toBe(0);
    expect(fired(wheel, LAP_US)).toEqual([]);
  });

  test('never fires an infinite due time', () => {
    const wheel = newWheel(0);
    wheel.set(0, Infinity);
    expect(fired(wheel, 3 * LAP_US)).toEqual([]);
    expect(wheel.nextDueUs(3 * LAP_US, 100)).toBe(3 * LAP_US + 100);
  });

  test('keeps thousands of timers of one bucket apart', () => {
    const ids = 5000;
    const wheel = new TimerWheel({ ids, tickUs: TICK_US, nowUs: 0 });
    for (let id = 0; id < ids; id++) wheel.set(id, 7000 + id / 10);
    for (let id = 0; id < ids; id += 2) wheel.clear(id);
    const seen = fired(wheel, 7000 + (ids - 2) / 10).toSorted((a, b) => a - b);
    expect(seen).toEqual(Array.from({ length: ids / 2 - 1 }, (_, i) => 2 * i + 1));
    expect(wheel.armed).toBe(1);
  });
});

describe('TimerWheel.nextDueUs', () => {
  test('is the earliest due time, or the horizon where that comes first', () => {
    const due = fc.array(fc.nat(3 * LAP_US), { minLength: 1, maxLength: IDS });
    fc.assert(
      fc.property(
        due,
        fc.nat(3 * LAP_US),
        fc.integer({ min: 1, max: 2 * LAP_US }),
        (dues, nowUs, horizonUs) => {
          const wheel = newWheel(0);
          dues.forEach((dueUs, id) => wheel.set(id, dueUs));
          const sooner = Math.min(...dues, nowUs + horizonUs);
          expect(wheel.nextDueUs(nowUs, horizonUs)).toBe(sooner);
          wheel.expire(nowUs, () => {});
          const later = Math.min(...dues.filter((dueUs) => dueUs > nowUs), nowUs + horizonUs);
          expect(wheel.nextDueUs(nowUs, horizonUs)).toBe(later);
          expect(later).toBeGreaterThan(nowUs);
        },
      ),
    );
  });

  test('is the horizon where no timer is armed', () => {
    expect(newWheel(0).nextDueUs(123, 10_000)).toBe(10_123);
  });
});

type Step =
  | { kind: 'set'; id: number; inUs: number }
  | { kind: 'clear'; id: number }
  | { kind: 'expire'; afterUs: number; inside: { kind: 'set' | 'clear'; id: number; inUs: number }[] };

/** Mostly short times, some of more than a lap, some in the past. */
function inUs(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.integer({ min: -3 * TICK_US, max: 20 * TICK_US }),
    fc.integer({ min: -2 * LAP_US, max: 3 * LAP_US }),
    fc.double({ min: -10, max: 10, noNaN: true }),
  );
}

function step(): fc.Arbitrary<Step> {
  const id = fc.nat(IDS - 1);
  const change = fc.record({ kind: fc.constantFrom('set' as const, 'clear' as const), id, inUs: inUs() });
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), id, inUs: inUs() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), id }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('expire' as const),
        afterUs: fc.oneof(fc.nat(5 * TICK_US), fc.nat(2 * LAP_US), fc.constant(0)),
        inside: fc.array(change, { maxLength: 4 }),
      }),
    },
  );
}

/** A wheel beside a map of due times that is searched through each time. */
class WheelAndModel {
  readonly wheel: TimerWheel;
  readonly #dueUs: Map<number, number> = new Map();
  /** What fires next, of those that `expire` found due and nobody has set or cleared since. */
  #firing: Set<number> = new Set();
  #nowUs: number;

  constructor(startUs: number) {
    this.#nowUs = startUs;
    this.wheel = newWheel(startUs);
  }

  take(next: Step): void {
    if (next.kind === 'set') this.#set(next.id, next.inUs);
    else if (next.kind === 'clear') this.#clear(next.id);
    else this.expire(next.afterUs, next.inside);
    assert.equal(this.wheel.armed, this.#dueUs.size);
    const dueUs = this.wheel.nextDueUs(this.#nowUs, 10 * TICK_US);
    assert.equal(dueUs, Math.min(...this.#dueUs.values(), this.#nowUs + 10 * TICK_US));
  }

  /** One change is made from inside each call of fire. */
  expire(afterUs: number, inside: { kind: 'set' | 'clear'; id: number; inUs: number }[]): void {
    this.#nowUs += afterUs;
    for (const [id, dueUs] of this.#dueUs) if (dueUs <= this.#nowUs) this.#firing.add(id);
    for (const id of this.#firing) this.#dueUs.delete(id);
    let calls = 0;
    this.wheel.expire(this.#nowUs, (id) => {
      assert(this.#firing.delete(id), `timer ${id} is due`);
      const change = inside[calls++];
      if (change?.kind === 'set') this.#set(change.id, change.inUs);
      if (change?.kind === 'clear') this.#clear(change.id);
    });
    assert.deepEqual([...this.#firing], []);
  }

  #set(id: number, waitUs: number): void {
    this.#firing.delete(id);
    this.#dueUs.set(id, this.#nowUs + waitUs);
    this.wheel.set(id, this.#nowUs + waitUs);
  }

  #clear(id: number): void {
    this.#firing.delete(id);
    this.#dueUs.delete(id);
    this.wheel.clear(id);
  }
}

function newWheel(nowUs: number): TimerWheel {
  return new TimerWheel({ ids: IDS, tickUs: TICK_US, nowUs });
}

function fired(wheel: TimerWheel, nowUs: number): number[] {
  const ids: number[] = [];
  wheel.expire(nowUs, (id) => ids.push(id));
  return ids;
}
