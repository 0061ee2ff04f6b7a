import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { ENGINES } from '../support/shard-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { startTidemark } from '../support/tidemark.ts';
import { honestTarget } from './json-run.ts';

const CONNECTIONS = 30;
const LOOKS_MAX = 200;

const missing = ENGINES.find(({ engine }) => engine === 'epoll')?.missing ?? null;

test.skipIf(missing !== null)('a worker of the epoll engine keeps its sockets to itself', async () => {
  const { address } = await honestTarget();
  const load = ['-c', String(CONNECTIONS), '--think', '10ms', '-T', '3s', '--engine', 'epoll', '--quiet'];
  const run = startTidemark(['run', '--target', address, '--out', scratchDirectory(), ...load]);
  const process = `/proc/${run.child.pid}`;
  let most = 0;
  for (let look = 0; look < LOOKS_MAX && most < CONNECTIONS; look++) {
    await sleep(10);
    most = Math.max(...threads(process).map(socketsOf));
  }
  expect(most).toBeGreaterThanOrEqual(CONNECTIONS);
  expect(socketsOf(process)).toBeLessThan(CONNECTIONS);
  run.child.kill('SIGINT');
  expect((await run.ended).exitCode).toBe(105);
});

function threads(process: string): string[] {
  return readdirSync(`${process}/task`).map((thread) => `${process}/task/${thread}`);
}

/** Sockets in the table of descriptors of a process's first thread, or of any thread. */
function socketsOf(place: string): number {
  return readdirSync(`${place}/fd`).filter((fd) => kindOf(`${place}/fd/${fd}`).startsWith('socket:')).length;
}

function kindOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return 'closed in the meantime';
  }
}
