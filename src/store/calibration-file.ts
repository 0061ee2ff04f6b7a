import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from './json-file.ts';
import { onDisk } from './store-error.ts';

/** What the generator can do for one shape of load on one machine, measured against a target that does nothing. */
export interface Calibration extends CalibrationKey {
  /** ISO 8601, UTC. */
  measuredAt: string;
  ceiling: CalibratedCeiling;
  /** Dials a second, each with one frame and a reset; null where that was not measured. */
  dialsPerSecond: number | null;
  noise: NoiseFloor;
  /** Health score of the worse of the runs, 0 to 1: a busy machine makes the ceiling too low and the noise too high. */
  score: number;
}

/** What a calibration holds for: nothing else may be compared with it. */
export interface CalibrationKey {
  machine: string;
  engine: string;
  /** Of Tidemark and of Node. */
  version: string;
  /** Workers, connections to the power of ten, frames and payloads. */
  shape: string;
}

/** Closed model, as fast as it goes. */
export interface CalibratedCeiling {
  /** Reached beside the null target, which shares the machine. */
  framesPerSecond: number;
  /** A second of one worker's processor time; null where the system does not tell. */
  framesPerCpuSecond: number | null;
  /** What all workers would do with a processor each: the rate that a run's is held against. */
  framesPerSecondMax: number;
}

/** Open model at a low rate: what remains of times when neither side has anything to do. Microseconds. */
export interface NoiseFloor {
  ratePerSecond: number;
  sendLag: { p50: number | null; p99: number | null };
  response: { p50: number | null; p99: number | null };
}

/**
 * Where calibrations are kept.
 * Source: XDG Base Directory Specification: a relative XDG_STATE_HOME must be ignored.
 */
export function calibrationPath(env: Readonly<Record<string, string | undefined>>): string {
  const given = env['XDG_STATE_HOME'] ?? '';
  const state = isAbsolute(given) ? given : join(env['HOME'] ?? homedir(), '.local', 'state');
  return join(state, 'tidemark', 'calibration.json');
}

/**
 * The calibrations of a file, the latest last; none where there is no file.
 * @throws {OperatingError} when it cannot be read or is damaged (ERR_STORE)
 */
export function readCalibrations(path: string): Calibration[] {
  return existsSync(path) ? readJsonFile(path, FILE_SCHEMA).calibrations : [];
}

/**
 * Adds a calibration to those of a file, in the place of an earlier one for the same.
 * @throws {OperatingError} when the file is damaged or cannot be written (ERR_STORE)
 */
export function writeCalibration(path: string, calibration: Calibration): void {
  const others = readCalibrations(path).filter((known) => !isFor(known, calibration));
  const calibrations = [...others, calibration].slice(-CALIBRATIONS_MAX);
  const unfinished = `${path}.unfinished`;
  onDisk('Cannot write', path, () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(unfinished, `${JSON.stringify({ version: 1, calibrations }, null, 2)}\n`);
    renameSync(unfinished, path);
  });
}

/** Whether a calibration holds for what `key` says. */
export function isFor(calibration: Calibration, key: CalibrationKey): boolean {
  return KEYS.every((name) => calibration[name] === key[name]);
}

const KEYS = ['machine', 'engine', 'version', 'shape'] as const;
/** Calibrations that a file keeps, of all machines and shapes; the oldest go first. */
const CALIBRATIONS_MAX = 200;

const percentiles = z.looseObject({ p50: z.number().nullable(), p99: z.number().nullable() });
const FILE_SCHEMA = z.looseObject({
  version: z.literal(1),
  calibrations: z.array(
    z.looseObject({
      machine: z.string(),
      engine: z.string(),
      version: z.string(),
      shape: z.string(),
      measuredAt: z.iso.datetime(),
      ceiling: z.looseObject({
        framesPerSecond: z.number(),
        framesPerCpuSecond: z.number().nullable(),
        framesPerSecondMax: z.number().positive(),
      }),
      dialsPerSecond: z.number().nullable(),
      noise: z.looseObject({ ratePerSecond: z.number(), sendLag: percentiles, response: percentiles }),
      score: z.number(),
    }),
  ),
});
