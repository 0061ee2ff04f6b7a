import { sizeKind } from './key-kinds.ts';
import { key, quantity, type ProfileKey } from './profile-key.ts';
import { RECORD_BYTES_MAX } from './profile-limits.ts';
import type { GroupValues } from './profile-values.ts';

/** Some hundred intervals and the other files of a run. */
const RECORD_BYTES_MIN = 1024 * 1024;

type RecordValues = GroupValues<'record'>;

/** The keys that say what is stored of a run. */
export const RECORD_KEYS: { readonly [P in keyof RecordValues]: ProfileKey<RecordValues[P]> } = {
  'record.maxDisk': key(
    sizeKind({ min: RECORD_BYTES_MIN, max: RECORD_BYTES_MAX }),
    "Room for the run's directory: older intervals are widened before it has grown larger",
    quantity('2GiB', '200MiB'),
  ),
};
