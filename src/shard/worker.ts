import { setFlagsFromString } from 'node:v8';
import { once } from 'node:events';
import { assert } from '../base/assert.ts';
import { takeOwnDescriptors } from '../engine/linux/own-descriptors.ts';
import type { CoordinatorMessage, ReadyMessage, ShardTask } from './messages.ts';
import { Shard } from './shard.ts';

/** The piscina task: waits for the common start, then runs one shard to its end. */
export default async function runShard(task: ShardTask): Promise<void> {
  const { port } = task;
  if (task.plan.engine === 'epoll') takeOwnDescriptors();
  const started = once(port, 'message') as Promise<[CoordinatorMessage]>;
  port.postMessage({ type: 'ready' } satisfies ReadyMessage);
  const [message] = await started;
  assert(message.type === 'start', 'the first message to a shard is its start');
  await new Shard(task, message.originUs).run();
  port.close();
}

/**
 * A frame passes through some thirty small functions. V8 inlines only so much of them into one by default; with room
 * for all of them the session layer takes nearly half the time (`node test/bench/run.js session`). Not so the dozen
 * larger ones: each would be compiled once more inside every one that calls it, which takes a run half a second of
 * processor time to save a few calls a frame.
 */
setFlagsFromString('--max-inlined-bytecode-size-cumulative=4000');
setFlagsFromString('--max-inlined-bytecode-size=250');
