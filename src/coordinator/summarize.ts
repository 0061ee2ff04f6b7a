import { cohortPlans, loadModels, onlyListens } from '../profile/cohorts.ts';
import { isOpenModel, peakConnections } from '../profile/load-model.ts';
import type { Manifest } from '../store/manifest.ts';
import { gapSeconds } from '../store/interval-line.ts';
import type { RecordFacts } from '../store/record-facts.ts';
import type { ClockEvent, RunEvent } from '../store/run-event.ts';
import type { TargetProcess } from '../store/soak-figures.ts';
import {
  SUMMARY_VERSION,
  type AddressTotals,
  type CohortSummary,
  type Summary,
  type Verdict,
} from '../store/summary.ts';
import { INTERVAL_US } from '../schedule/interval-schedule.ts';
import type { HealthVerdict } from './health/judge-run.ts';
import type { RunTotals } from './run-totals.ts';
import { count, stalledDials, summarizeFigures } from './summarize-figures.ts';
import type { ThresholdJudge } from './threshold/threshold-judge.ts';

export interface SummaryInputs {
  manifest: Manifest;
  totals: RunTotals;
  /** The target's addresses in the order of the totals, as text. */
  addresses: string[];
  /** Why the run ended before its planned duration; null when it did not. */
  endedEarly: string | null;
  /** Whether a signal ended it. */
  interrupted: boolean;
  notes: string[];
  record: RecordFacts;
  /** What users asked of the run, and what the clocks did. */
  events: RunEvent[];
  clockEvents: ClockEvent[];
  health: HealthVerdict;
  thresholds: ThresholdJudge;
  /** What the target's process held. @default none was watched */
  targetProcess?: TargetProcess | null;
}

/** What a run came to, from the merged counts and histograms of its shards. */
export function summarize(inputs: SummaryInputs): Summary {
  const { manifest, totals } = inputs;
  const { tool, id, label, startedAt, engine, engineReason, workers, seed, target, profile, host } = manifest;
  const { socket } = totals;
  const loadModel = loadModels(profile).allOpen ? 'open' : 'closed';
  const { endedEarly } = inputs;
  const seconds = totals.endUs / 1e6 - gapSeconds(inputs.record.gaps);
  const { interrupted } = inputs;
  const figures = summarizeFigures(totals, engine);
  const { health } = inputs.health;
  const facts = {
    id,
    label,
    startedAt,
    seconds,
    engine,
    engineReason,
    socket,
    workers,
    seed,
    target,
    profile,
    host,
    interrupted,
  };
  return {
    version: SUMMARY_VERSION,
    tool,
    run: { ...facts, loadModel, endedEarly },
    verdict: verdict(inputs, health.score),
    ...figures,
    addresses: addressTotals(inputs),
    intervals: { seconds: INTERVAL_US / 1e6, count: totals.intervals },
    record: inputs.record,
    shards: totals.fates,
    events: inputs.events,
    clockEvents: inputs.clockEvents,
    notes: inputs.notes,
    targetProcess: inputs.targetProcess ?? null,
    cohorts: cohortSummaries(totals, manifest),
    health,
  };
}

function verdict(
  { totals, manifest, health, thresholds: judge }: SummaryInputs,
  healthScore: number | null,
): Verdict {
  const lost = totals.fates.filter(({ state }) => state === 'lost');
  const reasons = [
    ...totals.violations.map((sentence) => `a bug of Tidemark, the counts do not add up: ${sentence}`),
    ...lost.map(
      ({ index, reason }) =>
        `shard ${index} of ${totals.fates.length} was lost (${reason}); its connections are counted as far as ` +
        'it had delivered',
    ),
  ];
  const failure = lost.length === 0 ? whyNothingDone(totals, manifest) : null;
  if (failure !== null) reasons.push(failure);
  if (health.reason !== null) reasons.push(health.reason);
  const thresholds = judge.results((cohort) => ({
    stalledDials: stalledDials(totals.of(cohort), manifest.engine),
    healthScore,
  }));
  const failed = thresholds.filter(({ ok }) => !ok);
  reasons.push(...failed.map(({ expr, why }) => `the threshold '${expr}' failed: ${why}`));
  return {
    ok: failure === null && failed.length === 0,
    valid: lost.length === 0 && totals.violations.length === 0 && health.reason === null,
    reasons,
    thresholds,
  };
}

/** A run in which nothing worked must not pass, whatever its thresholds; null where something did. */
function whyNothingDone({ counters }: RunTotals, { profile }: Manifest): string | null {
  if (count(counters, 'dial:connected') === 0) {
    // Dials that the plan's end cut short say nothing of the target.
    const ended = count(counters, 'dialsAttempted') - count(counters, 'dial:abandoned');
    return ended === 0 ? 'the run ended before any dial did' : 'no connection could be made';
  }
  const done =
    count(counters, 'framesMatched') + count(counters, 'framesOneWay') + count(counters, 'framesPushed');
  if (done > 0) return null;
  if (onlyListens(profile)) {
    return count(counters, 'heartbeatsAnswered') > 0 ? null : 'nothing was pushed to any connection';
  }
  if (count(counters, 'framesSent') > 0) return 'not one frame was answered as planned';
  return 'no session came as far as to send a frame';
}

/** Each named cohort for itself; none where the run has no names for its connections. */
function cohortSummaries(totals: RunTotals, { engine, profile }: Manifest): Record<string, CohortSummary> {
  const summaries = cohortPlans(profile).flatMap(({ name, plan }, index): [string, CohortSummary][] => {
    const cohort = totals.cohorts[index];
    if (name === null || cohort === undefined) return [];
    const loadModel = isOpenModel(plan) ? 'open' : 'closed';
    const facts = { planned: peakConnections(plan), loadModel, socket: totals.socketOf(index) } as const;
    return [[name, { ...facts, ...summarizeFigures(cohort, engine) }]];
  });
  return Object.fromEntries(summaries);
}

function addressTotals({ totals, addresses }: SummaryInputs): AddressTotals[] {
  return addresses.map((address, index) => ({ address, ...totals.address(index) }));
}
