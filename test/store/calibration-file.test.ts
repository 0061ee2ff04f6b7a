import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import {
  calibrationPath,
  isFor,
  readCalibrations,
  writeCalibration,
} from '../../src/store/calibration-file.ts';
import { sampleCalibration } from '../support/sample-calibration.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

test.each([
  ['the state directory that is given', { XDG_STATE_HOME: '/state', HOME: '/home/a' }, '/state'],
  ["the usual one in the user's home", { HOME: '/home/a' }, '/home/a/.local/state'],
  ['no relative one', { XDG_STATE_HOME: 'state', HOME: '/home/a' }, '/home/a/.local/state'],
])('calibrationPath lies in %s', (_, env, directory) => {
  expect(calibrationPath(env)).toBe(join(directory, 'tidemark/calibration.json'));
});

describe('a file of calibrations', () => {
  test('is empty where there is none', () => {
    expect(readCalibrations(join(scratchDirectory(), 'calibration.json'))).toEqual([]);
  });

  test('keeps one calibration for each machine, engine, version and shape, the latest', () => {
    const path = join(scratchDirectory(), 'deep/tidemark/calibration.json');
    const node = sampleCalibration({ engine: 'node' });
    writeCalibration(path, sampleCalibration());
    writeCalibration(path, node);
    const later = sampleCalibration({ measuredAt: '2026-11-25T11:01:08.905Z' });
    writeCalibration(path, later);
    expect(readCalibrations(path)).toEqual([node, later]);
  });

  test('forgets the oldest of too many', () => {
    const path = join(scratchDirectory(), 'calibration.json');
    for (let i = 0; i < 202; i++) writeCalibration(path, sampleCalibration({ shape: `shape ${i}` }));
    const kept = readCalibrations(path);
    expect(kept).toHaveLength(200);
    expect(kept[0]?.shape).toBe('shape 2');
  });

  test.each([
    ['is damaged', '{"version": 1, "calib', 'it must be JSON'],
    ['holds something else', '{"version": 1, "calibrations": [{"engine": 5}]}', 'calibrations.0.machine'],
  ])('that %s is refused with its name', (_, text, message) => {
    const path = join(scratchDirectory(), 'calibration.json');
    writeFileSync(path, text);
    expect(() => readCalibrations(path)).toThrow(`Cannot read ${path}`);
    expect(() => readCalibrations(path)).toThrow(message);
    expect(() => writeCalibration(path, sampleCalibration())).toThrow('Cannot read');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('holds for the very same machine, engine, version and shape only', () => {
    const calibration = sampleCalibration();
    expect(isFor(calibration, { ...calibration })).toBe(true);
    for (const key of ['machine', 'engine', 'version', 'shape']) {
      expect(isFor(calibration, { ...calibration, [key]: 'another' })).toBe(false);
    }
  });
});
