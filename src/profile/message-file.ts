import { readFileSync, statSync } from 'node:fs';
import { describeSystemError } from '../base/errors.ts';
import { formatSize } from '../base/units.ts';
import { contentComplaints } from './payload-rules.ts';
import type { Profile } from './profile.ts';

/**
 * Why a file's bytes cannot be every frame's payload; each sentence says how to resolve it. The file is held to the
 * same rules as a message. Its size is looked at before it is read, so that a mistaken path costs no memory.
 */
export function fileComplaints(profile: Profile, file: string): string[] {
  try {
    const stats = statSync(file);
    // A pipe or a device has no size to look at, and may never end.
    if (!stats.isFile()) return [`must be a regular file, current value is ${file}`];
    if (stats.size <= profile.frame.maxBytes) return contentComplaints(profile, readFileSync(file));
    return [
      `must have at most ${formatSize(profile.frame.maxBytes)}, ${file} has ${formatSize(stats.size)}; ` +
        'shrink it, or raise frame.maxBytes (--frame-max)',
    ];
  } catch (error) {
    return [`cannot be read: ${describeSystemError(error)}, current value is ${file}`];
  }
}
