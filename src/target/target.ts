import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

import { present } from '../base/assert.ts';
import { monotonicClock } from '../base/clock.ts';
import { describeSystemError, OperatingError } from '../base/errors.ts';
import { parseFrameFormat } from '../framing/frame-format.ts';
import { FaultDriver } from './fault/fault-driver.ts';
import { needsLibc, unmetNeeds } from './fault/fault-needs.ts';
import type { FaultSpec } from './fault/fault.ts';
import { loadKernelCalls, type KernelCalls } from './fault/kernel-calls.ts';
import { RawListener } from './fault/raw-listener.ts';
import { BACKLOG_DEFAULT, HANDSHAKE_MS_MAX } from './limits.ts';
import { formatListenAddress, listen, listenError, refuseLongPath, type ListenAddress } from './listen.ts';
import { Reception, socketOptions } from './reception.ts';
import type { ConnectionPlan } from './target-connection.ts';
import { newTargetCounters, type TargetCounters, type TargetTruth } from './target-counters.ts';

/** What a target serves and where. */
export interface TargetOptions extends Partial<ConnectionPlan> {
  /** @default 127.0.0.1, any free port */
  listen?: ListenAddress;
  /** @default BACKLOG_DEFAULT */
  backlog?: number;
  /** Null: plain TCP. @default null */
  tls?: TargetTls | null;
  /** What the target does wrong. @default nothing */
  faults?: readonly FaultSpec[];
  /** Decides which connections and frames faults are laid on. @default 1 */
  seed?: number;
}

/** PEM texts and protocol names of a TLS target. */
export interface TargetTls {
  cert: string;
  key: string;
  /** Clients must show a certificate of this authority; null: none is asked for. */
  clientCa: string | null;
  /** Protocols offered by ALPN, best first; empty: none. */
  alpn: string[];
  /** How long a client may take for its handshake. @default HANDSHAKE_MS_MAX */
  handshakeMsMax?: number;
}

/** A target that listens. */
export interface Target {
  /** In the form that `--target` takes; the port is the real one. */
  readonly address: string;
  /** Whether only this machine can reach it. */
  readonly loopback: boolean;
  /** A copy of what was counted so far. */
  counters(): TargetCounters;
  /** Stops listening, ends every connection at once and resolves with the final counts. */
  close(): Promise<TargetTruth>;
}

const PLAN_DEFAULT: ConnectionPlan = {
  format: parseFrameFormat('u32be'),
  maxPayloadBytes: 1_048_576,
  mode: 'echo',
  sendPreface: null,
  expectPreface: null,
};

/**
 * Starts the built-in target: an echo server for every framing, with counters, and with faults where they are asked for.
 * @default u32be frames of at most 1 MiB, echoed, on a free port of 127.0.0.1
 * @throws {OperatingError} when the address is refused, the certificate does not fit its key or a fault makes no sense
 *   here (ERR_TARGET)
 */
export async function startTarget(options: TargetOptions = {}): Promise<Target> {
  const faults = options.faults ?? [];
  const plan = { ...PLAN_DEFAULT, ...options };
  const calls = await checkFaults(faults, plan);
  const server = createTargetServer(options.tls ?? null);
  const counters = newTargetCounters();
  const clock = monotonicClock();
  const driver = faults.length === 0 ? null : new FaultDriver(faults, plan, { clock, seed: plan.seed ?? 1 });
  const reception = new Reception(server, plan, counters, driver);
  const address = options.listen ?? { host: '127.0.0.1', port: 0 };
  const backlog = options.backlog ?? BACKLOG_DEFAULT;
  const listener =
    calls === null || driver === null
      ? await listenByNode(server, { address, backlog }, counters)
      : await listenByLibc({ address, backlog }, { calls, driver, reception });
  driver?.begin(reception);
  listener.start();
  return runningTarget(listener, { reception, counters, driver });
}

/**
 * KernelCalls where a fault needs it; null where none does.
 * @throws {OperatingError} listing every fault that makes no sense on this target (ERR_TARGET)
 */
async function checkFaults(
  faults: readonly FaultSpec[],
  plan: ConnectionPlan & TargetOptions,
): Promise<KernelCalls | null> {
  const calls = needsLibc(faults) ? loadKernelCalls() : null;
  const unmet = unmetNeeds(faults, {
    ...plan,
    tls: plan.tls !== undefined && plan.tls !== null,
    unixSocket: plan.listen !== undefined && 'path' in plan.listen,
    libcObstacle: typeof calls === 'string' ? calls : null,
  });
  if (unmet.length > 0) throw new OperatingError('ERR_TARGET', unmet.join('\n'));
  return typeof calls === 'string' ? null : calls;
}

/** Something that accepts connections. */
interface Listener {
  address: AddressInfo | string;
  /** Accepts from now on, where that has not begun with listening. */
  start(): void;
  /** Connections that the kernel has and nobody has accepted. */
  waiting(): number | null;
  close(): Promise<void>;
}

interface ListenPlan {
  address: ListenAddress;
  backlog: number;
}

async function listenByNode(
  server: Server,
  { address, backlog }: ListenPlan,
  counters: TargetCounters,
): Promise<Listener> {
  await listen(server, address, backlog);
  server.on('error', () => counters.connections.acceptFailed++);
  return {
    address: present(server.address(), 'the address of a listening server'),
    start: () => undefined,
    waiting: () => 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function listenByLibc(
  { address, backlog }: ListenPlan,
  { calls, driver, reception }: { calls: KernelCalls; driver: FaultDriver; reception: Reception },
): Promise<Listener> {
  if ('path' in address) refuseLongPath(address.path);
  const { scheduler, acceptRules: rules } = driver;
  try {
    const options = { calls, clock: monotonicClock(), scheduler, rules };
    const listener = await RawListener.open(address, backlog, options);
    return {
      address: listener.address,
      start: () => listener.start(reception.rawAcceptor(calls)),
      waiting: () => listener.waiting(),
      close: () => listener.close(),
    };
  } catch (error) {
    throw listenError(address, error as Error);
  }
}

function createTargetServer(tls: TargetTls | null): Server {
  if (tls === null) return createServer(socketOptions(false));
  try {
    return createTlsServer({ ...socketOptions(true), ...tlsOptions(tls) });
  } catch (error) {
    const message = `Cannot serve TLS: the certificate, its key or the client CA is not usable (${describeSystemError(error)})`;
    throw new OperatingError('ERR_TARGET', message, { cause: error });
  }
}

function tlsOptions(tls: TargetTls): TlsOptions {
  return {
    cert: tls.cert,
    key: tls.key,
    handshakeTimeout: tls.handshakeMsMax ?? HANDSHAKE_MS_MAX,
    ...(tls.clientCa === null ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
    ...(tls.alpn.length === 0 ? {} : { ALPNProtocols: tls.alpn }),
  };
}

function runningTarget(
  listener: Listener,
  {
    reception,
    counters,
    driver,
  }: { reception: Reception; counters: TargetCounters; driver: FaultDriver | null },
): Target {
  const bound = listener.address;
  return {
    address: formatListenAddress(bound),
    loopback: typeof bound === 'string' || /^(127\.|::1$)/.test(bound.address),
    counters: () => structuredClone(counters),
    async close() {
      // What the faults leave unread, and who still waits, can be asked only while the sockets are open.
      const faults = driver?.truth(listener.waiting()) ?? [];
      const final = { ...structuredClone(counters), faults };
      driver?.scheduler.close();
      const closed = listener.close();
      await reception.close();
      await closed;
      return final;
    },
  };
}
