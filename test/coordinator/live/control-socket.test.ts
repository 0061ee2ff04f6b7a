import { once } from 'node:events';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ControlSocket } from '../../../src/coordinator/live/control-socket.ts';
import { controlPath } from '../../../src/store/control-path.ts';
import { scratchDirectory } from '../../support/scratch-directory.ts';

/** A control socket that answers each line with the line itself. */
async function opened(directory: string): Promise<ControlSocket> {
  const socket = new ControlSocket(directory, (line) => ({ line }));
  await socket.open();
  onTestFinished(() => socket.close());
  return socket;
}

async function client(directory: string): Promise<Socket> {
  const path = controlPath(directory);
  const socket = connect(path.path).setEncoding('utf8');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  path.release();
  return socket;
}

/** Resolves when the connection is over, in order or not. */
function ended(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.on('error', () => undefined).on('close', () => resolve('gone')));
}

/** What the client hears until `lines` answers or its end have come. */
async function heard(socket: Socket, lines: number): Promise<string[]> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.split('\n').length > lines) break;
  }
  return text.split('\n').slice(0, -1);
}

describe('ControlSocket', () => {
  test('is there for its owner alone, and is gone when it is closed', async () => {
    const directory = scratchDirectory();
    const socket = await opened(directory);
    const path = join(directory, 'control.sock');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await socket.close();
    expect(existsSync(path)).toBe(false);
  });

  test('answers each line, however the lines are cut, to each of several clients', async () => {
    const directory = scratchDirectory();
    await opened(directory);
    const [first, second] = [await client(directory), await client(directory)];
    first.write('a\nb');
    second.write('x\n');
    expect(await heard(second, 1)).toEqual(['{"line":"x"}']);
    first.write('c\n');
    expect(await heard(first, 2)).toEqual(['{"line":"a"}', '{"line":"bc"}']);
  });

  test('works in a directory whose path does not fit into the address of a socket', async () => {
    const directory = join(scratchDirectory(), 'd'.repeat(100), 'e'.repeat(100));
    mkdirSync(directory, { recursive: true });
    const socket = await opened(directory);
    expect(socket.fault).toBeNull();
    expect(existsSync(join(directory, 'control.sock'))).toBe(true);
    const asking = await client(directory);
    asking.write('far\n');
    expect(await heard(asking, 1)).toEqual(['{"line":"far"}']);
    await socket.close();
    expect(existsSync(join(directory, 'control.sock'))).toBe(false);
  });

  test('sends a client away that says a line without end, or garbage of that length', async () => {
    const directory = scratchDirectory();
    await opened(directory);
    for (const flood of ['x'.repeat(100_000), `${'y'.repeat(5000)}\n`]) {
      const talker = await client(directory);
      talker.on('error', () => undefined);
      talker.write(flood);
      const answers = await heard(talker, 1).catch(() => []);
      // The end may overtake the answer, since what was sent lies unread.
      for (const answer of answers) expect(answer).toContain('at most 1000 characters');
      if (!talker.destroyed) await once(talker, 'close');
    }
    const polite = await client(directory);
    polite.write('still here\n');
    expect(await heard(polite, 1)).toEqual(['{"line":"still here"}']);
  });

  test('is closed although clients hang on to it', async () => {
    const directory = scratchDirectory();
    const socket = await opened(directory);
    const silent = await client(directory);
    const greedy = await client(directory);
    greedy.pause().write('question\n'.repeat(500));
    const ends = [silent, greedy].map(ended);
    await socket.close();
    for (const hanging of [silent.resume(), greedy.resume()]) hanging.on('data', () => undefined);
    expect(await Promise.all(ends)).toEqual(['gone', 'gone']);
  });

  test('says why it cannot be opened, and its run goes on', async () => {
    const directory = scratchDirectory();
    const first = await opened(directory);
    const second = await opened(directory);
    expect(first.fault).toBeNull();
    expect(second.fault).toBe('EADDRINUSE from listen');
    const nowhere = await opened(join(directory, 'nothing'));
    expect(nowhere.fault).toMatch(/^(ENOENT|EACCES) from listen$/);
  });
});
