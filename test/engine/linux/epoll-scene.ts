import { onTestFinished } from 'vitest';

import { present } from '../../../src/base/assert.ts';
import type { EngineOptions } from '../../../src/engine/engine.ts';
import { EpollEngine } from '../../../src/engine/linux/epoll-engine.ts';
import type { Libc } from '../../../src/engine/linux/libc.ts';
import { EngineStage, type Script, type Waiting } from '../../contract/engine-stage.ts';
import { LIBC, RawListener, type RawPeer } from './raw-peer.ts';

/**
 * Plays a script on an epoll engine of its own, which makes its system calls through `libc`.
 * @param options with `togetherFrom`, the script's sends may be put off
 */
export function playEpoll(
  script: (stage: EngineStage) => Script,
  options: Partial<EngineOptions> & { togetherFrom?: number } = {},
  libc: Libc = present(LIBC, 'libc'),
): Promise<void> {
  const { togetherFrom = Infinity, ...rest } = options;
  const stage = new EngineStage((all, events) => new EpollEngine({ ...all, libc, togetherFrom }, events), {
    slots: 4,
    outboxBytes: 65_536,
    together: togetherFrom !== Infinity,
    ...rest,
  });
  return stage.play(script);
}

/** A raw listener until the current test ends. */
export function rawListener(options: ConstructorParameters<typeof RawListener>[0] = {}): RawListener {
  const listener = new RawListener(options);
  onTestFinished(() => listener.close());
  return listener;
}

/** To be yielded to: dials and accepts; the accepted connection is the generator's result. */
export function* connectRaw(
  stage: EngineStage,
  slot: number,
  listener: RawListener,
  sourceIp: string | null = null,
): Generator<Waiting, RawPeer, void> {
  stage.dial(slot, { address: listener.address, sourceIp });
  yield stage.until(slot, 'dialed');
  return present(listener.accept(), 'an accepted connection');
}
