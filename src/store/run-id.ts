import { randomBytes } from 'node:crypto';

/** A label longer than this is cut in the id; the manifest keeps it whole. */
const LABEL_CHARACTERS_MAX = 40;
const LABEL_WHEN_EMPTY = 'run';

/**
 * The name of a run and of its directory: `2026-11-23T17-10-00Z-smoke-3f2a`. Ids sort by start time; the last part
 * keeps apart two runs of one second.
 * @param token four hex digits. @default random ones
 */
export function createRunId(startedAt: Date, label: string, token: string = randomToken()): string {
  const time = startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  return `${time}-${fileNameOf(label)}-${token}`;
}

function randomToken(): string {
  return randomBytes(2).toString('hex');
}

/** Letters, digits, dots, underscores and dashes, neither beginning nor ending with a dot or dash. */
function fileNameOf(label: string): string {
  const safe = label.replace(/[^A-Za-z0-9._]+/g, '-').slice(0, LABEL_CHARACTERS_MAX);
  return safe.replace(/^[.-]+|[.-]+$/g, '') || LABEL_WHEN_EMPTY;
}
