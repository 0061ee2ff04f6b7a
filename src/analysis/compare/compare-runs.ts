import { rankMinOf } from './least-runs.ts';
import { compareMetric, settleMetric, type RunSides } from './compare-metric.ts';
import { unusable, type ComparedRun } from './compared-run.ts';
import {
  COMPARISON_VERSION,
  metricConfidence,
  type CompareRules,
  type Comparison,
  type ComparisonVerdict,
  type MetricResult,
  type Side,
} from './comparison.ts';
import { COMPARE_METRICS, type CompareMetric } from './metrics.ts';
import { shiftFunction } from './shift.ts';

/** What is compared, and by which rules. */
export interface CompareQuestion {
  name: string;
  /** Of pairs, `a.runs[i]` and `b.runs[i]` took turns. */
  kind: RunSides['kind'];
  a: { what: string; runs: readonly ComparedRun[] };
  b: { what: string; runs: readonly ComparedRun[] };
  rules: CompareRules;
  /** Pairs, or runs a side, that were planned. */
  planned: number;
  /** Why it ended before they were all measured; null where it did not. */
  endedEarly: string | null;
  interrupted: boolean;
  /** In what the runs differ, where that was forced. */
  differences: readonly string[];
  notes: readonly string[];
}

/**
 * Compares two releases by runs of each. The run is what is replicated: within a run, values hang together, so that they say
 * nothing of how runs differ. A run that is not valid does not count, and its partner of the pair with it.
 */
export function compareRuns(question: CompareQuestion): Comparison {
  const { name, kind, rules, planned } = question;
  const { sides, leftOut } = usableSides(question);
  const used = Math.min(sides.a.length, sides.b.length);
  const metrics = used === 0 ? [] : COMPARE_METRICS.map((metric) => judgeMetric(metric, sides, rules));
  const confidence = metricConfidence(rules);
  return {
    version: COMPARISON_VERSION,
    name,
    verdict: verdictOf(question, metrics, { used, leftOut }),
    design: {
      kind,
      planned,
      measured: Math.min(question.a.runs.length, question.b.runs.length),
      used,
      confidence: rules.confidence,
      metricConfidence: confidence,
      delta: rules.delta,
      deltaBad: rules.deltaBad,
      gate: [...rules.gate],
    },
    a: { what: question.a.what, runs: sides.a.map(({ id }) => id) },
    b: { what: question.b.what, runs: sides.b.map(({ id }) => id) },
    metrics,
    shift: used === 0 ? [] : shiftFunction(sides, rules.confidence),
    leftOut,
    differences: [...question.differences],
    notes: [...closedModelNotes([...sides.a, ...sides.b]), ...question.notes],
  };
}

/** A gating metric that is inconclusive comes with what would settle it. */
function judgeMetric(metric: CompareMetric, sides: RunSides, rules: CompareRules): MetricResult {
  const result = compareMetric(metric, sides, rules);
  const isOpen = result.gate && result.verdict === 'inconclusive' && result.change?.low !== null;
  return isOpen ? { ...result, pairsToSettle: settleMetric(metric, sides, rules) } : result;
}

/** Where a connection sends when its reply has come, a slower server gets less load. */
function closedModelNotes(runs: readonly ComparedRun[]): string[] {
  if (!runs.some(({ summary }) => summary.run.loadModel === 'closed')) return [];
  return [
    'closed model: each connection waits for its reply, so that the slower release had less to do, and neither was measured ' +
      'under a given load (-R asks for one)',
  ];
}

/** The runs that count, with the others and why they do not. */
function usableSides({ kind, a, b }: CompareQuestion): { sides: RunSides; leftOut: Comparison['leftOut'] } {
  const complaints = new Map([...a.runs, ...b.runs].map((run) => [run, unusable(run)]));
  const isUsable = (run: ComparedRun | undefined): boolean =>
    run !== undefined && complaints.get(run) === null;
  const counts = (run: ComparedRun, index: number, others: readonly ComparedRun[]): boolean =>
    isUsable(run) && (kind === 'unpaired' || isUsable(others[index]));
  const leftOf = (side: Side, runs: readonly ComparedRun[]): Comparison['leftOut'] =>
    runs.flatMap((run) => {
      const reason = complaints.get(run) ?? null;
      return reason === null ? [] : [{ run: run.id, side, reason }];
    });
  return {
    sides: {
      kind,
      a: a.runs.filter((run, index) => counts(run, index, b.runs)),
      b: b.runs.filter((run, index) => counts(run, index, a.runs)),
    },
    leftOut: [...leftOf('a', a.runs), ...leftOf('b', b.runs)],
  };
}

function verdictOf(
  { kind, rules, endedEarly, interrupted, planned }: CompareQuestion,
  metrics: readonly MetricResult[],
  { used, leftOut }: { used: number; leftOut: Comparison['leftOut'] },
): ComparisonVerdict {
  const facts = { gates: kind === 'paired' || rules.gateUnpaired, interrupted };
  // Whoever may stop when he likes what he sees finds too much: what was planned is judged, or nothing.
  if (endedEarly !== null) {
    return { word: 'inconclusive', reasons: [`${endedEarly}, after ${used} of ${planned} pairs`], ...facts };
  }
  const needed = rankMinOf(kind, metricConfidence(rules));
  if (leftOut.length > 0 && used < needed) {
    const reason = `${leftOut.length} of the runs do not count, and what is left is ${used} of at least ${needed} ${
      kind === 'paired' ? 'pairs' : 'runs a side'
    }`;
    return { word: 'invalid', reasons: [reason], ...facts };
  }
  const gating = metrics.filter(({ gate }) => gate);
  return { ...overall(gating), ...facts };
}

function overall(gating: readonly MetricResult[]): Pick<ComparisonVerdict, 'word' | 'reasons'> {
  const worse = gating.filter(({ verdict }) => verdict === 'worse');
  if (worse.length > 0) return { word: 'worse', reasons: worse.map(({ name }) => `${name} is worse`) };
  const open = gating.filter(({ verdict }) => verdict === 'inconclusive' || verdict === null);
  if (open.length > 0) {
    return { word: 'inconclusive', reasons: open.map(({ name, reason }) => `${name}: ${reason ?? ''}`) };
  }
  const better = gating.filter(({ verdict }) => verdict === 'better');
  if (better.length === 0) return { word: 'same', reasons: [] };
  return { word: 'better', reasons: better.map(({ name }) => `${name} is better`) };
}
