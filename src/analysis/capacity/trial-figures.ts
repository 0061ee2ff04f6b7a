import type { StoredRun } from '../../store/run-store.ts';
import type { Summary } from '../../store/summary.ts';
import { inFlightCourse, type InFlightCourse } from './in-flight-course.ts';
import { signsOf, type LimitSign } from './limit-signs.ts';

/*
 * What one trial of a rate came to. The frames that were due in its measured time are the offered ones; those of them
 * that did not come back right, in time and while the trial lasted are lost:
 *
 *   errors   answered wrongly or never: the session failed, the content was corrupt, the drain gave up
 *   late     the target fell behind by so many: how far frames in flight grew from the end of the warm-up to the end of
 *            sending, and what backpressure kept in the client; up to BACKLOG_TOLERANCE of the offered is fluctuation
 *   slow     answered, but more slowly than the limit (`--limit`), where there is one
 *   unsent   never sent, since their connection was not up or had ended
 *
 * What the generator itself did not send is neither offered nor lost; too much of it makes the trial invalid.
 */

/** One trial in numbers. Times in microseconds. */
export interface TrialFigures {
  offered: number;
  lost: LostFrames;
  /** Their sum over the offered, 0 to 1. */
  lossRatio: number;
  /** Frames a second that were due in the measured time and are not lost. */
  goodPerSecond: number;
  response: TrialTimes;
  service: TrialTimes;
  dialP99: number | null;
  /** Dials that failed, and sessions that ended otherwise than by plan. */
  failures: number;
  inFlight: InFlightCourse;
  signs: LimitSign[];
}

/** Offered frames that came to nothing, by why. */
export interface LostFrames {
  errors: number;
  late: number;
  slow: number;
  unsent: number;
}

/** The percentiles that a ladder shows; null where too few samples stand behind one. */
export interface TrialTimes {
  mean: number | null;
  p50: number | null;
  p99: number | null;
  max: number | null;
}

/** What a trial was asked. */
export interface TrialQuestion {
  /** Frames a second over all connections. */
  ratePerSecond: number;
  /** Measured, without the warm-up. */
  seconds: number;
  /** A slower reply counts as lost; null: none does. */
  limitUs: number | null;
  /** Segments that this machine sent again during the trial; null where it does not tell. */
  retransmits: number | null;
}

/** Reads a stored trial of a rate. */
export function trialFigures(run: StoredRun, question: TrialQuestion): TrialFigures {
  const { summary } = run;
  const intervals = [...run.intervals()];
  const inFlight = inFlightCourse(intervals);
  const { offered, lost } = lossOf(run, question, inFlight);
  const sum = lost.errors + lost.late + lost.slow + lost.unsent;
  const { response, service, dial } = summary.histograms;
  return {
    offered,
    lost,
    lossRatio: offered > 0 ? Math.min(1, sum / offered) : 1,
    goodPerSecond: Math.max(0, offered - sum) / question.seconds,
    response: timesOf(response),
    service: timesOf(service),
    dialP99: dial.p99,
    failures: failuresOf(summary),
    inFlight,
    signs: signsOf(intervals, summary, { inFlight, retransmits: question.retransmits }),
  };
}

function lossOf(
  run: StoredRun,
  { ratePerSecond, seconds, limitUs }: TrialQuestion,
  { grewBy }: InFlightCourse,
): { offered: number; lost: LostFrames } {
  const { frames, run: facts } = run.summary;
  const { generator, backpressure, connecting, ended } = frames.unsentBy;
  const due = frames.sent + frames.unsent - generator - frames.matchedInWarmup;
  // Where every session has ended the plan ends too, and what was due after that is counted nowhere.
  const planned = facts.endedEarly === null ? due : Math.max(due, Math.floor(ratePerSecond * seconds));
  const behind = Math.max(0, grewBy) + backpressure;
  return {
    offered: planned,
    lost: {
      errors: frames.lost + frames.corrupt + frames.inFlightAtEnd,
      late: behind > BACKLOG_TOLERANCE * planned ? behind : 0,
      slow: limitUs === null ? 0 : slowFrames(run, limitUs),
      unsent: connecting + ended + planned - due,
    },
  };
}

function slowFrames(run: StoredRun, limitUs: number): number {
  let slow = 0;
  for (const interval of run.histogramLog()) {
    if (interval.tag === 'response') slow += interval.histogram().countAbove(limitUs);
  }
  return slow;
}

function failuresOf({ dials, sessions }: Summary): number {
  const ended = Object.entries(sessions).reduce(
    (sum, [outcome, count]) => sum + (outcome === 'closed-by-plan' ? 0 : count),
    0,
  );
  return dials.attempted - dials.connected - dials.abandoned + ended;
}

function timesOf({ mean, p50, p99, max }: TrialTimes): TrialTimes {
  return { mean, p50, p99, max };
}

/** Of the offered frames: by so much a target that keeps up is behind at one moment and ahead at another. */
const BACKLOG_TOLERANCE = 0.005;
