import { statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { onDisk } from '../store/store-error.ts';

/*
 * Two processes must not write into one run. The kernel keeps who has it: a name in the abstract namespace of unix
 * sockets, made of the directory's own identity, which is gone in the moment in which its process is, however that
 * ended. A lock file would outlive a kill.
 * Source: unix(7), "Abstract sockets": Linux has them; elsewhere the control socket alone tells that a run is on.
 */

/** A run's directory that this process alone writes into. */
export interface RunHold {
  release(): void;
}

/**
 * Takes the run in `directory` for this process; null where another process has it.
 * @throws {OperatingError} when there is no such directory (ERR_STORE)
 */
export async function holdRun(directory: string): Promise<RunHold | null> {
  const name = nameOf(directory);
  if (name === null) return { release: () => undefined };
  const server = createServer((client) => client.destroy()).unref();
  const failure = await failureToListen(server, name);
  if (failure === 'EADDRINUSE') return null;
  return { release: () => server.close() };
}

/**
 * Whether some process, this one included, has the run in `directory`.
 * @throws {OperatingError} when there is no such directory (ERR_STORE)
 */
export async function isHeld(directory: string): Promise<boolean> {
  const name = nameOf(directory);
  if (name === null) return false;
  const socket = connect(name);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

/** The errno; null where it listens. A system that allows no such socket holds nobody up. */
function failureToListen(server: Server, name: string): Promise<string | null> {
  return new Promise((resolve) => {
    server
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .listen(name, () => resolve(null));
  });
}

/** Null where the system has no such names. */
function nameOf(directory: string): string | null {
  if (process.platform !== 'linux') return null;
  const { dev, ino } = onDisk('Cannot read run', directory, () => statSync(directory));
  return `\0tidemark-run-${dev}-${ino}`;
}
