import { randomInt } from 'node:crypto';
import { valuesNeeded } from '../analysis/compare/compare-metric.ts';
import { compareRuns } from '../analysis/compare/compare-runs.ts';
import { COMPARISON_VERSION } from '../analysis/compare/comparison.ts';
import { COMPARE_METRICS } from '../analysis/compare/metrics.ts';
import { OperatingError } from '../base/errors.ts';
import { abbaOrder, type Side } from '../campaign/abba.ts';
import { CompareRecord, readComparison, type ComparePlan } from '../campaign/compare-record.ts';
import { driveComparison, type CompareObserver, type Contender } from '../campaign/drive-comparison.ts';
import { questionOfStored } from '../campaign/stored-comparison.ts';
import { StopSwitch } from '../coordinator/stop-switch.ts';
import { loadProfile } from '../profile/load-profile.ts';
import type { Profile } from '../profile/profile.ts';
import { findProfile, type ProfileFile } from '../profile/profile-file.ts';
import { formatCount, formatSeconds, formatShort, formatUs } from '../report/human.ts';
import { createRunId } from '../store/run-id.ts';
import { parseContender, parsePairs, parseRules, parseWait, type CompareFlags } from './compare-flags.ts';
import { showComparison } from './compare-output.ts';
import { outDirectory, type Io } from './io.ts';
import { knownCalibrations } from './known-calibrations.ts';
import { packageFacts } from './package-facts.ts';
import { STOP_SIGNALS } from './stop-signals.ts';

/**
 * Drives the pairs of a comparison and tells what they came to; of one that ended before its time, what is known.
 * @throws {OperatingError} when flags or profile are bad, or it had to end; what was measured is kept and was told
 */
export async function driveAndCompare(io: Io, flags: CompareFlags): Promise<void> {
  const outDir = outDirectory(io, flags.out);
  const file = flags.profile === undefined ? NO_FILE : findProfile(flags.profile);
  const profile = withWarmup(loadProfile(file, io.env, { ...flags }, flags.set ?? []), flags);
  const { plan, sides, limits } = planOf(flags, profile);
  const record = new CompareRecord(outDir, plan);
  const stopSwitch = new StopSwitch();
  const signalled = (): void => {
    stopSwitch.request();
    io.stderr.write(
      stopSwitch.requested === 'stop'
        ? 'stopping at once; what was measured is kept\n'
        : 'stopping when this run has drained; what was measured is kept, and a second signal stops at once\n',
    );
  };
  for (const signal of STOP_SIGNALS) process.on(signal, signalled);
  let failure: unknown = null;
  try {
    announce(io, flags, { plan, profile, cooldownMs: limits.cooldownMs, directory: record.directory });
    await driveComparison({
      plan,
      record,
      profile,
      sides,
      limits,
      outDir,
      stopSwitch,
      tool: packageFacts(),
      calibrations: knownCalibrations(io),
      observer: flags.quiet === true ? SILENT : observerOf(io, plan),
    });
  } catch (error) {
    failure = error;
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, signalled);
    record.close();
  }
  tell(io, flags, { record, failure, interrupted: stopSwitch.requested !== null });
}

function planOf(
  flags: CompareFlags,
  profile: Profile,
): {
  plan: ComparePlan;
  sides: Record<Side, Contender>;
  limits: { readyMs: number; stopMs: number; cooldownMs: number };
} {
  const { a: textA = '', b: textB = '' } = flags;
  const sides = {
    a: parseContender('a', textA, profile.target),
    b: parseContender('b', textB, profile.target),
  };
  if (flags.target !== undefined && sides.a.command === null && sides.b.command === null) {
    throw new OperatingError(
      'ERR_USAGE',
      'Cannot use --target where --a and --b are addresses themselves: it says where the server of a command listens',
    );
  }
  const rules = parseRules(flags, profile);
  const pairs = parsePairs(flags.pairs, rules, profile);
  const limits = {
    readyMs: parseWait('--ready-timeout', flags.readyTimeout),
    stopMs: parseWait('--stop-timeout', flags.stopTimeout),
    cooldownMs: parseWait('--cooldown', flags.cooldown),
  };
  const startedAt = new Date();
  const plan = {
    version: COMPARISON_VERSION,
    id: createRunId(startedAt, `compare-${profile.label}`),
    name: profile.label,
    startedAt: startedAt.toISOString(),
    a: textA,
    b: textB,
    order: abbaOrder(pairs, flags.seed === undefined ? randomInt(ORDER_SEEDS) : profile.seed),
    rules,
  } as const;
  return { plan, sides, limits };
}

