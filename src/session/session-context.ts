import { monotonicClock, wallClockOffsetUs } from '../base/clock.ts';
import type { Engine } from '../engine/engine.ts';
import { createEncoder, type FrameEncoder } from '../framing/encoder.ts';
import { PayloadSource } from '../framing/payload.ts';
import { createStamp, stampBytes, type Stamp } from '../framing/stamp.ts';
import { ConnectionAges } from '../measure/connection-ages.ts';
import type { Meter } from '../measure/meter.ts';
import { Recorder } from '../measure/recorder.ts';
import type { SessionEnd } from './lives.ts';
import { createArrivals, type Arrivals, type SlotRange } from './arrivals.ts';
import { PlacedPayloads } from './placed-payloads.ts';
import type { PushRules } from './push-check.ts';
import type { ReplyRules } from './reply-check.ts';
import { newInFlightEntries } from './in-flight.ts';
import { OwedReplies } from './owed-replies.ts';
import { ReaderPool } from './reader-pool.ts';
import { ReplyTimes } from './reply-times.ts';
import type { SessionPlan } from './session-plan.ts';
import { SLOT_TIMES } from './slot-times.ts';
import { sourceIpsByFamily, type SourceIps } from './source-ips.ts';

/** What every session of a cohort works with; made once a cohort and shard. */
export interface SessionContext extends SlotMemory {
  plan: SessionPlan;
  engine: Engine;
  meter: Meter;
  encoder: FrameEncoder;
  payload: PayloadSource;
  /** Filled anew for every frame, so that a stamp costs no allocation. */
  scratchStamp: Stamp;
  /** Where the frames end that are being encoded for one send; kept only when that send stalls. */
  frameEnds: { ends: number[]; count: number };
  replyRules: ReplyRules;
  /** Whether no reply is expected to what is sent. */
  isOneWay: boolean;
  /** Null where pushed frames carry no stamp. */
  pushRules: PushRules | null;
  replyTimes: ReplyTimes;
  sendLag: Recorder;
  /**
   * Where times of the warm-up go, never to be asked for: what is measured then takes the same way through the code from
   * the first frame on, or all of it would be compiled anew just when the measured time begins.
   */
  unmeasured: Recorder;
  /** The open model's frames; null in the closed model. */
  arrivals: Arrivals | null;
  /** When the run's plan begins, in monotonic microseconds; the same in every shard. */
  originUs: number;
  /** Frames with an intended start before this time belong to the warm-up. */
  measureFromUs: number;
  /** Frames with an intended start at or behind this time are not part of the plan. */
  sendingEndUs: number;
  /** Frames of the load that one connection may have in flight. */
  inFlightMax: number;
  /** While it is set no new frames are sent: the closed model's pause. */
  held: boolean;
  /** When the planned count of connections changes next: the plan is followed before a frame is sent behind it. */
  planEdgeUs: number;
  readers: ReaderPool;
  /** Null where replies are not known before they come. */
  owedReplies: OwedReplies | null;
  /** The plan's source addresses by family. */
  sourceIps: SourceIps;
  /** Called when `planEdgeUs` has come, to make every change that is due. */
  followPlan: (nowUs: number) => void;
  /** Called when a connection is up. */
  connected: (slot: number) => void;
  /** Called when a dial failed for want of this machine's own descriptors, ports or memory. */
  localLimitReached: () => void;
  /** Called when a session's dial has ended, whichever way. */
  dialEnded: (slot: number) => void;
  /** Called when a session has reached its end. */
  sessionEnded: (slot: number, end: SessionEnd) => void;
}

/** What the sessions of all slots of a shard keep outside of themselves, side by side or in common. */
export interface SlotMemory {
  /** The first frames in flight of every slot. */
  inFlightEntries: Float64Array;
  /** Some times a slot, see slot-times.ts. */
  slotTimes: Float64Array;
  /** How old the connections are. */
  ages: ConnectionAges;
  /** What lies in the outbox, which all share. */
  placed: PlacedPayloads;
}

/** Memory for slots 0..slots-1. */
export function newSlotMemory(slots: number): SlotMemory {
  return {
    inFlightEntries: newInFlightEntries(slots),
    slotTimes: new Float64Array(slots * SLOT_TIMES),
    ages: new ConnectionAges(slots),
    placed: new PlacedPayloads(),
  };
}

export interface SessionContextOptions {
  plan: SessionPlan;
  engine: Engine;
  meter: Meter;
  /** State of every slot of the shard, its other cohorts' included. */
  memory: SlotMemory;
  /** The cohort's own slots. */
  slots: SlotRange;
  originUs: number;
  followPlan: (nowUs: number) => void;
  connected: (slot: number) => void;
  localLimitReached: () => void;
  dialEnded: (slot: number) => void;
  sessionEnded: (slot: number, end: SessionEnd) => void;
}

/** Builds what a cohort's sessions in one shard share, from their plan. */
export function createSessionContext(options: SessionContextOptions): SessionContext {
  const { plan, meter, originUs, memory, slots, ...callbacks } = options;
  const { format, header } = plan.frame;
  const stamp = plan.payload.stamp ? createStamp(format) : null;
  const { size, message } = plan.payload;
  const payload = new PayloadSource({ size, message, stamp, seed: plan.seed, format });
  const replyRules = {
    ...plan.match,
    stampBytes: stamp === null ? 0 : stampBytes(format),
    stamp,
    payload,
    firstConnection: plan.firstConnection,
  };
  const measureFromUs = originUs + plan.warmupUs;
  const unmeasured = new Recorder();
  const replyTimes = new ReplyTimes({ meter, ages: memory.ages, unmeasured, measureFromUs });
  return {
    ...callbacks,
    ...memory,
    plan,
    meter,
    originUs,
    encoder: createEncoder(format, header),
    payload,
    frameEnds: { ends: [], count: 0 },
    held: false,
    planEdgeUs: Infinity,
    readers: new ReaderPool(),
    scratchStamp: { connection: 0, sequence: 0, timeUs: 0 },
    replyRules,
    replyTimes,
    owedReplies: OwedReplies.of({
      rules: replyRules,
      frame: plan.frame,
      times: replyTimes,
      counters: meter.counters,
    }),
    isOneWay: plan.match.mode === 'none',
    pushRules: pushRules(plan),
    sendLag: meter.recorder('sendLag'),
    unmeasured,
    arrivals: createArrivals(plan, { originUs, slots, counters: meter.counters }),
    sourceIps: sourceIpsByFamily(plan.sourceIps),
    measureFromUs,
    sendingEndUs: originUs + plan.durationUs,
    inFlightMax: plan.load.window ?? IN_FLIGHT_MAX,
  };
}

function pushRules({ payload }: SessionPlan): PushRules | null {
  const stamp = payload.pushStamp ?? null;
  if (stamp === null) return null;
  return { stamp, clockOffsetUs: stamp.clock === 'wall' ? wallClockOffsetUs(monotonicClock()) : 0 };
}

/** Frames in flight on one connection where the plan sets no window: arrivals beyond it wait in the client. */
const IN_FLIGHT_MAX = 1024;
