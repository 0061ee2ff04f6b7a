import { assert } from '../base/assert.ts';
import type { Engine, EngineEvents, EngineName, EngineOptions } from './engine.ts';
import { EpollEngine } from './linux/epoll-engine.ts';
import { loadLibc } from './linux/libc.ts';
import { NodeEngine } from './node/node-engine.ts';

/** The engine of this name, for a thread of its own: `epoll` blocks its thread in the kernel while it runs. */
export function createEngine(name: EngineName, options: EngineOptions, events: EngineEvents): Engine {
  if (name === 'node') return new NodeEngine(options, events);
  const libc = loadLibc();
  assert(!('missing' in libc), 'the epoll engine was chosen where it can be used');
  return new EpollEngine({ ...options, libc }, events);
}
