import { expect, test } from 'vitest';

import { calibrationKey } from '../../../src/coordinator/calibration/calibration-key.ts';
import { load } from '../../support/profile-sources.ts';

const TOOL = { name: 'tidemark', version: '0.1.0' };

function shapeOf(flags: Record<string, string>): string {
  return calibrationKey(load({ flags }), 'epoll', TOOL).shape;
}

test('calibrationKey names machine, engine and versions', () => {
  const key = calibrationKey(load({}), 'epoll', TOOL);
  expect(key).toMatchObject({ engine: 'epoll', version: `tidemark 0.1.0, node ${process.version}` });
  expect(key.machine).toMatch(/^.+: \d+ x .+$/);
});

test('calibrationKey tells frames and numbers of connections apart, and not how fast frames are sent', () => {
  expect(shapeOf({ connections: '50' })).toBe(
    '1 worker, 10 to 99 connections, frame u32be, payload 64B, match fifo, verify echo',
  );
  expect(shapeOf({ connections: '99', totalRate: '5k/s' })).toBe(shapeOf({ connections: '10', window: '4' }));
  expect(shapeOf({ connections: '100' })).not.toBe(shapeOf({ connections: '99' }));
  expect(shapeOf({ payload: '1KiB' })).not.toBe(shapeOf({}));
  expect(shapeOf({ message: 'PING' })).toContain('payload 4 bytes');
  expect(shapeOf({ workers: '2', connections: '1k' })).toContain('2 workers, 1000 to 9999 connections');
});
