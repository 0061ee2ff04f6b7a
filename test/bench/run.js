/**
 * Runs every `*.bench.js` of this folder, one after the other and each in a process of its own, so that none runs on
 * code that another one has tuned. Names given as arguments choose: `npm run bench -- decoder`.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const chosen = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.js'))
  .filter((file) => chosen.length === 0 || chosen.some((name) => file.startsWith(name)))
  .toSorted();

for (const file of files) {
  console.log(file);
  const { status } = spawnSync(process.execPath, [join(folder, file)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
