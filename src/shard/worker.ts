import { once } from 'node:events';
import { assert } from '../base/assert.ts';
import type { CoordinatorMessage, ReadyMessage, ShardTask } from './messages.ts';
import { Shard } from './shard.ts';

/** The piscina task: waits for the common start, then runs one shard to its end. */
export default async function runShard(task: ShardTask): Promise<void> {
  const { port } = task;
  const started = once(port, 'message') as Promise<[CoordinatorMessage]>;
  port.postMessage({ type: 'ready' } satisfies ReadyMessage);
  const [message] = await started;
  assert(message.type === 'start', 'the first message to a shard is its start');
  await new Shard(task, message.originUs).run();
  port.close();
}
