import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

import { present } from '../base/assert.ts';
import { monotonicClock } from '../base/clock.ts';
import { describeSystemError, OperatingError } from '../base/errors.ts';
import { parseFrameFormat } from '../framing/frame-format.ts';
import { AcceptTurn } from './accept-turn.ts';
import { BACKLOG_DEFAULT, HANDSHAKE_MS_MAX, PENDING_REPLY_BYTES_MAX } from './limits.ts';
import { formatListenAddress, listen, type ListenAddress } from './listen.ts';
import { TargetConnection, type ConnectionPlan } from './target-connection.ts';
import { countAccepted, countEnded, newTargetCounters, type TargetCounters } from './target-counters.ts';

/** What a target serves and where. */
export interface TargetOptions extends Partial<ConnectionPlan> {
  /** @default 127.0.0.1, any free port */
  listen?: ListenAddress;
  /** @default BACKLOG_DEFAULT */
  backlog?: number;
  /** Null: plain TCP. @default null */
  tls?: TargetTls | null;
}

/** PEM texts and protocol names of a TLS target. */
export interface TargetTls {
  cert: string;
  key: string;
  /** Clients must show a certificate of this authority; null: none is asked for. */
  clientCa: string | null;
  /** Protocols offered by ALPN, best first; empty: none. */
  alpn: string[];
}

/** A target that listens. */
export interface Target {
  /** In the form that `--target` takes; the port is the real one. */
  readonly address: string;
  /** Whether only this machine can reach it. */
  readonly loopback: boolean;
  /** A copy of what was counted so far. */
  counters(): TargetCounters;
  /** Stops listening, ends every connection at once and resolves with the final counters. */
  close(): Promise<TargetCounters>;
}

const PLAN_DEFAULT: ConnectionPlan = {
  format: parseFrameFormat('u32be'),
  maxPayloadBytes: 1_048_576,
  mode: 'echo',
  sendPreface: null,
  expectPreface: null,
};

/**
 * Starts the built-in target: an echo server for every framing, with counters.
 * @default u32be frames of at most 1 MiB, echoed, on a free port of 127.0.0.1
 * @throws {OperatingError} when the address is refused or the certificate does not fit its key (ERR_TARGET)
 */
export async function startTarget(options: TargetOptions = {}): Promise<Target> {
  const server = createTargetServer(options.tls ?? null);
  const counters = newTargetCounters();
  const sockets = trackSockets(server, counters);
  serve(server, { ...PLAN_DEFAULT, ...options }, counters);
  const address = options.listen ?? { host: '127.0.0.1', port: 0 };
  await listen(server, address, options.backlog ?? BACKLOG_DEFAULT);
  server.on('error', () => counters.connections.acceptFailed++);
  return runningTarget(server, sockets, counters);
}

function createTargetServer(tls: TargetTls | null): Server {
  const socketOptions = { allowHalfOpen: true, noDelay: true, highWaterMark: PENDING_REPLY_BYTES_MAX };
  if (tls === null) return createServer(socketOptions);
  try {
    return createTlsServer({ ...socketOptions, ...tlsOptions(tls) });
  } catch (error) {
    const message = `Cannot serve TLS: the certificate, its key or the client CA is not usable (${describeSystemError(error)})`;
    throw new OperatingError('ERR_TARGET', message, { cause: error });
  }
}

function tlsOptions(tls: TargetTls): TlsOptions {
  return {
    cert: tls.cert,
    key: tls.key,
    handshakeTimeout: HANDSHAKE_MS_MAX,
    ...(tls.clientCa === null ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
    ...(tls.alpn.length === 0 ? {} : { ALPNProtocols: tls.alpn }),
  };
}

/** The connections that are open on the TCP level, those in their TLS handshake included. */
function trackSockets(server: Server, counters: TargetCounters): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    countAccepted(counters);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** Hands every connection that is ready for frames to a TargetConnection and books its end. */
function serve(server: Server, plan: ConnectionPlan, counters: TargetCounters): void {
  const turn = new AcceptTurn(monotonicClock());
  server.on('connection', () => turn.accepted());
  const accept = (socket: Socket): void => {
    const connection = new TargetConnection(socket, plan, { counters, turn });
    socket.once('close', () => countEnded(counters, connection.failed ? 'reset' : 'closed'));
  };
  // A TLS server has the event too; there it means a TCP connection whose handshake is still to come.
  const isTls = 'setSecureContext' in server;
  server.on(isTls ? 'secureConnection' : 'connection', accept);
  server.on('tlsClientError', () => countEnded(counters, 'tlsFailed'));
}

function runningTarget(server: Server, sockets: Set<Socket>, counters: TargetCounters): Target {
  const bound = present(server.address(), 'the address of a listening server');
  return {
    address: formatListenAddress(bound),
    loopback: typeof bound === 'string' || /^(127\.|::1$)/.test(bound.address),
    counters: () => structuredClone(counters),
    close() {
      const final = structuredClone(counters);
      return new Promise((resolve) => {
        server.close(() => resolve(final));
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}
