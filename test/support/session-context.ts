import type { Engine } from '../../src/engine/engine.ts';
import { Meter } from '../../src/measure/meter.ts';
import {
  createSessionContext,
  newSlotMemory,
  type SessionContext,
} from '../../src/session/session-context.ts';
import type { SessionPlan } from '../../src/session/session-plan.ts';

/** The context of one session in slot 0 whose shard takes notice of nothing. */
export function soleContext(plan: SessionPlan, engine: Engine): SessionContext {
  const ignore = (): void => {};
  return createSessionContext({
    plan,
    engine,
    meter: new Meter(1),
    memory: newSlotMemory(1),
    slots: { first: 0, count: 1 },
    originUs: 0,
    followPlan: ignore,
    connected: ignore,
    localLimitReached: ignore,
    dialEnded: ignore,
    sessionEnded: ignore,
  });
}
