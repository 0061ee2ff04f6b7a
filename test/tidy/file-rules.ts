/** A file as it lies in the repository. */
export interface TextFile {
  /** From the repository's root, with slashes. */
  path: string;
  text: string;
}

/** Marks of unfinished work, and switches that silence a tool: in two parts, or this file would hold them itself. */
const BANNED_WORDS = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['@ts-', 'ignore'],
  ['@ts-', 'nocheck'],
  ['@ts-', 'expect-error'],
  ['eslint-', 'disable'],
  ['oxlint-', 'disable'],
  ['prettier-', 'ignore'],
  ['v8 ', 'ignore'],
  ['c8 ', 'ignore'],
  ['istanbul ', 'ignore'],
].map((parts) => parts.join(''));

/** Where test files need not mirror a file of src. */
const FREE_TEST_FOLDERS =
  /^test\/(tidy|contract|bench|e2e|fault|long|fixtures|support)\/|^test\/tidy\.test\.ts$/;

/** Lines that hold a banned word. */
export function bannedWordViolations(files: readonly TextFile[]): string[] {
  const banned = new RegExp(BANNED_WORDS.map((word) => `(?<!\\w)${word}(?!\\w)`).join('|'));
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const [word] = banned.exec(line) ?? [];
      return word === undefined ? [] : [`${path}:${index + 1}: '${word}' is not allowed`];
    }),
  );
}

/** Code files and their folders whose names are not kebab-case, and files that collect a folder's exports. */
export function nameViolations(paths: readonly string[]): string[] {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
  return paths
    .filter((path) => /^(src|test|bin)\/.*\.(ts|js)$/.test(path))
    .flatMap((path) => {
      const names = path.replace(/(\.(test|bench))?\.(ts|js)$/, '').split('/');
      const faults = names.every((name) => kebab.test(name)) ? [] : [`${path} is not named in kebab-case`];
      return names.at(-1) === 'index' ? [...faults, `${path} is a barrel: import the file itself`] : faults;
    });
}

/** Tests that stand for no file and no folder of src. */
export function mirrorViolations(paths: readonly string[]): string[] {
  return paths
    .filter((path) => path.endsWith('.test.ts') && !FREE_TEST_FOLDERS.test(path))
    .filter((path) => {
      const mirrored = path.replace(/^test\//, 'src/').replace(/\.test\.ts$/, '');
      return !paths.some((other) => other === `${mirrored}.ts` || other.startsWith(`${mirrored}/`));
    })
    .map((path) => `${path} mirrors no file or folder of src`);
}

/** Addresses of one registry in the lock file: an install elsewhere would have to reach that very host. */
export function lockFileViolations({ path, text }: TextFile): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      /"resolved":\s*"http/.test(line) ? [`${path}:${index + 1}: names the host of a package`] : [],
    );
}

interface LockedPackage {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/**
 * Dependencies of locked packages that are not locked themselves, those for other platforms included: npm leaves out
 * what the registry in use does not offer, and `npm ci` then refuses the lock file everywhere.
 */
export function unlockedDependencyViolations({ path, text }: TextFile): string[] {
  const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> };
  return Object.entries(packages).flatMap(([parent, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(packages, parent, name))
      .map((name) => `${path}: ${name}, needed by ${parent}, is not locked`),
  );
}

/** Whether `name` resolves from the folder `parent`, as Node looks for it: there, and in every folder above. */
function isLocked(packages: Record<string, LockedPackage>, parent: string, name: string): boolean {
  const levels = parent.split('/node_modules/');
  return (
    levels.some(
      (_, depth) => `${levels.slice(0, depth + 1).join('/node_modules/')}/node_modules/${name}` in packages,
    ) || `node_modules/${name}` in packages
  );
}

/** Named limits (`const SOMETHING_MAX`) of src that the table of the architecture page does not list, and its dead rows. */
export function limitViolations(files: readonly TextFile[], page: TextFile): string[] {
  const declared = files
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap(({ path, text }) =>
      Array.from(text.matchAll(/^(?:export )?const ([A-Z_]+_MAX)\b/gm), ([, name = '']) => ({ path, name })),
    );
  const listed = new Set(Array.from(page.text.matchAll(/^\| `([A-Z_]+_MAX)`/gm), ([, name = '']) => name));
  const missing = declared
    .filter(({ name }) => !listed.has(name))
    .map(({ path, name }) => `${page.path}: does not list ${name} of ${path}`);
  const names = new Set(declared.map(({ name }) => name));
  const dead = [...listed].filter((name) => !names.has(name));
  return [...missing, ...dead.map((name) => `${page.path}: lists ${name}, which does not exist`)];
}
