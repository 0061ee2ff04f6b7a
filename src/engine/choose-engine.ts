import { OperatingError } from '../base/errors.ts';
import type { EngineName } from './engine.ts';
import { loadLibc } from './linux/libc.ts';
import { whyNoEpoll } from './linux/probe.ts';
import { whyNoRing } from './linux/ring.ts';

/** What a plan needs that not every engine can do. */
export interface EngineNeeds {
  tls: boolean;
  /** Keys of the plan that only the epoll engine can obey, as the user knows them. */
  epollOnly: readonly string[];
}

/** Which engine runs, and why it and no other. */
export interface EngineDecision {
  name: EngineName;
  reason: string;
}

/**
 * Picks the engine: `auto` takes epoll where it can run and can do what the plan needs, else node, with the reason.
 * @param probe why epoll cannot run here; null where it can. @default asks the kernel
 * @throws {OperatingError} when the engine asked for cannot run or cannot do it: never a silent change
 *   (ERR_ENGINE_UNSUPPORTED)
 */
export function chooseEngine(
  choice: 'auto' | EngineName,
  needs: EngineNeeds,
  probe: () => string | null = whyNoEpoll,
): EngineDecision {
  if (choice === 'node') {
    refuse('node', needs.epollOnly.length === 0 ? null : `it cannot set ${needs.epollOnly.join(', ')}`);
    return { name: 'node', reason: 'asked for' };
  }
  const missing = needs.tls ? 'it has no TLS' : probe();
  if (missing === null) return { name: 'epoll', reason: choice === 'auto' ? 'it can run here' : 'asked for' };
  if (choice === 'epoll') refuse('epoll', missing);
  const needed = needs.epollOnly.join(', ');
  refuse('epoll', needed === '' ? null : `${missing}, and the plan needs it for ${needed}`);
  return { name: 'node', reason: `not epoll: ${missing}` };
}

/** Whether an engine can run here, and why or why not, in one line. */
export interface EngineAvailability {
  name: EngineName;
  available: boolean;
  reason: string;
}

/** Every engine, the fastest first. */
export function engineAvailability(): EngineAvailability[] {
  const missing = whyNoEpoll();
  return [
    { name: 'epoll', available: missing === null, reason: missing ?? ownCalls() },
    { name: 'node', available: true, reason: 'runs everywhere' },
  ];
}

function ownCalls(): string {
  const libc = loadLibc();
  const missing = 'missing' in libc ? libc.missing : whyNoRing(libc);
  return missing === null
    ? 'own system calls, with io_uring'
    : `own system calls, without io_uring (${missing})`;
}

function refuse(name: EngineName, why: string | null): void {
  if (why === null) return;
  throw new OperatingError('ERR_ENGINE_UNSUPPORTED', `Cannot use the engine '${name}': ${why}`);
}
