import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

import { capture, type Running } from './captured-process.ts';

/**
 * Two network namespaces joined by a link, so that a path can be cut in the middle of a run and mended again, which
 * loopback cannot show: there both ends see everything at once. Nothing in them reaches the machine's own network.
 *
 * Invariant: a pair's names hold the id of the process that made it, so that what a killed process left behind is
 * known for garbage and removed by the next one.
 */
export class NetworkPair {
  readonly #names: Readonly<Record<Side, string>>;
  readonly #children = new Set<Running['child']>();

  constructor() {
    removeAbandoned();
    const prefix = `${NAME_PREFIX}${process.pid}-${randomBytes(3).toString('hex')}`;
    this.#names = { client: `${prefix}-client`, server: `${prefix}-server` };
    try {
      this.#build();
    } catch (error) {
      this.#removeNames();
      throw error;
    }
  }

  /** Starts a command on one side; it is killed when the pair is removed, should it still run. */
  start(side: Side, command: readonly string[]): Running {
    const child = spawn('ip', ['netns', 'exec', this.#names[side], ...command], { stdio: 'pipe' });
    this.#children.add(child);
    const started = capture(child);
    const ended = started.ended.finally(() => this.#children.delete(child));
    return { ...started, ended };
  }

  /** Runs a short command on one side to its end; what it wrote to stdout. */
  run(side: Side, command: readonly string[], input: string = ''): string {
    return execute('ip', ['netns', 'exec', this.#names[side], ...command], input);
  }

  /**
   * Drops what arrives on a side, as far as `rules` of nft match it; they replace earlier ones.
   * @param rules for example `tcp flags syn drop`, one a line
   */
  filter(side: Side, rules: string): void {
    const chain = `type filter hook input priority 0; policy accept;\n${rules}`;
    const table = `table inet path {\nchain arrivals {\n${chain}\n}\n}\n`;
    this.run(side, ['nft', '-f', '-'], `${FORGET_RULES}\n${table}`);
  }

  /**
   * Drops everything that arrives on either side. Arrivals and not departures, since a sender is told of what its own
   * kernel drops on its way out. Neighbours go on answering each other, so that the link itself seems well.
   */
  cut(): void {
    this.filter('server', 'drop');
    this.filter('client', 'drop');
  }

  /** Takes back what `cut` and `filter` did. */
  heal(): void {
    for (const side of SIDES) this.run(side, ['nft', '-f', '-'], FORGET_RULES);
  }

  /** Sets a kernel parameter of one side, for example `tcp_retries2`, which is each namespace's own. */
  setTcpParameter(side: Side, name: string, value: number): void {
    this.run(side, ['tee', `/proc/sys/net/ipv4/${name}`], String(value));
  }

  /** Makes a side's kernel forget every connection to the other. The other learns of it only if the path is whole. */
  forgetConnections(side: Side): void {
    this.run(side, ['ss', '-K', 'dst', side === 'server' ? CLIENT_HOST : SERVER_HOST]);
  }

  /** One line for each TCP connection of a side with the other, with what the kernel tells of it. */
  connections(side: Side, state: string = 'established'): string[] {
    const peer = side === 'server' ? CLIENT_HOST : SERVER_HOST;
    return this.run(side, ['ss', '-HtinO', 'state', state, 'dst', peer])
      .split('\n')
      .filter((line) => line !== '');
  }

  /** Ends the commands, waits for them, and removes the namespaces with all that is in them. */
  async remove(): Promise<void> {
    const children = [...this.#children];
    const gone = children.map((child) => once(child, 'close'));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(gone);
    this.#removeNames();
  }

  #build(): void {
    const { client, server } = this.#names;
    execute('ip', ['netns', 'add', client]);
    execute('ip', ['netns', 'add', server]);
    const peer = ['peer', 'name', LINK, 'netns', server];
    execute('ip', ['link', 'add', LINK, 'netns', client, 'type', 'veth', ...peer]);
    for (const side of SIDES) {
      const host = side === 'client' ? CLIENT_HOST : SERVER_HOST;
      execute('ip', ['-n', this.#names[side], 'address', 'add', `${host}/24`, 'dev', LINK]);
      execute('ip', ['-n', this.#names[side], 'link', 'set', LINK, 'up']);
      execute('ip', ['-n', this.#names[side], 'link', 'set', 'lo', 'up']);
    }
  }

  #removeNames(): void {
    for (const side of SIDES) if (existsSync(nameFile(this.#names[side]))) removeName(this.#names[side]);
  }
}

export type Side = 'client' | 'server';

/** Addresses of the two sides; they exist inside of the namespaces only. */
const CLIENT_HOST = '10.77.0.1';
export const SERVER_HOST = '10.77.0.2';
/** The name of the link on both sides. */
export const LINK = 'link0';

/** Why no pair can be made here; null where one can. Tests say it in their titles. */
export function whyNoNetworkPairs(): string | null {
  let pair: NetworkPair | null = null;
  try {
    pair = new NetworkPair();
    for (const tool of TOOLS) pair.run('client', tool);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return reason.trim().replaceAll(/\s+/g, ' ');
  } finally {
    void pair?.remove();
  }
}

/** What is needed beside `ip`, in its most harmless use. */
const TOOLS: readonly (readonly string[])[] = [
  ['nft', 'list', 'ruleset'],
  ['ss', '-Htn'],
];
const SIDES: readonly Side[] = ['client', 'server'];
const NAME_PREFIX = 'tidemark-test-';
/** Deleting a table that is not there is an error; declaring it first makes it be there. */
const FORGET_RULES = 'table inet path\ndelete table inet path';

function execute(program: string, args: readonly string[], input: string = ''): string {
  return execFileSync(program, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Where `ip netns` keeps a name. Source: ip-netns(8). */
function nameFile(name: string): string {
  return `/run/netns/${name}`;
}

function removeName(name: string): void {
  execute('ip', ['netns', 'delete', name]);
}

/** Removes the namespaces of processes that are gone. Two processes may find the same ones at the same time. */
function removeAbandoned(): void {
  const names = execute('ip', ['netns', 'list']).match(/^tidemark-test-\d+-\S+/gm) ?? [];
  for (const name of names) {
    const processId = name.slice(NAME_PREFIX.length).split('-')[0];
    if (existsSync(`/proc/${processId}`)) continue;
    try {
      removeName(name);
    } catch (error) {
      if (existsSync(nameFile(name))) throw error;
    }
  }
}
