import { createServer } from 'node:net';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { runTidemark, startTidemark } from './tidemark.ts';

/** A built-in target in a process of its own, gone when the test ends. */
export async function builtInTarget(...faults: string[]): Promise<string> {
  const running = startTidemark(['target', '--port', '0', ...faults.flatMap((fault) => ['--fault', fault])]);
  onTestFinished(async () => {
    running.child.kill('SIGTERM');
    await running.ended;
  });
  return (await running.firstLine).replace('listening on ', '');
}

/** A port of loopback that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Runs `tidemark compare` with its runs below `out`. */
export function compare(out: string, ...args: string[]): ReturnType<typeof runTidemark> {
  return runTidemark(['compare', '--out', out, ...args]);
}
