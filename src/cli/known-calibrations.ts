import { OperatingError } from '../base/errors.ts';
import { calibrationPath, readCalibrations, type Calibration } from '../store/calibration-file.ts';
import type { Io } from './io.ts';

/** What is known of this machine's generator. A damaged file costs the comparison, not the run. */
export function knownCalibrations(io: Io): Calibration[] {
  const path = calibrationPath(io.env);
  try {
    return readCalibrations(path);
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    io.stderr.write(`${error.message}; without it no headroom is told (tidemark doctor --calibrate)\n`);
    return [];
  }
}
