import { expect, test } from 'vitest';

import { ClockWatch, machineClocks, type ClockReading } from '../../src/host/clock-watch.ts';

/** Clocks that a test moves. */
class Clocks {
  reading: ClockReading | null = { monotonicUs: 5e6, bootUs: 9e6, wallUs: 1.7e15 };

  /** All go on by `awakeUs`; the machine sleeps beside that, and the wall clock is set. */
  pass(awakeUs: number, { sleptUs = 0, setUs = 0 } = {}): void {
    const { monotonicUs, bootUs, wallUs } = this.reading ?? { monotonicUs: 0, bootUs: null, wallUs: 0 };
    this.reading = {
      monotonicUs: monotonicUs + awakeUs,
      bootUs: bootUs === null ? null : bootUs + awakeUs + sleptUs,
      wallUs: wallUs + awakeUs + sleptUs + setUs,
    };
  }
}

test.each([
  ['a second that passes is neither', {}, { sleptUs: 0, wallSetUs: 0 }],
  ['an hour of sleep', { sleptUs: 3.6e9 }, { sleptUs: 3.6e9, wallSetUs: 0 }],
  ['a wall clock set forward', { setUs: 60e6 }, { sleptUs: 0, wallSetUs: 60e6 }],
  ['a wall clock set back by more than the run is old', { setUs: -9e12 }, { sleptUs: 0, wallSetUs: -9e12 }],
  ['both at once, as after a night', { sleptUs: 3e10, setUs: -2e6 }, { sleptUs: 3e10, wallSetUs: -2e6 }],
  [
    'what the clocks are inexact by is none',
    { sleptUs: 20_000, setUs: -40_000 },
    { sleptUs: 0, wallSetUs: 0 },
  ],
])('ClockWatch.take: %s', (_, shift, expected) => {
  const clocks = new Clocks();
  const watch = new ClockWatch(() => clocks.reading);
  clocks.pass(1e6, shift);
  expect(watch.take()).toEqual(expected);
  clocks.pass(1e6);
  expect(watch.take()).toEqual({ sleptUs: 0, wallSetUs: 0 });
});

test('ClockWatch.take finds a shift later where the clocks could not be read at one moment', () => {
  const clocks = new Clocks();
  const watch = new ClockWatch(() => clocks.reading);
  clocks.pass(1e6, { sleptUs: 5e6 });
  const after = clocks.reading;
  clocks.reading = null;
  expect(watch.take()).toEqual({ sleptUs: 0, wallSetUs: 0 });
  clocks.reading = after;
  expect(watch.take()).toEqual({ sleptUs: 5e6, wallSetUs: 0 });
});

test('ClockWatch.take cannot tell sleep from a set clock where nothing tells the time since boot', () => {
  const clocks = new Clocks();
  clocks.reading = { monotonicUs: 0, bootUs: null, wallUs: 0 };
  const watch = new ClockWatch(() => clocks.reading);
  clocks.pass(1e6, { sleptUs: 7e6 });
  expect(watch.take()).toEqual({ sleptUs: 0, wallSetUs: 7e6 });
});

test('machineClocks reads the time since boot, and the wall clock', () => {
  const reading = machineClocks(() => '1234.56 2000.00\n')();
  expect(reading?.bootUs).toBe(1_234_560_000);
  expect(Math.abs((reading?.wallUs ?? 0) / 1000 - Date.now())).toBeLessThan(5000);
  expect(machineClocks(() => '')()?.bootUs).toBeNull();
});

test('machineClocks of this machine find no shift between two readings', () => {
  const watch = new ClockWatch();
  expect(watch.take()).toEqual({ sleptUs: 0, wallSetUs: 0 });
});
