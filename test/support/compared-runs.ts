import type { ComparedRun } from '../../src/analysis/compare/compared-run.ts';
import type { CompareQuestion } from '../../src/analysis/compare/compare-runs.ts';
import type { CompareRules } from '../../src/analysis/compare/comparison.ts';
import type { LatencyHistogram } from '../../src/measure/latency-histogram.ts';
import type { Summary } from '../../src/store/summary.ts';
import { sampleSummary } from './sample-run.ts';

/** The rules that `tidemark compare` has by itself. */
export const RULES: CompareRules = {
  confidence: 0.95,
  delta: 0.05,
  deltaBad: 0.001,
  gate: ['response.p50', 'response.p99', 'bad.ratio'],
  gateUnpaired: false,
  seed: 1,
};

export interface SyntheticRun {
  id: string;
  /** Place in the order of time: a run takes 10 s, and one starts every 12 s. */
  place: number;
  /** Every response time is this many times as long as the level. @default 1 */
  slower?: number;
  /** @default 1 */
  throughput?: number;
  /** Frames lost of 412,345. @default 0 */
  lost?: number;
  /** Values of the response time. @default 200,000 */
  count?: number;
  histograms?: () => LatencyHistogram[];
  change?: (summary: Summary) => void;
}

/** What synthetic runs have in common: making its histograms takes a while. */
const BASE = sampleSummary();

/** A summary whose sections may be changed without changing those of others. */
function freshSummary(): Summary {
  const sections = Object.entries(BASE).map(([name, value]) => [name, sectionOf(value)] as const);
  const summary = Object.fromEntries(sections) as unknown as Summary;
  const { profile, host } = summary.run;
  Object.assign(summary.run, { profile: { ...profile, payload: { ...profile.payload } }, host: { ...host } });
  summary.run.profile.connections = { ...profile.connections };
  return summary;
}

function sectionOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : value;
}

/** A run as it is read from its directory, without there being one. */
export function syntheticRun(options: SyntheticRun): ComparedRun {
  const { id, place, slower = 1, throughput = 1, lost = 0, count = 200_000 } = options;
  const summary = freshSummary();
  const startedMs = Date.UTC(2026, 0, 1) + place * 12_000;
  Object.assign(summary.run, { id, startedAt: new Date(startedMs).toISOString(), seconds: 10 });
  const times = { min: 50, mean: 110, p50: 100, p90: 150, p99: 300, p999: 900, p9999: 2000, max: 3000 };
  const scaled = Object.fromEntries(Object.entries(times).map(([name, us]) => [name, us * slower]));
  summary.histograms.response = { ...scaled, count } as Summary['histograms']['response'];
  summary.throughput.framesPerSecond = 40_000 * throughput;
  Object.assign(summary.dials, { attempted: 100, connected: 100, refused: 0 });
  summary.sessions = { 'closed-by-plan': 100 };
  Object.assign(summary.frames, { lost, matched: summary.frames.sent - lost });
  options.change?.(summary);
  return {
    id,
    directory: `runs/${id}`,
    summary,
    startedMs,
    endedMs: startedMs + 10_000,
    responses: () => options.histograms?.() ?? [],
  };
}

/** A paired comparison of these runs, as planned. */
export function questionOf(
  { a, b }: { a: ComparedRun[]; b: ComparedRun[] },
  rules: CompareRules = RULES,
): CompareQuestion {
  return {
    name: 'release',
    kind: 'paired',
    a: { what: 'a', runs: a },
    b: { what: 'b', runs: b },
    rules,
    planned: a.length,
    endedEarly: null,
    interrupted: false,
    differences: [],
    notes: [],
  };
}
