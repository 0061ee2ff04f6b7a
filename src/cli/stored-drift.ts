import { analyzeDrift, type DriftAnalysis } from '../analysis/drift/drift.ts';
import { OperatingError } from '../base/errors.ts';
import { readIntervals } from '../store/run-store.ts';
import type { Io } from './io.ts';

/** What drifted in a stored run, for its page; null where its intervals cannot be read, which is said on stderr. */
export function storedDrift(io: Io, directory: string): DriftAnalysis | null {
  try {
    return analyzeDrift(readIntervals(directory));
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    io.stderr.write(`drift is not judged: ${error.message}\n`);
    return null;
  }
}
