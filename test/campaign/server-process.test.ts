import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { accepts } from '../../src/campaign/dial.ts';
import { ServerProcess, type ServerCommand } from '../../src/campaign/server-process.ts';

/** What a command is to listen on, and how long it may take. */
async function place(): Promise<Omit<ServerCommand, 'command'> & { port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, address: `127.0.0.1:${port}`, readyMs: 10_000, stopMs: 300 };
}

/** A server as a command, with what else it does. */
function listening(port: number, more = ''): string {
  return `node -e "require('net').createServer().listen(${port},'127.0.0.1');${more}"`;
}

describe('ServerProcess', () => {
  test('is up when its address accepts connections, and has freed it when stopped', async () => {
    const { port, ...where } = await place();
    const server = await ServerProcess.start({ command: listening(port), ...where });
    expect(await accepts(where.address)).toBe(true);
    server.requireAlive();
    await server.stop();
    expect(await accepts(where.address)).toBe(false);
  });

  test('ends what ignores SIGTERM, and whatever the command has started beside', async () => {
    const { port, ...where } = await place();
    const stubborn = listening(port, "process.on('SIGTERM',()=>{});setInterval(()=>{},1000)");
    const server = await ServerProcess.start({ command: `sleep 100 & ${stubborn}`, ...where });
    await server.stop();
    expect(await accepts(where.address)).toBe(false);
  });

  test('says when a server has left its process group and keeps the address', async () => {
    const { port, ...where } = await place();
    const away = `setsid ${listening(port, 'setTimeout(()=>process.exit(),3000)')} & sleep 100`;
    const server = await ServerProcess.start({ command: away, ...where });
    await expect(server.stop()).rejects.toThrow(/must be free 0.3 s after it has ended/);
  });

  test('tells what a command said that ended before it listened', async () => {
    const { port, ...where } = await place();
    const command = 'echo to stdout; echo to stderr >&2; exit 7';
    await expect(ServerProcess.start({ command, ...where })).rejects.toMatchObject({
      code: 'ERR_TARGET',
      exitCode: 123,
      message: expect.stringMatching(
        new RegExp(`must listen on 127.0.0.1:${port}, and it exited with code 7. It said:\n`),
      ) as string,
    });
  });

  test('says when a server has ended under load', async () => {
    const { port, ...where } = await place();
    const brief = `node -e "require('net').createServer(()=>{console.log('gave up');process.exit(9)}).listen(${port},'127.0.0.1')"`;
    // Looking whether it listens is the first connection, and its last.
    const server = await ServerProcess.start({ command: brief, ...where }).catch((error: unknown) => error);
    if (!(server instanceof ServerProcess)) {
      expect(String(server)).toContain('gave up');
      return;
    }
    onTestFinished(() => server.stop());
    await expect
      .poll(() => attempt(() => server.requireAlive()))
      .toMatch(/it exited with code 9 while it was under load/);
  });

  test('refuses to start where something listens already', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const where = { address: `127.0.0.1:${port}`, readyMs: 100, stopMs: 100 };
    await expect(ServerProcess.start({ command: 'sleep 9', ...where })).rejects.toThrow(
      /must be free before it starts/,
    );
  });
});

function attempt(work: () => void): string {
  try {
    work();
    return '';
  } catch (error) {
    return String(error);
  }
}
