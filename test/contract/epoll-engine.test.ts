import type { EngineEvents, EngineOptions } from '../../src/engine/engine.ts';
import { EpollEngine } from '../../src/engine/linux/epoll-engine.ts';
import { loadLibc } from '../../src/engine/linux/libc.ts';
import { whyNoRing } from '../../src/engine/linux/ring.ts';
import type { ContractHarness } from './contract-scene.ts';
import { describeEngineContract } from './engine-contract.ts';

const libc = loadLibc();

/** Calls are made together from so many ready connections on. */
function harness(togetherFrom: number): ContractHarness | { missing: string } {
  if ('missing' in libc) return libc;
  const missing = togetherFrom === Infinity ? null : whyNoRing(libc);
  if (missing !== null) return { missing };
  const create = (options: EngineOptions, events: EngineEvents): EpollEngine =>
    new EpollEngine({ ...options, libc, togetherFrom }, events);
  return { create, together: togetherFrom !== Infinity };
}

describeEngineContract('EpollEngine, one call after the other,', harness(Infinity));
describeEngineContract('EpollEngine, all calls made together,', harness(1));
