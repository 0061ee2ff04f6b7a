import { readFileSync, statSync } from 'node:fs';
import { parseBytes } from '../base/byte-text.ts';
import { describeSystemError, OperatingError } from '../base/errors.ts';
import { formatSize } from '../base/units.ts';
import { contentComplaints } from './payload-rules.ts';
import type { Profile } from './profile.ts';

/**
 * The bytes of every frame's payload where the profile gives a message or a message file; null where payloads are
 * generated. A file is held to the same rules as a message, and its size is looked at before it is read.
 * @throws {OperatingError} when the file cannot be read or cannot be framed as the profile says (ERR_PROFILE_INVALID)
 */
export function readMessage(profile: Profile): Uint8Array | null {
  const { message, file } = profile.payload;
  if (message !== null) return parseBytes(message);
  if (file === null) return null;
  const content = readWithin(file, profile.frame.maxBytes);
  const [complaint] = contentComplaints(profile, content);
  if (complaint !== undefined) throw refusal(file, `it ${complaint}`);
  return content;
}

function readWithin(file: string, maxBytes: number): Uint8Array {
  const stats = attempt(file, () => statSync(file));
  // A pipe or a device has no size to look at, and may never end.
  if (!stats.isFile()) throw refusal(file, 'it must be a regular file');
  const bytes = stats.size;
  if (bytes <= maxBytes) return attempt(file, () => new Uint8Array(readFileSync(file)));
  const limit = `it must have at most ${formatSize(maxBytes)}, its size is ${formatSize(bytes)}`;
  throw refusal(file, `${limit}; shrink it, or raise frame.maxBytes (--frame-max)`);
}

function attempt<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refusal(file, describeSystemError(error), error);
  }
}

function refusal(file: string, reason: string, cause?: unknown): OperatingError {
  return new OperatingError('ERR_PROFILE_INVALID', `Cannot send the message file '${file}': ${reason}`, {
    cause,
  });
}
