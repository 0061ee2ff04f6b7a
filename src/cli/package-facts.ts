import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ToolFacts } from '../store/manifest.ts';

/** Name and version of this program, as its package says. */
export function packageFacts(): ToolFacts {
  const path = fileURLToPath(new URL('../../package.json', import.meta.url));
  const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as ToolFacts;
  return { name, version };
}
