import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi, type TestContext } from 'vitest';

import type { Summary } from '../../src/store/summary.ts';
import { readDocument } from '../e2e/json-run.ts';
import type { Running } from './captured-process.ts';
import { NetworkPair, SERVER_HOST, whyNoNetworkPairs } from './network-namespaces.ts';

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
const PORT = 7007;

/** Why these tests cannot run here; null where they can. */
export const NO_PAIRS: string | null = whyNoNetworkPairs();
/** For titles: where the tests run, or why they are skipped. */
export const WHERE: string =
  NO_PAIRS === null ? 'in network namespaces' : `in network namespaces, SKIPPED: ${NO_PAIRS}`;
// The default reporter prints no titles of skipped tests.
if (NO_PAIRS !== null) process.stderr.write(`Network namespace tests are skipped: ${NO_PAIRS}\n`);

/** A target on one side of a pair and runs against it from the other, until the test ends. */
export class Stage {
  readonly pair: NetworkPair = new NetworkPair();
  readonly #out: string = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  #target: Running | null = null;
  #load: Running | null = null;

  /** Takes the test's own hook, since concurrent tests have no common one. */
  constructor({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
    onTestFinished(async () => {
      await this.pair.remove();
      rmSync(this.#out, { recursive: true, force: true });
    });
  }

  /** Starts `tidemark target ...args` on the server's side. */
  async serve(args: readonly string[] = []): Promise<void> {
    const flags = ['--host', SERVER_HOST, '--port', String(PORT), '--exit-with-parent'];
    this.#target = this.pair.start('server', [process.execPath, BIN, 'target', ...flags, ...args]);
    await this.#target.firstLine;
  }

  /** Stops the target's process without ending it (SIGSTOP): its kernel goes on, nobody reads or accepts. */
  freezeTarget(): void {
    this.#target?.child.kill('SIGSTOP');
  }

  /** Kills the target, so that it says no word of its own to anybody. */
  async killTarget(): Promise<void> {
    this.#target?.child.kill('SIGKILL');
    await this.#target?.ended;
  }

  /** The server's machine loses its memory: behind a cut path, so that not even its kernel says good-bye. */
  async rebootServer(): Promise<void> {
    this.pair.cut();
    await this.killTarget();
    this.pair.forgetConnections('server');
    await until(() => this.pair.connections('server', 'all').length === 0);
    await this.serve();
    this.pair.heal();
  }

  /** `tidemark run ...args` on the client's side with the epoll engine; its one document. */
  load(args: readonly string[]): Promise<Summary> {
    const target = ['--target', `${SERVER_HOST}:${PORT}`, '--engine', 'epoll'];
    const command = [
      process.execPath,
      BIN,
      'run',
      ...target,
      '--json',
      '--quiet',
      ...args,
      '--out',
      this.#out,
    ];
    this.#load = this.pair.start('client', command);
    const summary = this.#load.ended.then(readDocument);
    // A test that fails while the run goes on never comes to await it.
    summary.catch(() => undefined);
    return summary;
  }

  /** Waits until `count` connections of the run are established and fit `pattern` of ss's details. */
  async connected(count: number, pattern: RegExp): Promise<void> {
    await until(() => {
      if (this.#load?.child.exitCode !== null) throw new Error('The run ended before it came so far');
      return this.pair.connections('client').filter((line) => pattern.test(line)).length >= count;
    });
  }
}

/** Waits for what must come; fails when it does not come in time. */
export async function until(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: 15_000, interval: 20 });
}

/** The errors of a run without their times: outcome, errno and count. */
export function errorsOf({ errors }: Summary): { outcome: string; errno: string; count: number }[] {
  return errors.map(({ outcome, errno, count }) => ({ outcome, errno, count }));
}

/** ss tells so of a connection that has got a reply. */
export const ANSWERED: RegExp = /bytes_received:\d/;

/** Session outcomes that did occur. */
export function sessionsOf({ sessions }: Summary): Record<string, number> {
  return Object.fromEntries(Object.entries(sessions).filter(([, count]) => count > 0));
}
