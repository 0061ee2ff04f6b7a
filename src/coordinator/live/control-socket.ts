import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { describeSystemError } from '../../base/errors.ts';
import { controlPath, type ControlPath } from '../../store/control-path.ts';
import { RUN_FILES } from '../../store/run-files.ts';

/** Answers one line of a client with one object. */
export type LineHandler = (line: string) => object;

/**
 * The unix socket in a run's directory through which a run is steered, for its owner alone: lines in, a line of JSON
 * out for each. A client that says too much, or nothing for too long, is sent away and costs the run nothing.
 */
export class ControlSocket {
  readonly #directory: string;
  readonly #answer: LineHandler;
  readonly #clients = new Set<Socket>();
  #server: Server | null = null;
  #path: ControlPath | null = null;
  /** Why nobody can steer the run; null where somebody can. A run goes on without. */
  fault: string | null = null;

  constructor(directory: string, answer: LineHandler) {
    this.#directory = directory;
    this.#answer = answer;
  }

  /** Listens; resolves when clients can come, or cannot (`fault`). */
  async open(): Promise<void> {
    try {
      this.#path = controlPath(this.#directory);
      await this.#listen(this.#path.path);
    } catch (error) {
      this.fault = describeSystemError(error);
      this.#release();
    }
  }

  /** Sends clients away and removes the socket. Harmless when it is closed. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const client of this.#clients) client.destroy();
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
    this.#release();
    rmSync(join(this.#directory, RUN_FILES.control), { force: true });
  }

  #listen(path: string): Promise<void> {
    const server = createServer((client) => this.#serve(client));
    server.maxConnections = CLIENTS_MAX;
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject).once('listening', resolve);
      // The socket is made within the call, so that at no time another user could open it.
      const usual = process.umask(0o177);
      try {
        server.listen(path);
      } finally {
        process.umask(usual);
      }
    });
  }

  #serve(client: Socket): void {
    let pending = '';
    this.#clients.add(client);
    client.setEncoding('utf8').setTimeout(SILENCE_MS_MAX, () => client.destroy());
    client.on('close', () => this.#clients.delete(client));
    client.on('error', () => client.destroy());
    client.on('data', (text: string) => {
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) this.#reply(client, line);
      if (pending.length > LINE_LENGTH_MAX) this.#dismiss(client);
    });
  }

  #reply(client: Socket, line: string): void {
    if (!client.writable) return;
    if (line.length > LINE_LENGTH_MAX) return this.#dismiss(client);
    client.write(`${JSON.stringify(this.#answer(line))}\n`);
    // A client that asks and never reads does not make the run hold its answers.
    if (client.writableLength > UNREAD_BYTES_MAX) client.destroy();
  }

  #dismiss(client: Socket): void {
    if (!client.writable) return;
    const effect = `a command has at most ${LINE_LENGTH_MAX} characters`;
    client.end(`${JSON.stringify({ ok: false, effect })}\n`);
    client.pause();
  }

  #release(): void {
    this.#path?.release();
    this.#path = null;
  }
}

/** Clients at one time; further ones are sent away. */
const CLIENTS_MAX = 16;
/** Characters of a command, its line's end not counted. */
const LINE_LENGTH_MAX = 1000;
/** How long a client may say nothing. */
const SILENCE_MS_MAX = 30_000;
/** Bytes of answers that a client may leave unread. */
const UNREAD_BYTES_MAX = 65_536;
