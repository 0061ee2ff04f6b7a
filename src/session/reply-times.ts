import type { ConnectionAges } from '../measure/connection-ages.ts';
import { COUNTER } from '../measure/counters.ts';
import type { Meter } from '../measure/meter.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { InFlight } from './in-flight.ts';

/** Where the times of answered frames go. */
export interface ReplyTimesContext {
  meter: Meter;
  /** Where response times go, by the class of the connection's age. */
  responsesByAge: readonly Recorder[];
  ages: ConnectionAges;
  service: Recorder;
  /** Where times of the warm-up go. */
  unmeasured: Recorder;
  measureFromUs: number;
}

/** Counts the frame `sequence`, which was answered at `nowUs`, as matched and takes its times; it is still in flight. */
export function timeReply(
  context: ReplyTimesContext,
  inFlight: InFlight,
  sequence: number,
  nowUs: number,
): void {
  const { counters } = context.meter;
  const intendedUs = inFlight.intendedUs(sequence);
  const isMeasured = intendedUs >= context.measureFromUs;
  counters[COUNTER.framesMatched]!++;
  if (!isMeasured) counters[COUNTER.framesMatchedInWarmup]!++;
  const { unmeasured, responsesByAge, ages, service } = context;
  const response = responsesByAge[ages.classOf(inFlight.slot)]!;
  (isMeasured ? response : unmeasured).record(Math.round(nowUs - intendedUs));
  (isMeasured ? service : unmeasured).record(Math.round(nowUs - inFlight.sentUs(sequence)));
}
