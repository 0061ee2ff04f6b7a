import { OperatingError } from '../base/errors.ts';

/** Where a value was given: a place in a profile file, or the flag, variable or `--set` that gave it. */
export interface Origin {
  file?: string;
  /** From 1. */
  line?: number;
  /** From 1. */
  column?: number;
  /** For example `--connect-timeout`, `TIDEMARK_RATE` or `--set load.think`; absent for a file. */
  source?: string;
}

/** One thing that is wrong with a profile. */
export interface ProfileFault extends Origin {
  /** The profile's key, for example `load.think`; empty where the fault lies with the file as a whole. */
  path: string;
  /** What is wrong, the value, and the accepted forms. */
  message: string;
}

/**
 * A profile that cannot be used, with all its faults.
 * Its message has a headline and a line for each fault: `profile.yaml:7:9 load.think: ...`.
 */
export class ProfileError extends OperatingError {
  readonly faults: readonly ProfileFault[];

  constructor(name: string, faults: readonly ProfileFault[]) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    const lines = faults.map((fault) => `  ${describeFault(fault)}`);
    super(
      'ERR_PROFILE_INVALID',
      `Cannot use the profile '${name}', which has ${count}:\n${lines.join('\n')}`,
    );
    this.name = 'ProfileError';
    this.faults = faults;
  }
}

/** A fault as one line. */
export function describeFault(fault: ProfileFault): string {
  if (fault.source !== undefined) return `${fault.source}: ${fault.message}`;
  const place = [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(':');
  const head = [place, fault.path].filter((part) => part !== '').join(' ');
  return `${head}: ${fault.message}`;
}
