import { EpollEngine } from '../../src/engine/linux/epoll-engine.ts';
import { loadLibc } from '../../src/engine/linux/libc.ts';
import { describe } from 'vitest';
import { describeEngineContract } from './engine-contract.ts';

const libc = loadLibc();
if ('missing' in libc) describe.skip(`EpollEngine keeps the engine contract: ${libc.missing}`);
else
  describeEngineContract('EpollEngine', {
    create: (options, events) => new EpollEngine({ ...options, libc }, events),
  });