/** A server that was just started, or just left alone, is slower at first: a fifth of the run, unless another time was given. */
function withWarmup(profile: Profile, { warmup }: CompareFlags): Profile {
  if (profile.warmupUs > 0 || warmup !== undefined) return profile;
  return { ...profile, warmupUs: Math.round(profile.durationUs * WARMUP_SHARE) };
}

interface Outcome {
  record: CompareRecord;
  failure: unknown;
  interrupted: boolean;
}

/** Also of a comparison that had to end: what was measured until then, and what ended it last. */
function tell(io: Io, flags: CompareFlags, { record, failure, interrupted }: Outcome): void {
  const { directory } = record;
  const question = questionOfStored(readComparison(directory), interrupted);
  const comparison = compareRuns(question);
  record.finish(comparison);
  const measured = question.a.runs.length;
  if (failure === null || measured > 0) showComparison(io, flags, { question, comparison, directory });
  if (failure === null) return;
  if (failure instanceof OperatingError) {
    io.stderr.write(`${measured} of ${question.planned} pairs were measured and are kept in ${directory}\n`);
  }
  throw failure;
}

function announce(
  io: Io,
  flags: CompareFlags,
  {
    plan,
    profile,
    cooldownMs,
    directory,
  }: { plan: ComparePlan; profile: Profile; cooldownMs: number; directory: string },
): void {
  if (flags.quiet === true) return;
  const runs = plan.order.length * 2;
  const seconds = (runs * profile.durationUs) / 1e6 + ((runs - 1) * cooldownMs) / 1000;
  io.stderr.write(
    `comparing B (${plan.b}) with A (${plan.a}): ${plan.order.length} pairs of runs of ${formatSeconds(profile.durationUs / 1e6)} (warm-up ${formatSeconds(profile.warmupUs / 1e6)}), ` +
      `${plan.order[0]?.[0].toUpperCase() ?? ''} first, ${formatSeconds(seconds)} at least, stored in ${directory}\n`,
  );
}

const SILENT: CompareObserver = { starting() {}, ended() {}, waiting() {} };

function observerOf(io: Io, plan: ComparePlan): CompareObserver {
  const pairs = plan.order.length;
  return {
    starting() {},
    ended({ pair, side }, summary) {
      const { histograms, throughput, verdict } = summary;
      const { p50, p99, count } = histograms.response;
      const time = (us: number | null): string => (us === null ? '-' : formatUs(us));
      const sound = verdict.valid ? '' : ` | INVALID: ${verdict.reasons[0] ?? ''}`;
      io.stderr.write(
        `pair ${pair + 1} of ${pairs}, ${side.toUpperCase()} | response p50 ${time(p50)} p99 ${time(p99)} | ` +
          `${formatShort(throughput.framesPerSecond)} frames/s${sound}\n`,
      );
      if (pair === 0) io.stderr.write(tooFewWarning(plan, count));
    },
    waiting(frames, ms) {
      io.stderr.write(
        `${formatCount(frames)} frames were still in flight after the drain; waiting ${formatSeconds(ms / 1000)}\n`,
      );
    },
  };
}

/** A gate that runs like this one can never judge is told after the first of them, not after the last. */
function tooFewWarning({ rules }: ComparePlan, count: number): string {
  const unjudged = COMPARE_METRICS.filter(
    ({ name, quantile }) => rules.gate.includes(name) && quantile !== null && count < valuesNeeded(quantile),
  );
  return unjudged
    .map(
      ({ name, quantile }) =>
        `${name} gates and cannot be judged: it needs ${formatCount(valuesNeeded(quantile ?? 0))} values in each run, and this ` +
        `one has ${formatCount(count)}; better stop, and run longer (-T) or choose the gates (--gate)\n`,
    )
    .join('');
}

/** Seeds of the order, where none is given: the order is stored. */
const ORDER_SEEDS = 2 ** 31;
/** Of a run, where the plan has no warm-up. */
const WARMUP_SHARE = 0.2;
const NO_FILE: ProfileFile = { name: 'compare', text: null, file: null };
