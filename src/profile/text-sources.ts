import { assert } from '../base/assert.ts';
import { closestWord } from '../base/suggestion.ts';
import { FLAGS, flagAttribute, flagVariable, type Flag } from './flags.ts';
import { STRENGTH, type ProfileSource, type Strength } from './profile-source.ts';
import { isGroup, ownGroup, rawAt, type RawValue } from './raw-tree.ts';

/** Variables of an environment, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The sources that an environment holds. An empty variable counts as not set. A variable that looks like a misspelt
 * one of ours is a fault; others of the prefix belong to somebody else (a cluster sets `TIDEMARK_SERVICE_HOST` for a
 * service of that name) and are left alone.
 */
export function environmentSources(environment: Environment): ProfileSource[] {
  const byName = new Map(FLAGS.map((flag) => [flagVariable(flag), flag]));
  return Object.entries(environment).flatMap(([name, text]) => {
    if (!name.startsWith('TIDEMARK_') || text === undefined || text === '') return [];
    const flag = byName.get(name);
    if (flag !== undefined) return [textSource(STRENGTH.environment, name, flag.path, text)];
    const meant = closestVariable(name, byName.keys());
    const path = byName.get(meant ?? '')?.path;
    if (path === undefined) return [];
    return [faultySource(name, `is no variable of Tidemark; did you mean ${meant}?`, path)];
  });
}

/** The prefix is part of every name, so only what follows it is compared. */
function closestVariable(name: string, known: Iterable<string>): string | null {
  const tail = (text: string): string => text.slice('TIDEMARK_'.length);
  const isShort = tail(name).length < 6;
  const meant = isShort ? null : closestWord(tail(name), Array.from(known, tail));
  return meant === null ? null : `TIDEMARK_${meant}`;
}

/**
 * The sources that flags hold.
 * @param flags what commander's `opts()` gives; options that set no key of a profile are left alone
 */
export function flagSources(flags: Readonly<Record<string, unknown>>): ProfileSource[] {
  assert(
    Object.keys(flags).every((name) => !name.includes('-')),
    'flags are named as commander names them, for example connectTimeout',
  );
  return FLAGS.flatMap((flag) => {
    const given = flags[flagAttribute(flag)];
    if (given === undefined) return [];
    return [textSource(STRENGTH.flags, `--${flag.name}`, flag.path, flagValue(flag, given))];
  });
}

/** Text; the list of its texts where a flag may be repeated. */
function flagValue(flag: Flag, given: unknown): RawValue {
  if (flag.repeatable && Array.isArray(given)) return given.map(String);
  const text = typeof given === 'boolean' ? String(given) : given;
  assert(typeof text === 'string', `the value of --${flag.name} is text or a switch`);
  return text;
}

/** The sources that `--set path=value` flags hold. The value `null` takes back what a weaker source gave. */
export function setSources(sets: readonly string[]): ProfileSource[] {
  return sets.map((set) => {
    const separator = set.indexOf('=');
    const path = separator < 0 ? set : set.slice(0, separator);
    const name = `--set ${path}`;
    if (separator < 1) return faultySource(name, 'must read path=value, for example load.think=10ms', path);
    const text = set.slice(separator + 1);
    return textSource(STRENGTH.flags, name, path, text === 'null' ? null : text);
  });
}

function textSource(strength: Strength, source: string, path: string, value: RawValue): ProfileSource {
  const tree = rawAt(path.split('.'), value);
  return {
    strength,
    tree: isGroup(tree) ? tree : ownGroup([]),
    originOf: () => ({ source }),
    faults: [],
    unknownPaths: [],
  };
}

function faultySource(source: string, message: string, path: string): ProfileSource {
  return {
    strength: STRENGTH.flags,
    tree: ownGroup([]),
    originOf: () => ({ source }),
    faults: [{ source, path, message }],
    unknownPaths: [path],
  };
}
