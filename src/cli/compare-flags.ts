import { rankMinOf } from '../analysis/compare/least-runs.ts';
import { valuesNeeded } from '../analysis/compare/compare-metric.ts';
import { metricConfidence, type CompareRules } from '../analysis/compare/comparison.ts';
import { COMPARE_METRICS, METRIC_NAMES, type MetricName } from '../analysis/compare/metrics.ts';
import { PAIRS_MAX } from '../analysis/compare/pairs-to-settle.ts';
import { OperatingError } from '../base/errors.ts';
import { closestWord } from '../base/suggestion.ts';
import { parseDuration } from '../base/units.ts';
import { plannedFrames } from '../campaign/planned-frames.ts';
import type { Contender } from '../campaign/drive-comparison.ts';
import { cohortPlans } from '../profile/cohorts.ts';
import type { Profile } from '../profile/profile.ts';
import { parseTargetSpec } from '../profile/target-spec.ts';

/** The flags of `tidemark compare` that are no keys of the profile, as commander hands them over. */
export interface CompareFlags {
  a?: string;
  b?: string;
  baseline?: string[];
  candidate?: string[];
  profile?: string;
  pairs: string;
  confidence: string;
  delta: string;
  deltaBad: string;
  gate?: string;
  gateUnpaired?: true;
  force?: true;
  cooldown: string;
  readyTimeout: string;
  stopTimeout: string;
  set?: string[];
  out?: string;
  json?: true;
  markdown?: string;
  junit?: string;
  quiet?: true;
  /** Keys of the profile that commander holds under the same names. */
  target?: string;
  warmup?: string;
  seed?: string;
}

/**
 * The rules that the flags ask for.
 * @throws {OperatingError} naming the flag, its form and its value (ERR_USAGE)
 */
export function parseRules(flags: CompareFlags, profile: Profile): CompareRules {
  return {
    confidence: parseConfidence(flags.confidence),
    delta: parseShare('--delta', flags.delta),
    deltaBad: parseShare('--delta-bad', flags.deltaBad),
    gate: flags.gate === undefined ? defaultGate(profile) : parseGate(flags.gate),
    gateUnpaired: flags.gateUnpaired === true,
    seed: profile.seed,
  };
}

/**
 * How many pairs are asked for, which must be enough for the confidence, and enough frames for the gating quantiles.
 * @throws {OperatingError} when they are not, before anything is measured (ERR_USAGE)
 */
export function parsePairs(text: string, rules: CompareRules, profile: Profile): number {
  const pairs = Number(text);
  const least = rankMinOf('paired', metricConfidence(rules));
  if (!/^\d+$/.test(text) || pairs > PAIRS_MAX) {
    throw usage(
      `--pairs must be a whole number from ${least} to ${PAIRS_MAX}: current value is ${JSON.stringify(text)}`,
    );
  }
  if (pairs < least) {
    const gates = rules.gate.length === 1 ? '' : ` over ${rules.gate.length} gating metrics`;
    throw usage(
      `--pairs must be at least ${least} for a confidence of ${rules.confidence}${gates}: with fewer even the most extreme ` +
        `outcome proves nothing; current value is ${pairs}`,
    );
  }
  requireValues(rules, profile);
  return pairs;
}

/** What of the plan is known before it runs need not be found out by running it. */
function requireValues({ gate }: CompareRules, profile: Profile): void {
  const frames = plannedFrames(profile);
  for (const { name, quantile } of COMPARE_METRICS) {
    if (!gate.includes(name) || quantile === null || frames === null) continue;
    const needed = valuesNeeded(quantile);
    if (frames >= needed) continue;
    throw usage(
      `--gate ${name} needs at least ${needed} frames in each run, 100 of them above the quantile, and the plan has ` +
        `${Math.floor(frames)}: run longer (-T), send more (-R), or gate by a lower quantile (--gate response.p50,bad.ratio)`,
    );
  }
}

/** What decides unless `--gate` does: times where there are replies, what was done where there are none, and failures. */
function defaultGate(profile: Profile): MetricName[] {
  return hasReplies(profile)
    ? ['response.p50', 'response.p99', 'bad.ratio']
    : ['throughput.frames', 'bad.ratio'];
}

function hasReplies(profile: Profile): boolean {
  return cohortPlans(profile).some(({ plan }) => plan.match.mode !== 'none' && plan.load.send === 'on');
}

function parseGate(text: string): MetricName[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !METRIC_NAMES.some((known) => known === name));
  if (unknown !== undefined) {
    const meant = closestWord(unknown, METRIC_NAMES);
    throw usage(
      `--gate must name metrics of ${METRIC_NAMES.join(', ')}, separated by commas: current value has ` +
        `${JSON.stringify(unknown)}${meant === null ? '' : `; did you mean ${meant}?`}`,
    );
  }
  const gate = [...new Set(names as MetricName[])];
  if (gate.length > GATING_METRICS_MAX) {
    throw usage(
      `--gate must name at most ${GATING_METRICS_MAX} metrics, since each makes the others harder to prove: current value ` +
        `has ${gate.length}`,
    );
  }
  return gate;
}

function parseConfidence(text: string): number {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const value = percent === undefined ? Number(text) : Number(percent) / 100;
  if (!/^[\d.]+%?$/.test(text) || !(value >= CONFIDENCE_MIN && value <= CONFIDENCE_MAX)) {
    throw usage(
      `--confidence must be from ${CONFIDENCE_MIN} to ${CONFIDENCE_MAX}, for example 0.95 or 95%: current value is ` +
        JSON.stringify(text),
    );
  }
  return value;
}

function parseShare(flag: string, text: string): number {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const share = Number(percent) / 100;
  if (percent === undefined || share <= 0 || share > 1) {
    throw usage(
      `${flag} must read like 5%, above 0% and at most 100%: current value is ${JSON.stringify(text)}`,
    );
  }
  return share;
}

/**
 * A duration in milliseconds.
 * @throws {OperatingError} when it is none, or longer than an hour (ERR_USAGE)
 */
export function parseWait(flag: string, text: string): number {
  try {
    const ms = parseDuration(text) / 1000;
    if (ms <= WAIT_MS_MAX) return ms;
  } catch (error) {
    throw usage(`${flag}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw usage(`${flag} must be at most 1h: current value is ${text}`);
}

/**
 * What `--a` or `--b` names: an address, or else a command whose server listens at `--target`.
 * @throws {OperatingError} when a command has no `--target` (ERR_USAGE)
 */
export function parseContender(side: 'a' | 'b', text: string, target: string | null): Contender {
  if (text.trim() === '')
    throw usage(`--${side} must be a target (host:port, unix:/path) or a command: it is empty`);
  if (isAddress(text)) return { address: text, command: null };
  if (target === null) {
    throw usage(
      `--${side} is no address (host:port, [v6]:port, unix:/path) and so is taken for a command that serves: say by --target ` +
        `where its server listens; current value is ${JSON.stringify(text)}`,
    );
  }
  return { address: target, command: text };
}

function isAddress(text: string): boolean {
  try {
    parseTargetSpec(text);
    return true;
  } catch {
    return false;
  }
}

function usage(message: string): OperatingError {
  return new OperatingError('ERR_USAGE', message);
}

/** Gating metrics: with more, the correction for their number would ask for more pairs than anyone runs. */
const GATING_METRICS_MAX = 3;
const CONFIDENCE_MIN = 0.5;
const CONFIDENCE_MAX = 0.999;
/** A wait for a server, or between runs. */
const WAIT_MS_MAX = 3_600_000;
