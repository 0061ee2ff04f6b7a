import type { AddressInfo, Server } from 'node:net';

import { describeSystemError, OperatingError } from '../base/errors.ts';
import { UNIX_PATH_BYTES_MAX } from '../profile/profile-limits.ts';

/** Where the target listens: an address and port (0: any free one), or the path of a unix socket. */
export type ListenAddress = { host: string; port: number } | { path: string };

/**
 * Starts `server` on `address`.
 * @throws {OperatingError} when the system refuses the address (ERR_TARGET)
 */
export async function listen(server: Server, address: ListenAddress, backlog: number): Promise<void> {
  if ('path' in address) refuseLongPath(address.path);
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: Error): void => reject(listenError(address, error));
    server.once('error', refuse);
    server.listen({ ...address, backlog, exclusive: true }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

/** The address in the form that `--target` takes: `127.0.0.1:7007`, `[::1]:7007` or `unix:/path`. */
export function formatListenAddress(address: AddressInfo | string): string {
  if (typeof address === 'string') return `unix:${address}`;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${host}:${address.port}`;
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use; stop its owner or choose another with --port (0 takes a free one)',
  EADDRNOTAVAIL: 'no interface of this machine has that address',
  EACCES: 'this user may not; ports below 1024 need permission',
  ENOTFOUND: 'the host name does not resolve',
};

const UNIX_ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the path exists; stop its owner, or remove the file if it was left behind',
  // libuv also turns ENOENT into this one.
  EACCES: 'its directory does not exist, or this user may not write to it',
};

/** Why a listener could not be started, as the user is told. */
export function listenError(address: ListenAddress, error: Error): OperatingError {
  const [where, advice] =
    'path' in address
      ? [`unix:${address.path}`, UNIX_ADVICE]
      : [`${address.host} port ${address.port}`, ADVICE];
  const { code = '' } = error as NodeJS.ErrnoException;
  const why = advice[code] === undefined ? '' : `: ${advice[code]}`;
  const message = `Cannot listen on ${where}${why} (${describeSystemError(error)})`;
  return new OperatingError('ERR_TARGET', message, { cause: error });
}

/**
 * Refuses a path that the kernel would cut short.
 * @throws {OperatingError} when it is too long (ERR_TARGET)
 */
export function refuseLongPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= UNIX_PATH_BYTES_MAX) return;
  const message = `Cannot listen on unix:${path}: the path of a unix socket has at most ${UNIX_PATH_BYTES_MAX} bytes; this one has ${bytes}`;
  throw new OperatingError('ERR_TARGET', message);
}
