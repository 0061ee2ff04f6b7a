import { basename } from 'node:path';
import type { CapacityQuestion, CapacityTrial } from '../analysis/capacity/capacity-result.ts';
import { holdFigures, type HoldFigures } from '../analysis/capacity/hold-figures.ts';
import { signsOf } from '../analysis/capacity/limit-signs.ts';
import { inFlightCourse } from '../analysis/capacity/in-flight-course.ts';
import type { TrialPurpose } from '../analysis/capacity/search-goal.ts';
import { trialFigures, type TrialFigures } from '../analysis/capacity/trial-figures.ts';
import { run, type RunObserver } from '../coordinator/run.ts';
import type { StopSwitch } from '../coordinator/stop-switch.ts';
import { tcpCounters } from '../host/tcp-counters.ts';
import type { Profile } from '../profile/profile.ts';
import type { Calibration } from '../store/calibration-file.ts';
import type { ToolFacts } from '../store/manifest.ts';
import { readRun } from '../store/run-store.ts';
import type { Summary } from '../store/summary.ts';
import { holdTrial, rateTrial } from './trial-profile.ts';

/** What every trial of a search needs. */
export interface TrialBench {
  question: CapacityQuestion;
  /** With the target that all trials have. */
  profile: Profile;
  /** The directory of the search. */
  directory: string;
  tool: ToolFacts;
  calibrations: readonly Calibration[];
  observer: RunObserver;
}

/** One trial, and what the search must know beyond its figures. */
export interface TrialOutcome {
  trial: CapacityTrial;
  summary: Summary;
  /** Whether the trial left the target with replies to give, or was refused by it. */
  unsettled: boolean;
  /** Whether not one connection was made. */
  unreached: boolean;
}

export interface TrialOrder {
  number: number;
  load: number;
  purpose: TrialPurpose;
  stopSwitch: StopSwitch;
}

/**
 * Makes one trial, as an ordinary run that is stored in the directory of the search.
 * @throws {OperatingError} as `run`
 */
export async function makeTrial(bench: TrialBench, order: TrialOrder): Promise<TrialOutcome> {
  const { question, directory, tool, calibrations, observer } = bench;
  const before = tcpCounters().retransmits;
  const profile = labelled(profileOf(bench, order.load), question, order);
  const { stopSwitch } = order;
  const result = await run({ profile, outDir: directory, tool, calibrations, observer, stopSwitch });
  const after = tcpCounters().retransmits;
  const retransmits = before === null || after === null ? null : after - before;
  const { summary } = result;
  const figures = question.of === 'rate' ? rateFigures(bench, result.directory, order, retransmits) : null;
  const held = question.of === 'rate' ? null : heldFigures(bench, result.directory, order, retransmits);
  const faults = held?.faults ?? lossFaults(figures, question);
  const { frames, dials, connections } = summary;
  return {
    trial: {
      number: order.number,
      load: order.load,
      purpose: order.purpose,
      ...judge(summary, faults),
      run: basename(result.directory),
      figures,
      held,
    },
    summary,
    unsettled: frames.lost + frames.inFlightAtEnd > 0 || dials.connected < dials.attempted - dials.abandoned,
    unreached: connections.opened === 0,
  };
}

function profileOf({ question, profile }: TrialBench, load: number): Profile {
  const times = { measuredUs: question.trialSeconds * 1e6, warmupUs: question.warmupSeconds * 1e6 };
  return question.of === 'rate' ? rateTrial(profile, load, times) : holdTrial(profile, load, times);
}

function labelled(profile: Profile, { label, of }: CapacityQuestion, { load, purpose }: TrialOrder): Profile {
  const what = purpose === 'search' ? '' : `${purpose} `;
  const text = of === 'rate' ? `${load} a second` : `${load} connections`;
  return { ...profile, label: `${label}, ${what}${text}` };
}

function rateFigures(
  { question }: TrialBench,
  directory: string,
  { load }: TrialOrder,
  retransmits: number | null,
): TrialFigures {
  const { trialSeconds: seconds, limitUs } = question;
  return trialFigures(readRun(directory), { ratePerSecond: load, seconds, limitUs, retransmits });
}

function heldFigures(
  { profile }: TrialBench,
  directory: string,
  { load }: TrialOrder,
  retransmits: number | null,
): HoldFigures {
  const stored = readRun(directory);
  const intervals = [...stored.intervals()];
  const inFlight = inFlightCourse(intervals);
  return holdFigures(stored.summary, {
    connections: load,
    dialP99MaxUs: dialBoundUs(profile),
    signs: signsOf(intervals, stored.summary, { inFlight, retransmits }),
  });
}

/** Well below the second after which a SYN that found a full backlog is sent again. */
function dialBoundUs({ timeouts }: Profile): number {
  return Math.min(timeouts.connectUs, DIAL_P99_US);
}

/** The order counts: what the generator spoiled says nothing of the target. */
function judge(summary: Summary, faults: readonly string[]): Pick<CapacityTrial, 'verdict' | 'reasons'> {
  const { valid, ok, reasons, thresholds } = summary.verdict;
  if (!valid) return { verdict: 'invalid', reasons };
  if (summary.dials.localLimit > 0) {
    return {
      verdict: 'invalid',
      reasons: [`${summary.dials.localLimit} dials failed for want of this machine's own means`],
    };
  }
  const failed = thresholds.filter((threshold) => !threshold.ok).map(({ expr }) => `${expr} failed`);
  const others = ok || failed.length > 0 ? [] : reasons;
  const why = [...failed, ...faults, ...others];
  return { verdict: why.length === 0 ? 'good' : 'bad', reasons: why };
}

function lossFaults(figures: TrialFigures | null, { lossRatioMax }: CapacityQuestion): string[] {
  if (figures === null || figures.lossRatio <= lossRatioMax) return [];
  const { errors, late, slow, unsent } = figures.lost;
  const parts = Object.entries({ errors, late, slow, unsent }).filter(([, count]) => count > 0);
  const [worst] = parts.toSorted(([, a], [, b]) => b - a);
  return [
    `lost more than ${Number((lossRatioMax * 100).toPrecision(3))}% of the frames, most of them ${LOSS_WORDS[worst?.[0] ?? ''] ?? ''}`,
  ];
}

const LOSS_WORDS: Readonly<Record<string, string>> = {
  errors: 'unanswered or answered wrongly',
  late: 'by falling behind',
  slow: 'answered later than the limit',
  unsent: 'unsent for want of a connection',
};

const DIAL_P99_US = 500_000;
