import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EngineCapabilities, EngineEvents, EngineOptions } from '../../src/engine/engine.ts';
import { EngineStage, type CreateEngine, type Script, type Waiting } from './engine-stage.ts';
import { Peers, type PeerServer, type PeerState } from './peers.ts';

/** All that an engine gives to be tested. */
export interface ContractHarness {
  create: CreateEngine;
  /** Whether all sends may be put off, to be made together. @default false */
  together?: boolean;
}

/** What the contract's tests share: the engine's maker, its capabilities, the peers and a place for sockets. */
export class ContractScene {
  readonly capabilities: EngineCapabilities;
  readonly #create: CreateEngine;
  readonly #together: boolean;
  #peers: Peers | null = null;
  #directory: string = '';

  constructor(harness: ContractHarness) {
    this.#create = harness.create;
    this.#together = harness.together ?? false;
    this.capabilities = harness.create({ slots: 1, outboxBytes: 64 }, NO_EVENTS).capabilities;
  }

  get peers(): Peers {
    if (this.#peers === null) throw new Error('The scene is not open');
    return this.#peers;
  }

  open(): void {
    this.#peers = new Peers();
    this.#directory = mkdtempSync(join(tmpdir(), 'tidemark-contract-'));
  }

  reset(): void {
    this.peers.reset();
  }

  async close(): Promise<void> {
    await this.peers.close();
    rmSync(this.#directory, { recursive: true });
  }

  /** A path for a socket. */
  path(name: string): string {
    return join(this.#directory, name);
  }

  /** An engine with its recorder, not yet running. */
  stage(options: Partial<EngineOptions> = {}): EngineStage {
    return new EngineStage(this.#create, {
      slots: 4,
      outboxBytes: 65_536,
      together: this.#together,
      ...options,
    });
  }

  /** Plays a script on an engine of its own. */
  play(script: (stage: EngineStage) => Script, options: Partial<EngineOptions> = {}): Promise<void> {
    return this.stage(options).play(script);
  }
}

/** To be yielded: waits until the server's connection `index` is accepted and looks as it should. */
export function untilPeer(
  server: PeerServer,
  what: string,
  looks: (state: PeerState) => boolean,
  index: number = 0,
): Waiting {
  const holds = (): boolean => {
    const state = server.state(index);
    return state !== null && looks(state);
  };
  return { what: `peer ${index} that ${what}`, holds };
}

/** Dials a slot and waits until it is connected, and secured where the request has TLS. */
export function* connect(
  stage: EngineStage,
  slot: number,
  request: Parameters<EngineStage['dial']>[1],
): Script {
  stage.dial(slot, request);
  yield stage.until(slot, (request.tls ?? null) === null ? 'dialed' : 'secured');
}

/** Bytes that differ from place to place and from seed to seed, so that lost, moved or mixed ones show. */
export function pattern(bytes: number, seed: number = 0): Buffer {
  const out = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i++) out[i] = (i ^ (i >>> 8) ^ (i >>> 16)) * 31 + seed * 7;
  return out;
}

const nothing = (): void => {};
const NO_EVENTS: EngineEvents = {
  dialed: nothing,
  dialFailed: nothing,
  secured: nothing,
  received: nothing,
  ended: nothing,
  stalled: nothing,
  writable: nothing,
  closed: nothing,
  expired: nothing,
  tick: nothing,
};
