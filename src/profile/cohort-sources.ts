import { closestWord } from '../base/suggestion.ts';
import { COHORT_SECTIONS } from './cohorts.ts';
import type { ProfileFault } from './profile-fault.ts';
import { COHORTS_MAX, COHORT_NAME_LENGTH_MAX } from './profile-limits.ts';
import { OWN_STRENGTH, STRENGTH, type ProfileSource } from './profile-source.ts';
import { isGroup, ownGroup, type RawGroup, type RawValue } from './raw-tree.ts';

/** What the sources say of cohorts, taken apart from what they say of the run. */
export interface CohortSources {
  /** The sources without their cohorts. */
  run: ProfileSource[];
  /** What they say of each cohort alone, by its name, in the order in which names first occur. */
  cohorts: ReadonlyMap<string, ProfileSource[]>;
  faults: ProfileFault[];
}

/** Takes the group `cohorts` out of every source. */
export function splitCohorts(sources: readonly ProfileSource[]): CohortSources {
  const faults: ProfileFault[] = [];
  const cohorts = new Map<string, ProfileSource[]>();
  const named = namesInFile(sources);
  for (const source of sources) {
    if (takesBack(source, source.tree, 'cohorts')) cohorts.clear();
    for (const [name, group] of cohortGroups(source, faults)) {
      const fault = nameFault(name, named, source);
      if (fault !== null) {
        faults.push(faultAt(source, [name], 'key', fault));
      } else if (takesBack(source, source.tree['cohorts'], name)) {
        cohorts.delete(name);
      } else {
        const own = ownSource(source, name, group, faults);
        cohorts.set(name, [...(cohorts.get(name) ?? []), own]);
      }
    }
  }
  if (cohorts.size > COHORTS_MAX) {
    const message = `must hold at most ${COHORTS_MAX} cohorts, current number is ${cohorts.size}`;
    faults.push({ path: 'cohorts', message });
  }
  return { run: sources.map(withoutCohorts), cohorts, faults };
}

/** In a file an empty group is one without keys of its own; a stronger source takes back by it what weaker ones said. */
function takesBack({ strength }: ProfileSource, tree: RawValue | undefined, key: string): boolean {
  return strength > STRENGTH.file && isGroup(tree) && Object.hasOwn(tree, key) && tree[key] === null;
}

function withoutCohorts(source: ProfileSource): ProfileSource {
  const tree = ownGroup(Object.entries(source.tree).filter(([key]) => key !== 'cohorts'));
  return { ...source, tree };
}

function namesInFile(sources: readonly ProfileSource[]): string[] {
  return sources
    .filter(({ strength }) => strength === STRENGTH.file)
    .flatMap(({ tree }) => Object.keys(isGroup(tree['cohorts']) ? tree['cohorts'] : {}));
}

function cohortGroups(source: ProfileSource, faults: ProfileFault[]): [string, RawGroup][] {
  const cohorts: RawValue = Object.hasOwn(source.tree, 'cohorts') ? (source.tree['cohorts'] ?? null) : null;
  if (cohorts === null) return [];
  if (!isGroup(cohorts)) {
    faults.push(faultAt(source, [], 'value', 'must be a group of cohorts, each a name with keys under it'));
    return [];
  }
  return Object.entries(cohorts).flatMap(([name, group]): [string, RawGroup][] => {
    if (group === null) return [[name, ownGroup([])]];
    if (isGroup(group)) return [[name, group]];
    faults.push(faultAt(source, [name], 'value', `must be a group of keys: ${COHORT_SECTIONS.join(', ')}`));
    return [];
  });
}

/** A flag that names a cohort which the file has not would make one of a slip of the pen. */
function nameFault(name: string, named: readonly string[], { strength }: ProfileSource): string | null {
  if (!COHORT_NAME.test(name) || name.length > COHORT_NAME_LENGTH_MAX) {
    return (
      `must be a name of letters, digits, - and _ that begins with a letter, of at most ${COHORT_NAME_LENGTH_MAX} ` +
      `characters, current name is ${JSON.stringify(name)}`
    );
  }
  if (strength === STRENGTH.file || named.length === 0 || named.includes(name)) return null;
  const meant = closestWord(name, named);
  const hint = meant === null ? `the cohorts are ${named.join(', ')}` : `did you mean ${meant}?`;
  return `is no cohort of the profile; ${hint}`;
}

/** What a source says of one cohort, as a source of its own that weighs more than what is said of all. */
function ownSource(
  source: ProfileSource,
  name: string,
  group: RawGroup,
  faults: ProfileFault[],
): ProfileSource {
  const [own, foreign] = [true, false].map((wanted) =>
    Object.entries(group).filter(([key]) => isSection(key) === wanted),
  ) as [[string, RawValue][], [string, RawValue][]];
  for (const [key] of foreign) {
    faults.push(faultAt(source, [name, key], 'key', foreignKey(key)));
  }
  const prefix = ['cohorts', name];
  const unknownPaths = source.unknownPaths?.flatMap((path) => {
    const start = `${prefix.join('.')}.`;
    return path.startsWith(start) ? [path.slice(start.length)] : [];
  });
  return {
    strength: OWN_STRENGTH[source.strength],
    tree: ownGroup(own),
    originOf: (path, part) => source.originOf([...prefix, ...path], part),
    faults: [],
    unknownPaths: unknownPaths ?? null,
  };
}

function isSection(key: string): boolean {
  return COHORT_SECTIONS.some((section) => section === key);
}

function foreignKey(key: string): string {
  const meant = closestWord(key, COHORT_SECTIONS);
  if (meant !== null) return `is no key of a cohort; did you mean ${meant}?`;
  return `is no key of a cohort, but of the whole run if of anything; those of a cohort are ${COHORT_SECTIONS.join(', ')}`;
}

function faultAt(
  source: ProfileSource,
  path: readonly string[],
  part: 'key' | 'value',
  message: string,
): ProfileFault {
  const whole = ['cohorts', ...path];
  return { ...source.originOf(whole, part), path: whole.join('.'), message };
}

const COHORT_NAME = /^[A-Za-z][\w-]*$/;
