import { haveRate } from './load-model.ts';
import { describeFault, type ProfileFault } from './profile-fault.ts';
import type { StageProfile } from './profile.ts';
import { isProfilePath } from './profile-keys.ts';
import { readTree, type ShapeFault } from './profile-schema.ts';
import { STRENGTH, type Given, type ProfileSource, type Strength } from './profile-source.ts';
import type { GivenValues, ProfilePath } from './profile-values.ts';
import { describeUnknownKey, suggestPath } from './unknown-key.ts';

/** What all sources give together. */
export interface MergedSources {
  given: ReadonlyMap<ProfilePath, Given>;
  faults: ProfileFault[];
  /** Those of them that stand in what sources say of one cohort alone. */
  ownFaults: ProfileFault[];
  /**
   * Paths of keys and groups whose value is not known because of a fault: no rule that reads one of them may speak,
   * or one slip would be reported twice. Null: nothing is known, since a whole source could not be read.
   */
  unknownPaths: ReadonlySet<string> | null;
}

/**
 * Keys of which a plan can hold one: choosing one in a stronger source takes back what a weaker one chose, so that
 * `--message` needs no change to a profile that gives a size. Two of one strength are a contradiction, which the rules
 * report. `displaced` lists what goes with them without being an alternative.
 */
const ALTERNATIVES: readonly { keys: readonly ProfilePath[]; displaced: readonly ProfilePath[] }[] = [
  { keys: ['connections.rate', 'connections.ramp'], displaced: [] },
  { keys: ['payload.size', 'payload.message', 'payload.file'], displaced: [] },
  // A rate is the open model: the window of a weaker source was meant for the closed one, and would throttle it.
  { keys: ['load.rate', 'load.totalRate'], displaced: ['load.window', 'load.think'] },
  { keys: ['stages'], displaced: ['load.window', 'load.think'] },
  { keys: ['load.think'], displaced: ['load.rate', 'load.totalRate', 'load.arrivals'] },
];

const TLS_DETAILS: readonly ProfilePath[] = [
  'tls.ca',
  'tls.cert',
  'tls.key',
  'tls.servername',
  'tls.alpn',
  'tls.insecure',
];

/** Lays the sources over each other, from the weakest to the strongest. */
export function mergeSources(sources: readonly ProfileSource[]): MergedSources {
  const given = new Map<ProfilePath, Given>();
  const faults: ProfileFault[] = [];
  const ownFaults: ProfileFault[] = [];
  const unknownPaths = new Set<string>();
  for (const source of sources) {
    const { values, faults: shapeFaults } = readTree(source.tree);
    const found = shapeFaults.map((fault) => locateFault(source, fault));
    faults.push(...[...source.faults, ...found].toSorted(byPlace));
    if (source.strength > STRENGTH.flags) ownFaults.push(...found);
    for (const path of [...(source.unknownPaths ?? []), ...shapeFaults.flatMap(pathsLost)])
      unknownPaths.add(path);
    for (const [path, value] of Object.entries(values)) {
      if (isProfilePath(path))
        lay(given, path, { value, strength: source.strength, origin: originOf(source, path) });
    }
  }
  displaceWeaker(given);
  const isAllKnown = sources.every((source) => source.unknownPaths !== null);
  return {
    given,
    faults: withoutRepeats(faults),
    ownFaults,
    unknownPaths: isAllKnown ? unknownPaths : null,
  };
}

/** The values alone. */
export function givenValues(given: ReadonlyMap<ProfilePath, Given>): GivenValues {
  return Object.fromEntries(Array.from(given, ([path, { value }]) => [path, value]));
}

function lay(given: Map<ProfilePath, Given>, path: ProfilePath, value: Given): void {
  if (value.value === null) given.delete(path);
  else given.set(path, value);
}

function originOf(source: ProfileSource, path: ProfilePath): Given['origin'] {
  return source.originOf(path.split('.'), 'value');
}

function displaceWeaker(given: Map<ProfilePath, Given>): void {
  for (const { keys, displaced } of ALTERNATIVES) {
    const strongest = Math.max(0, ...keys.map((path) => strengthOf(given, path)));
    dropBelow(given, [...keys, ...displaced], strongest);
  }
  const enabled = given.get('tls.enabled');
  if (enabled?.value === false) dropBelow(given, TLS_DETAILS, enabled.strength);
}

/** A think time of zero chooses nothing: it is what every open model has. Neither do stages without a rate. */
function strengthOf(given: ReadonlyMap<ProfilePath, Given>, path: ProfilePath): Strength | 0 {
  const found = given.get(path);
  if (found === undefined || found.value === 0) return 0;
  return path === 'stages' && !haveRate(found.value as StageProfile[]) ? 0 : found.strength;
}

function dropBelow(given: Map<ProfilePath, Given>, paths: readonly ProfilePath[], strength: number): void {
  for (const path of paths) {
    const found = given.get(path);
    if (found !== undefined && found.strength < strength) given.delete(path);
  }
}

function locateFault(source: ProfileSource, fault: ShapeFault): ProfileFault {
  const isUnknown = fault.kind === 'unknown key';
  const place = fault.entry === undefined ? fault.path : [...fault.path, fault.entry];
  return {
    ...source.originOf(place, isUnknown ? 'key' : 'value'),
    path: fault.path.join('.'),
    message: isUnknown ? describeUnknownKey(fault.path) : fault.message,
  };
}

/** A misspelt key leaves the one that was meant unknown as well. */
function pathsLost(fault: ShapeFault): string[] {
  const meant = fault.kind === 'unknown key' ? suggestPath(fault.path) : null;
  return meant === null ? [fault.path.join('.')] : [meant];
}

function byPlace(a: ProfileFault, b: ProfileFault): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** An alias makes one mistake of the file show at each of its uses, which is meant; the same line twice is not. */
export function withoutRepeats(faults: readonly ProfileFault[]): ProfileFault[] {
  return [...new Map(faults.map((fault) => [describeFault(fault), fault])).values()];
}
