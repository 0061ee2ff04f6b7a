import { expect, test } from 'vitest';

import { MachineWatch } from '../../src/host/machine-watch.ts';

/** A machine whose counters a test sets. */
class Counters {
  total: number = 1000;
  steal: number = 0;
  pressureUs: number = 0;

  read = (path: string): string =>
    path === '/proc/stat'
      ? `cpu  ${this.total - this.steal} 0 0 0 0 0 0 ${this.steal} 0 0\n`
      : `some avg10=0.00 avg60=0.00 avg300=0.00 total=${this.pressureUs}\n`;
}

test('MachineWatch tells what happened between two readings', () => {
  const machine = new Counters();
  const watch = new MachineWatch(0, machine.read);
  Object.assign(machine, { total: 1200, steal: 20, pressureUs: 250_000 });
  expect(watch.take(1e6)).toEqual({ stealShare: 0.1, pressureShare: 0.25 });
  Object.assign(machine, { total: 1400, steal: 20, pressureUs: 250_000 });
  expect(watch.take(2e6)).toEqual({ stealShare: 0, pressureShare: 0 });
});

test('MachineWatch repeats itself rather than to judge a moment', () => {
  const machine = new Counters();
  const watch = new MachineWatch(0, machine.read);
  Object.assign(machine, { total: 1200, steal: 20, pressureUs: 500_000 });
  const first = watch.take(1e6);
  Object.assign(machine, { total: 1201, steal: 21 });
  expect(watch.take(1e6 + 10)).toEqual(first);
});

test('MachineWatch knows nothing where the system tells nothing', () => {
  const watch = new MachineWatch(0, () => '');
  expect(watch.take(1e6)).toEqual({ stealShare: null, pressureShare: null });
});
