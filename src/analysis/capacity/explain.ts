import { passShareAtLeast } from '../statistics/pass-share.ts';
import type { CapacityTrial, Confirmation, FirstLimit, LadderRow, LoadKind } from './capacity-result.ts';
import { conditionalThroughput } from './conditional-throughput.ts';
import type { LimitSign, SignName } from './limit-signs.ts';
import { auditLittle } from './little-audit.ts';
import type { SearchBounds } from './search.ts';
import type { SearchGoal } from './search-goal.ts';
import { analyzeUsl, type UslAnalysis } from './usl-analysis.ts';

/** What the trials of a search tell beyond its bounds. */
export interface Explanation {
  conditionalThroughput: number | null;
  confirmation: Confirmation | null;
  ladder: LadderRow[];
  firstLimit: FirstLimit | null;
  usl: UslAnalysis | null;
}

/** Explains a search by its trials. */
export function explainSearch(
  trials: readonly CapacityTrial[],
  bounds: SearchBounds,
  { goal, of }: { goal: SearchGoal; of: LoadKind },
): Explanation {
  const counted = trials.filter(({ purpose }) => purpose !== 'warmup');
  return {
    conditionalThroughput: of === 'rate' ? throughputAt(counted, bounds.lower, goal) : null,
    confirmation: confirmationOf(counted, bounds.lower),
    ladder: ladderOf(counted),
    firstLimit: bounds.upperBy === 'target' ? firstLimitOf(counted, bounds) : null,
    usl: of === 'rate' ? analyzeUsl(counted.flatMap(uslPointOf)) : null,
  };
}

function throughputAt(
  trials: readonly CapacityTrial[],
  load: number | null,
  goal: SearchGoal,
): number | null {
  if (load === null) return null;
  const own = trials.filter((trial) => trial.load === load && trial.purpose === 'search');
  const ratios = own.flatMap(({ verdict, figures }) =>
    verdict === 'invalid' || figures === null ? [] : [verdict === 'good' ? figures.lossRatio : 1],
  );
  return conditionalThroughput(load, ratios, goal);
}

/** Confirming trials alone: those by which a load was found were chosen for having passed. */
function confirmationOf(trials: readonly CapacityTrial[], lower: number | null): Confirmation | null {
  const own = trials.filter(
    ({ load, purpose, verdict }) => load === lower && purpose === 'confirm' && verdict !== 'invalid',
  );
  if (lower === null || own.length === 0) return null;
  const passed = own.filter(({ verdict }) => verdict === 'good').length;
  const share = passShareAtLeast({ passed, trials: own.length });
  return { load: lower, trials: own.length, passed, shareAtLeast: share };
}

function ladderOf(trials: readonly CapacityTrial[]): LadderRow[] {
  const loads = [...new Set(trials.map(({ load }) => load))].toSorted((a, b) => a - b);
  return loads.map((load) =>
    ladderRow(
      load,
      trials.filter((trial) => trial.load === load),
    ),
  );
}

function ladderRow(load: number, own: readonly CapacityTrial[]): LadderRow {
  const valid = own.filter(({ verdict }) => verdict !== 'invalid');
  const figures = valid.flatMap((trial) => trial.figures ?? []);
  const held = valid.flatMap((trial) => trial.held ?? []);
  const kept = valid.flatMap(({ verdict, figures: own_ }) =>
    verdict === 'good' && own_ !== null ? [own_.inFlight] : [],
  );
  return {
    load,
    trials: valid.length,
    passed: valid.filter(({ verdict }) => verdict === 'good').length,
    invalid: own.length - valid.length,
    goodPerSecond: median([...figures.map((one) => one.goodPerSecond), ...held.map((one) => one.held)]),
    lossRatio: median(figures.map(({ lossRatio }) => lossRatio)),
    responseP50: median(figures.map(({ response }) => response.p50)),
    responseP99: median(figures.map(({ response }) => response.p99)),
    dialP99: median([...figures, ...held].map(({ dialP99 }) => dialP99)),
    failures: [
      ...figures.map(({ failures }) => failures),
      ...held.map((one) => one.planned - one.held),
    ].reduce((sum, count) => sum + count, 0),
    little: auditLittle(kept),
  };
}

/** Its concurrency is that of Little's law, which needs no countings; a trial that fell behind has none. */
function uslPointOf({ verdict, figures }: CapacityTrial): { concurrency: number; perSecond: number }[] {
  if (verdict === 'invalid' || figures === null || figures.lost.late > 0 || figures.lost.errors > 0)
    return [];
  return [{ concurrency: figures.inFlight.byLittle, perSecond: figures.goodPerSecond }];
}

function firstLimitOf(trials: readonly CapacityTrial[], { lower, upper }: SearchBounds): FirstLimit | null {
  if (upper === null) return null;
  const failed = trials.filter(({ load, verdict }) => load === upper && verdict === 'bad');
  const passed = trials.filter(({ load, verdict }) => load === lower && verdict === 'good');
  const reasons = new Map<string, number>();
  for (const why of failed.flatMap((trial) => trial.reasons)) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  return {
    load: upper,
    signs: newSigns(failed, passed),
    reasons: Array.from(reasons, ([why, count]) => ({ why, trials: count })).toSorted(
      (a, b) => b.trials - a.trials,
    ),
  };
}

/** Signs that are far stronger where the load fails than where it is carried, a trial on average. */
function newSigns(failed: readonly CapacityTrial[], passed: readonly CapacityTrial[]): LimitSign[] {
  const names = [...new Set(failed.flatMap((trial) => signsOf(trial).map(({ name }) => name)))];
  return names
    .map((name): LimitSign => {
      const own = failed.flatMap((trial) => signsOf(trial).filter((sign) => sign.name === name));
      const times = own.flatMap(({ firstSeconds }) => firstSeconds ?? []);
      const count = own.reduce((sum, sign) => sum + sign.count, 0) / failed.length;
      return { name, count, firstSeconds: times.length === 0 ? null : Math.min(...times) };
    })
    .filter(({ name, count }) => count > STRONGER * meanCount(passed, name) + (LEAST_COUNTS[name] ?? 0))
    .toSorted((a, b) => (a.firstSeconds ?? Infinity) - (b.firstSeconds ?? Infinity));
}

function meanCount(trials: readonly CapacityTrial[], name: SignName): number {
  const own = trials.flatMap((trial) => signsOf(trial).filter((sign) => sign.name === name));
  return own.reduce((sum, { count }) => sum + count, 0) / Math.max(1, trials.length);
}

function signsOf({ figures, held }: CapacityTrial): readonly LimitSign[] {
  return figures?.signs ?? held?.signs ?? [];
}

/** The middle of what is known; null where nothing is. */
function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const upper = known[Math.floor(known.length / 2)];
  const lower = known[Math.floor((known.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}

const STRONGER = 2;
/** Whatever else runs on this machine sends segments again, too. */
const LEAST_COUNTS: Partial<Record<SignName, number>> = { retransmissions: 20 };
