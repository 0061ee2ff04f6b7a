import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The client's side of a connection in a test: what it received, and when it ended. */
export class Peer {
  readonly socket: Socket;
  /** Resolves with the code of the socket's error, or null when it closed in order. */
  readonly closed: Promise<string | null>;
  #chunks: Buffer[] = [];
  #bytes: number = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    let errorCode: string | null = null;
    socket.on('error', (error: NodeJS.ErrnoException) => (errorCode ??= error.code ?? error.message));
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      socket.emit('counted');
    });
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(errorCode)));
  }

  /** Everything received so far. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Resolves once `bytes` have arrived; rejects when the connection closes before. */
  async receive(bytes: number): Promise<Buffer> {
    while (this.#bytes < bytes) {
      const event = await Promise.race([once(this.socket, 'counted').then(() => 'counted'), this.closed]);
      if (event !== 'counted' && this.#bytes < bytes) {
        throw new Error(`The connection closed after ${this.#bytes} of ${bytes} bytes`);
      }
    }
    return this.received;
  }
}

/**
 * Connects to `127.0.0.1:7007`, `[::1]:7007` or `unix:/path`.
 * @param allowHalfOpen keeps the peer's own side open after the other's FIN
 */
export async function connectPeer(address: string, allowHalfOpen: boolean = false): Promise<Peer> {
  const socket = connect({ ...connectOptions(address), allowHalfOpen });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}

/** The options of node:net for an address as `--target` takes it. */
export function connectOptions(address: string): { path: string } | { host: string; port: number } {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host, port: Number(address.slice(colon + 1)) };
}
