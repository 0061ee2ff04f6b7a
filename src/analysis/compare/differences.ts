import { isDeepStrictEqual } from 'node:util';
import type { Profile } from '../../profile/profile.ts';
import type { ComparedRun } from './compared-run.ts';
import { overlapping } from './pairing.ts';

/**
 * In what runs differ that must be equal for their numbers to be compared: profile, payload, engine, machine, calibration and the
 * program itself. One sentence each; none where all is equal. What says which release it is (target, label), and what does not
 * change the load (seed, thresholds, bounds of health, room on the disk), may differ.
 */
export function differencesOf(runs: readonly ComparedRun[]): string[] {
  const [first, ...others] = runs;
  if (first === undefined) return [];
  const found = others.flatMap((other) => differencesBetween(first, other));
  const clash = overlapping(runs);
  const together =
    clash === null ? [] : [`${clash[0].id} and ${clash[1].id} ran at the same time and disturbed each other`];
  return [...new Set([...found, ...together])];
}

function differencesBetween(one: ComparedRun, other: ComparedRun): string[] {
  const both = [one.summary.run, other.summary.run] as const;
  const facts = both.map(({ host }) => host);
  return [
    ...profileDifferences(...(both.map(({ profile }) => profile) as [Profile, Profile])),
    ...payloadDifferences(one, other),
    ...unequal(
      'engine',
      both.map(({ engine }) => engine),
    ),
    ...unequal(
      'machine',
      facts.map(({ machine }) => machine ?? 'unknown'),
    ),
    ...(['kernel', 'node', 'cpus'] as const).flatMap((fact) =>
      unequal(
        `machine (${fact})`,
        facts.map((host) => host[fact]),
      ),
    ),
    ...unequal(
      'calibration',
      [one, other].map(({ summary }) => summary.health.headroom?.calibratedAt ?? 'none'),
    ),
    ...unequal(
      'Tidemark',
      [one, other].map(({ summary }) => summary.tool.version),
    ),
  ];
}

function profileDifferences(one: Profile, other: Profile): string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)] as (keyof Profile)[]);
  return [...keys]
    .filter((key) => !MAY_DIFFER.has(key))
    .flatMap((key) => sectionDifferences(key, one[key], other[key]));
}

/** A section is told by the keys in it that differ. */
function sectionDifferences(path: string, one: unknown, other: unknown): string[] {
  if (isDeepStrictEqual(one, other)) return [];
  if (isSection(one) && isSection(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap((key) => sectionDifferences(`${path}.${key}`, one[key], other[key]));
  }
  return unequal(
    `profile (${path})`,
    [one, other].map((value) => JSON.stringify(value)),
  );
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A file of the same name may hold other bytes; then a frame has other bytes, too. */
function payloadDifferences(one: ComparedRun, other: ComparedRun): string[] {
  if (one.summary.run.profile.payload.file === null) return [];
  const sizes = [one, other].map(({ summary }) => summary.bytes.sent / Math.max(1, summary.frames.sent));
  const [first = 0, second = 0] = sizes;
  if (Math.abs(first - second) <= SIZE_TOLERANCE * first) return [];
  return unequal(
    'payload (bytes a frame)',
    sizes.map((size) => size.toFixed(1)),
  );
}

function unequal(what: string, [one, other]: readonly unknown[]): string[] {
  return isDeepStrictEqual(one, other) ? [] : [`${what}: ${String(one)} and ${String(other)}`];
}

const MAY_DIFFER: ReadonlySet<string> = new Set([
  'target',
  'label',
  'seed',
  // What was asked for; which engine ran is compared.
  'engine',
  'thresholds',
  'safety',
  'health',
  'record',
]);
/** Prefaces and cut frames change the mean size of a frame a little. */
const SIZE_TOLERANCE = 0.001;
