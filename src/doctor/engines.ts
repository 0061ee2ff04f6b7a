import { createRequire } from 'node:module';
import { describeSystemError } from '../base/errors.ts';
import type { EngineName } from '../engine/engine.ts';

/** Whether an engine can run here, and why or why not. */
export interface EngineAvailability {
  name: EngineName;
  available: boolean;
  /** One line, in words. */
  reason: string;
}

/** Every engine, the one that runs everywhere first. */
export function engineAvailability(): EngineAvailability[] {
  return [{ name: 'node', available: true, reason: 'runs wherever Node does' }, epollAvailability()];
}

function epollAvailability(): EngineAvailability {
  const missing = (reason: string): EngineAvailability => ({ name: 'epoll', available: false, reason });
  if (process.platform !== 'linux') return missing(`needs Linux, and this is ${process.platform}`);
  try {
    const koffi = createRequire(import.meta.url)(FOREIGN_FUNCTIONS) as ForeignFunctions;
    koffi.load(LIBC).func('int epoll_create1(int flags)');
    return { name: 'epoll', available: true, reason: `calls ${LIBC} through ${FOREIGN_FUNCTIONS}` };
  } catch (error) {
    return missing(
      `${LIBC} cannot be called through ${FOREIGN_FUNCTIONS}: ${firstLine(describeSystemError(error))}`,
    );
  }
}

/** The part of koffi that is used here. */
interface ForeignFunctions {
  load(library: string): { func(prototype: string): unknown };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

const FOREIGN_FUNCTIONS = 'koffi';
const LIBC = 'libc.so.6';
