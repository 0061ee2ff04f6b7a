import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { TextFile } from './file-rules.ts';
import { parseSource, type SourceFile } from './source-file.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What is made, not written: the folders of .gitignore. */
const SKIPPED = new Set(['.git', 'node_modules', 'dist', 'runs', 'coverage']);

/** Every text file of the repository. */
export function readRepository(): TextFile[] {
  return list('')
    .map((path) => ({ path, text: readFileSync(`${ROOT}${path}`, 'utf8') }))
    .filter(({ text }) => !text.includes('\0'));
}

/** The TypeScript files under `folder`, parsed. */
export function parseFolder(files: readonly TextFile[], folder: string): SourceFile[] {
  return files
    .filter(({ path }) => path.startsWith(folder) && path.endsWith('.ts'))
    .map(({ path, text }) => parseSource(path, text));
}

function list(folder: string): string[] {
  return readdirSync(`${ROOT}${folder}`, { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name))
    .flatMap((entry) => {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory()) return list(`${path}/`);
      return entry.isFile() ? [path] : [];
    });
}
