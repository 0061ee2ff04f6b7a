import { expect, test } from 'vitest';
import { plannedFrames } from '../../src/campaign/planned-frames.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';

test.each<[Record<string, unknown>, number | null]>([
  [{ totalRate: '1k/s', duration: '10s', warmup: '2s' }, 8000],
  [{ rate: '10/s', connections: '50', duration: '4s' }, 2000],
  [{ connections: '50', duration: '4s' }, null],
  [{ stage: ['2s:1k/s', '2s:1k/s'] }, null],
])('plannedFrames of %j', (flags, frames) => {
  expect(plannedFrames(loadProfile({ name: 'run', text: null, file: null }, {}, flags, []))).toBe(frames);
});
