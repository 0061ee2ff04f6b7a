import { once } from 'node:events';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

import type { TargetAddress } from '../../src/engine/engine.ts';
import { createDecoder } from '../../src/framing/decoder.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';

/** What a peer of the test's own does with each connection. */
export type Behaviour = (socket: Socket) => void;

/** Listens on a free loopback port, or where `listen` says, until the current test ends. */
export async function serve(behaviour: Behaviour, listen: ListenOptions = {}): Promise<TargetAddress> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  return start(server, 'connection', behaviour, listen);
}

/** The same with TLS. */
export async function serveTls(behaviour: Behaviour, options: TlsOptions): Promise<TargetAddress> {
  const server = createTlsServer({ ...options, allowHalfOpen: true });
  return start(server, 'secureConnection', behaviour, {});
}

async function start(
  server: Server,
  event: string,
  behaviour: Behaviour,
  listen: ListenOptions,
): Promise<TargetAddress> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on(event, (socket: Socket) => {
    // A TLS socket is another one than that of its connection.
    socket.on('error', () => undefined);
    behaviour(socket);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(listen.path === undefined ? { host: '127.0.0.1', port: 0, ...listen } : listen);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return { family: 'unix', path: String(bound) };
  return { family: bound.family === 'IPv6' ? 6 : 4, host: bound.address, port: bound.port };
}

/** Sends every byte back. */
export function echo(socket: Socket): void {
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('end', () => socket.end());
}

/** Calls `onFrame` with a copy of every payload that arrives on `socket`. */
export function onFrames(socket: Socket, onFrame: (payload: Buffer) => void, format: string = 'u32be'): void {
  const decoder = createDecoder(parseFrameFormat(format), 64 * 1024 * 1024);
  let pieces: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    decoder.feed(chunk, 0, chunk.length);
    for (let found = decoder.next(); found !== 'starved'; found = decoder.next()) {
      if (found !== 'piece') throw new Error(`the stream is ${found}`);
      pieces.push(Buffer.from(decoder.bytes.subarray(decoder.start, decoder.end)));
      if (!decoder.last) continue;
      const payload = Buffer.concat(pieces);
      pieces = [];
      onFrame(payload);
    }
  });
}

/** `payload` as a frame of the default form. */
export function frameOf(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}

/**
 * A port that accepts nothing and whose backlog is full, so that a dial to it hangs: a thread listens and then blocks.
 * Linux lets one connection more into the queue than the backlog says.
 */
export async function serveNobody(): Promise<TargetAddress> {
  const worker = new Worker(BLOCKED_LISTENER, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const fillers = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  onTestFinished(async () => {
    for (const filler of fillers) filler.on('error', () => undefined).destroy();
    await worker.terminate();
  });
  await Promise.all(fillers.map((filler) => once(filler, 'connect')));
  return { family: 4, host: '127.0.0.1', port };
}

const BLOCKED_LISTENER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;
