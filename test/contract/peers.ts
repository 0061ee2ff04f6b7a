import { rmSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import { receiveMessageOnPort, Worker, MessageChannel, type MessagePort } from 'node:worker_threads';

import type { TargetAddress } from '../../src/engine/engine.ts';

/** What a peer does with what it receives. */
export type PeerMode = 'read' | 'echo' | 'idle';

/** Where a peer listens: on a loopback address with any port, or on a path. */
export type PeerPlace = '127.0.0.1' | '::1' | { path: string };

/** A peer's side of one connection. */
export interface PeerState {
  bytes: number;
  ended: boolean;
  closed: boolean;
  error: string | null;
  servername?: string | false;
  alpnProtocol?: string | false;
  authorized?: boolean;
}

export interface ListenOptions {
  place?: PeerPlace;
  tls?: TlsOptions;
}
