import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { describeSystemError, OperatingError } from '../base/errors.ts';
import { EXIT } from '../base/exit-codes.ts';
import { accepts } from './dial.ts';

/** A server that a command starts, and how long it may take. */
export interface ServerCommand {
  /** As a shell takes it. */
  command: string;
  /** Where it listens, as `--target` takes it. */
  address: string;
  readyMs: number;
  /** From SIGTERM to SIGKILL, and from its end until its address is free. */
  stopMs: number;
}

/**
 * A server of the user's, in a process group of its own: an interrupt from the terminal reaches the run first, whose drain
 * finds the server alive, and stopping ends whatever the command has started.
 */
export class ServerProcess {
  readonly #server: ServerCommand;
  readonly #child: ChildProcess;
  #said: string = '';
  #ending: string | null = null;
  readonly #killAtExit = (): void => void this.#signal('SIGKILL');

  /**
   * Starts the command and waits until its address accepts connections.
   * @throws {OperatingError} when something listens there already, or the command ends or does not come up in time, with what it
   * said (ERR_TARGET)
   */
  static async start(server: ServerCommand): Promise<ServerProcess> {
    if (await accepts(server.address)) {
      throw serverError(
        server,
        `${server.address} must be free before it starts, and something listens there already, perhaps a server of ` +
          'before; stop it, or name its address instead of a command',
      );
    }
    const process = new ServerProcess(server);
    try {
      await process.#ready();
    } catch (error) {
      await process.#end();
      throw error;
    }
    return process;
  }

  private constructor(server: ServerCommand) {
    this.#server = server;
    this.#child = spawn('/bin/sh', ['-c', server.command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-SERVER_SAID_LENGTH_MAX);
      });
    }
    this.#child.once('exit', (code, signal) => {
      this.#ending = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
    });
    this.#child.once(
      'error',
      (error) => (this.#ending = `could not be started (${describeSystemError(error)})`),
    );
    process.once('exit', this.#killAtExit);
  }

  /**
   * That the server still runs.
   * @throws {OperatingError} when it has ended, with what it said (ERR_TARGET)
   */
  requireAlive(): void {
    if (this.#ending !== null) throw this.#error(`it ${this.#ending} while it was under load`);
  }

  /**
   * Ends the server and all it has started, and waits until its address is free again.
   * @throws {OperatingError} when something still listens there (ERR_TARGET)
   */
  async stop(): Promise<void> {
    await this.#end();
    const deadlineMs = performance.now() + this.#server.stopMs;
    while (await accepts(this.#server.address)) {
      if (performance.now() > deadlineMs) {
        throw this.#error(
          `${this.#server.address} must be free ${this.#server.stopMs / 1000} s after it has ended (--stop-timeout), and ` +
            'something still listens there; a command must not leave its process group (setsid, daemons)',
        );
      }
      await pause(LOOK_MS);
    }
  }

  async #ready(): Promise<void> {
    const { address, readyMs } = this.#server;
    const deadlineMs = performance.now() + readyMs;
    while (!(await accepts(address))) {
      if (this.#ending !== null) throw this.#error(`it must listen on ${address}, and it ${this.#ending}`);
      if (performance.now() > deadlineMs) {
        throw this.#error(
          `it must listen on ${address} within ${readyMs / 1000} s (--ready-timeout), and nothing does`,
        );
      }
      await pause(LOOK_MS);
    }
    if (this.#ending !== null)
      throw this.#error(`it ${this.#ending}, and something else listens on ${address}`);
  }

  async #end(): Promise<void> {
    this.#signal('SIGTERM');
    const deadlineMs = performance.now() + this.#server.stopMs;
    while (this.#isThere()) {
      if (performance.now() > deadlineMs) this.#signal('SIGKILL');
      await pause(LOOK_MS);
    }
    process.off('exit', this.#killAtExit);
  }

  /** Whether any process of the group is left. A zombie counts until Node has reaped it, which it does at once. */
  #isThere(): boolean {
    return this.#signal(0);
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  }

  #error(reason: string): OperatingError {
    const said = this.#said.trim();
    return serverError(this.#server, reason, said === '' ? 'It said nothing' : `It said:\n${said}`);
  }
}

function serverError({ command }: ServerCommand, reason: string, said?: string): OperatingError {
  return new OperatingError(
    'ERR_TARGET',
    `Cannot load the server \`${command}\`: ${reason}${said === undefined ? '' : `. ${said}`}`,
    { exitCode: EXIT.noConnection },
  );
}

/** How often it is looked whether a server has come up, or gone. */
const LOOK_MS = 25;
/** So much of a server's last words is kept. */
const SERVER_SAID_LENGTH_MAX = 2000;
