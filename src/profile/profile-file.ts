import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeSystemError, OperatingError } from '../base/errors.ts';
import { closestWord } from '../base/suggestion.ts';

/** A profile's text before it is read. */
export interface ProfileFile {
  /** What the run is called where no label is given. */
  name: string;
  /** The YAML text; null: no file, defaults and flags alone. */
  text: string | null;
  /** How faults name the file; null: by `name`. */
  file: string | null;
}

/** The folder of the profiles that come with the package. */
const BUILT_IN_PROFILES_DIR: string = fileURLToPath(new URL('../../profiles', import.meta.url));

/**
 * A profile by the name of a built-in one (`smoke`) or by the path of a file; a built-in name comes first, `./smoke`
 * is always a path.
 * @default profilesDir the package's own
 * @throws {OperatingError} when there is no such profile or it cannot be read (ERR_PROFILE_INVALID)
 */
export function findProfile(nameOrPath: string, profilesDir: string = BUILT_IN_PROFILES_DIR): ProfileFile {
  const builtIns = builtInNames(profilesDir);
  const path = builtIns.includes(nameOrPath) ? `${profilesDir}/${nameOrPath}.yaml` : nameOrPath;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    return { name: basename(path).replace(/\.ya?ml$/, ''), text, file: path };
  } catch (error) {
    const reason = `${describeSystemError(error)}; built-in profiles are ${builtIns.join(', ')}`;
    const meant = closestWord(nameOrPath, builtIns);
    const hint = meant === null ? '' : `; did you mean ${meant}?`;
    throw new OperatingError(
      'ERR_PROFILE_INVALID',
      `Cannot read the profile '${nameOrPath}': ${reason}${hint}`,
      {
        cause: error,
      },
    );
  }
}

/** Names of the profiles in a folder, sorted. */
export function builtInNames(profilesDir: string = BUILT_IN_PROFILES_DIR): string[] {
  const files = readdirSync(profilesDir).filter((file) => file.endsWith('.yaml'));
  return files.map((file) => basename(file, '.yaml')).toSorted();
}

/**
 * What each built-in profile is for, in the words of its own first sentence (`# Smoke: ten seconds that ...`).
 * @returns name and sentence without its full stop, in the order of the names; the sentence is empty where the file has none
 */
export function describeBuiltIns(
  profilesDir: string = BUILT_IN_PROFILES_DIR,
): [name: string, purpose: string][] {
  return builtInNames(profilesDir).map((name) => {
    const text = readFileSync(`${profilesDir}/${name}.yaml`, 'utf8');
    return [name, PURPOSE_LINE.exec(text)?.[1] ?? ''];
  });
}

/** The comment that opens a built-in profile: its name, a colon and one sentence on one line. */
const PURPOSE_LINE = /^# [A-Z][a-z-]*: (.+)\.$/m;
