import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { monotonicClock, type Clock } from '../../../src/base/clock.ts';
import { Random } from '../../../src/base/random.ts';
import { Scheduler } from '../../../src/target/fault/scheduler.ts';

/** A clock that reads what the faked timers say, so that a test moves both at once. */
const fakedClock: Clock = { nowUs: () => Date.now() * 1000 };

describe('Scheduler', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  test('runs everything in the order of due times, and of arrival where they are equal', () => {
    const scheduler = new Scheduler(fakedClock);
    const random = new Random(1);
    const dues = Array.from({ length: 500 }, () => random.below(100) * 1000);
    const ran: number[] = [];
    dues.forEach((dueUs, index) => scheduler.at(dueUs, () => ran.push(index)));
    vi.advanceTimersByTime(100);
    const expected = dues
      .map((_, index) => index)
      .toSorted((a, b) => (dues[a] ?? 0) - (dues[b] ?? 0) || a - b);
    expect(ran).toEqual(expected);
  });

  test('runs nothing before its time, even when its timer fires early', () => {
    let nowUs = 0;
    const scheduler = new Scheduler({ nowUs: () => nowUs });
    let runs = 0;
    scheduler.at(5000, () => runs++);
    nowUs = 4999;
    vi.advanceTimersByTime(5);
    expect(runs).toBe(0);
    nowUs = 5000;
    vi.advanceTimersByTime(1);
    expect(runs).toBe(1);
  });

  test('holds what falls due while suspended, and runs it in order afterwards', () => {
    const scheduler = new Scheduler(fakedClock);
    const ran: string[] = [];
    scheduler.at(20_000, () => ran.push('second'));
    scheduler.at(10_000, () => ran.push('first'));
    scheduler.suspend(50_000);
    vi.advanceTimersByTime(49);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['first', 'second']);
  });

  test('keeps one timer, however much is to come', () => {
    const scheduler = new Scheduler(fakedClock);
    for (let i = 0; i < 1000; i++) scheduler.at((1000 - i) * 1000, () => undefined);
    expect(vi.getTimerCount()).toBe(1);
    scheduler.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('waits longer than a timer of Node can', () => {
    const scheduler = new Scheduler(fakedClock);
    let runs = 0;
    scheduler.at(3_000_000_000_000, () => runs++);
    vi.advanceTimersByTime(2_999_999_999);
    expect(runs).toBe(0);
    vi.advanceTimersByTime(1);
    expect(runs).toBe(1);
  });
});

test('Scheduler is accurate to a millisecond or two on an idle loop', async () => {
  const clock = monotonicClock();
  const scheduler = new Scheduler(clock);
  const lateUs: number[] = [];
  for (let i = 0; i < 40; i++) {
    await new Promise<void>((resolve) => {
      const dueUs = clock.nowUs() + 1000 + 77 * i;
      scheduler.at(dueUs, () => {
        lateUs.push(clock.nowUs() - dueUs);
        resolve();
      });
    });
  }
  expect(Math.min(...lateUs)).toBeGreaterThanOrEqual(0);
  // The median, since a busy machine may hold up any single one.
  expect(lateUs.toSorted((a, b) => a - b)[20]).toBeLessThan(2000);
});
