import { EpollEngine } from '../../src/engine/linux/epoll-engine.ts';
import { loadLibc } from '../../src/engine/linux/libc.ts';
import { describeEngineContract } from './engine-contract.ts';

const libc = loadLibc();
describeEngineContract(
  'EpollEngine',
  'missing' in libc ? libc : { create: (options, events) => new EpollEngine({ ...options, libc }, events) },
);
