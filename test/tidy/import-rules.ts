import { posix } from 'node:path';

import { isNode, type SourceFile, type SyntaxNode } from './source-file.ts';

/** What each folder of src may know: a file imports its own folder or a strictly lower floor. */
const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  schedule: 1,
  framing: 1,
  measure: 1,
  host: 1,
  profile: 2,
  engine: 2,
  session: 3,
  store: 3,
  target: 3,
  shard: 4,
  coordinator: 5,
  analysis: 5,
  doctor: 5,
  campaign: 6,
  report: 6,
  cli: 7,
};

/** The files where a process, a thread or a build step begins. */
const ENTRIES = ['src/cli/main.ts', 'src/shard/worker.ts', 'src/profile/json-schema-main.ts'] as const;

/** Imports of a folder on the same or a higher floor, and files that stand on no floor. */
export function floorViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const folder = folderOf(file.path);
    const floor = FLOORS[folder];
    if (floor === undefined) return [`${file.path} is in no folder that has a floor`];
    return relativeImports(file)
      .filter((path) => folderOf(path) !== folder && !((FLOORS[folderOf(path)] ?? Infinity) < floor))
      .map(
        (path) => `${file.path} (floor ${floor}) imports ${path} (floor ${FLOORS[folderOf(path)] ?? 'none'})`,
      );
  });
}

/** Relative imports without the extension of a source file. */
export function extensionViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    specifiers(file)
      .filter((specifier) => specifier.startsWith('.') && !/\.(ts|js|json)$/.test(specifier))
      .map((specifier) => `${file.path} imports '${specifier}' without an extension`),
  );
}

/** Each import cycle once, as the chain of its files. Type imports count: a cycle of types is one all the same. */
export function cycleViolations(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, relativeImports(file)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, chain: string[]): void => {
    const at = chain.indexOf(path);
    if (at >= 0) cycles.push([...chain.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...chain, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return cycles;
}

/** Files that no entry reaches, and entries that are missing. */
export function deadFileViolations(
  files: readonly SourceFile[],
  entries: readonly string[] = ENTRIES,
): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const visit = (path: string): void => {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) return;
    reached.add(path);
    relativeImports(file).forEach(visit);
  };
  entries.forEach(visit);
  return [
    ...entries
      .filter((entry) => !byPath.has(entry))
      .map((entry) => `${entry} is an entry and does not exist`),
    ...[...byPath.keys()]
      .filter((path) => !reached.has(path))
      .map((path) => `${path} is reached by no entry`),
  ];
}

/** The second part of `src/folder/...`; empty for a file directly in src. */
function folderOf(path: string): string {
  const parts = path.split('/');
  return parts[0] === 'src' && parts.length > 2 ? (parts[1] ?? '') : '';
}

/** The files that `file` imports, as paths from the repository's root. */
function relativeImports(file: SourceFile): string[] {
  return specifiers(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(file.path), specifier));
}

const IMPORTING = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

/** What stands in the quotes of every import, re-export, `import()` and `import('...')` type. */
function specifiers(file: SourceFile): string[] {
  return file.nodes.filter((node) => IMPORTING.has(node.type)).flatMap(specifierOf);
}

function specifierOf(node: SyntaxNode): string[] {
  const { source } = node;
  return isNode(source) && typeof source['value'] === 'string' ? [source['value']] : [];
}
