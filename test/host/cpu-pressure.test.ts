import { expect, test } from 'vitest';

import { cpuPressureUs } from '../../src/host/cpu-pressure.ts';

test('cpuPressureUs reads the total of `some`, not of `full`', () => {
  const text =
    'some avg10=1.46 avg60=0.92 avg300=0.83 total=7373255\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=12\n';
  expect(cpuPressureUs(() => text)).toBe(7_373_255);
});

test('cpuPressureUs is unknown where the kernel does not keep it', () => {
  expect(cpuPressureUs(() => '')).toBeNull();
});
