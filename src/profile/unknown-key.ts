import { closestWord } from '../base/suggestion.ts';
import { FLAGS } from './flags.ts';
import { PROFILE_PATHS, isProfilePath } from './profile-keys.ts';

/**
 * What the user may have meant by a key that does not exist: the path of a key or of a group, or null. A neighbour
 * that is spelt alike comes first, then the key of that name wherever it belongs, since flags and other tools know
 * `rate` or `connect-timeout` without their groups.
 */
export function suggestPath(path: readonly string[]): string | null {
  const word = path.at(-1) ?? '';
  const parents = path.slice(0, -1);
  if (isProfilePath(word) || isProfilePath(path.join('.'))) return word;
  const sibling = closestWord(word, childrenOf(parents));
  return sibling === null ? placeElsewhere(word) : [...parents, sibling].join('.');
}

/** The sentence for a key that does not exist. */
export function describeUnknownKey(path: readonly string[]): string {
  const meant = suggestPath(path);
  if (meant === null)
    return `is no key of a profile; the keys here are ${childrenOf(path.slice(0, -1)).join(', ')}`;
  if (meant === path.at(-1) && meant.includes('.')) {
    const [group, name] = meant.split('.');
    return `must be nested: write ${name} under ${group}`;
  }
  return `is no key of a profile; did you mean ${meant}?`;
}

/** Names of the keys and groups right under `parents`; those of the top where the parents are unknown themselves. */
function childrenOf(parents: readonly string[]): string[] {
  const prefix = parents.map((parent) => `${parent}.`).join('');
  const below = PROFILE_PATHS.filter((path) => path.startsWith(prefix));
  const names = below.map((path) => path.slice(prefix.length).split('.')[0] ?? '');
  // Cohorts repeat the other keys and are none of the table.
  if (parents.length === 0) names.push('cohorts');
  return [...new Set(names)];
}

function placeElsewhere(word: string): string | null {
  const name = word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-');
  const flag = FLAGS.find((candidate) => candidate.name === name);
  return flag?.path ?? PROFILE_PATHS.find((path) => path.endsWith(`.${word}`)) ?? null;
}
