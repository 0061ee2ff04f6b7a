import { explainSearch } from '../analysis/capacity/explain.ts';
import type { CapacityResult, CapacityTrial } from '../analysis/capacity/capacity-result.ts';
import { nextStep, searchBounds, type SearchStep } from '../analysis/capacity/search.ts';
import type { SearchGoal } from '../analysis/capacity/search-goal.ts';
import { startBuiltInTarget } from '../coordinator/built-in-target.ts';
import { run, type RunObserver } from '../coordinator/run.ts';
import { StopSwitch } from '../coordinator/stop-switch.ts';
import type { Profile } from '../profile/profile.ts';
import type { Calibration } from '../store/calibration-file.ts';
import type { CapacityRecord, StoredQuestion } from './capacity-record.ts';
import { makeTrial, type TrialBench, type TrialOutcome } from './capacity-trial.ts';
import { settlingTrial } from './trial-profile.ts';

export interface CapacityOptions {
  question: StoredQuestion;
  /** Trials of a search that goes on; none of a new one. */
  trials: readonly CapacityTrial[];
  record: CapacityRecord;
  calibrations: readonly Calibration[];
  stopSwitch: StopSwitch;
  observer: CapacityObserver;
}

/** Is told how a search goes on. */
export interface CapacityObserver {
  started(question: StoredQuestion, directory: string): void;
  trial(trial: CapacityTrial): void;
  /** The target is waited for, since it was left with replies to give. */
  settling(): void;
  /** The disk refused part of a trial's record. */
  noticed(sentence: string): void;
}

/**
 * Searches for the most load that a target carries, one trial after the other, and stores each as it ends. Every trial is a
 * run of its own with connections of its own: what one has done to connections and buffers is gone with it, at the price of
 * a second for dials; and each can be looked at like any other run.
 * @throws {OperatingError} when a trial cannot start, or the disk refuses (what was measured is kept)
 */
export async function searchCapacity(options: CapacityOptions): Promise<CapacityResult> {
  const { profile } = options.question;
  if (profile.target !== null) return searchAgainst(profile, options);
  const builtIn = await startBuiltInTarget(profile);
  try {
    return await searchAgainst({ ...profile, target: builtIn.address }, options);
  } finally {
    await builtIn.stop();
  }
}

async function searchAgainst(profile: Profile, options: CapacityOptions): Promise<CapacityResult> {
  const campaign = new Campaign(profile, options);
  options.observer.started(options.question, options.record.directory);
  const ending = await campaign.run();
  const result = campaign.result(ending);
  options.record.finish(result);
  return result;
}

/** One search while it goes on. */
class Campaign {
  readonly #options: CapacityOptions;
  readonly #bench: TrialBench;
  readonly #trials: CapacityTrial[];
  readonly #startedMs = Date.now();
  #question: StoredQuestion;
  /** The switch of the run that is on. */
  #current: StopSwitch | null = null;

  constructor(profile: Profile, options: CapacityOptions) {
    const { question, record, calibrations, stopSwitch, observer } = options;
    this.#options = options;
    this.#question = question;
    this.#trials = [...options.trials];
    this.#bench = {
      question,
      profile,
      directory: record.directory,
      tool: question.tool,
      calibrations,
      observer: quietObserver(observer),
    };
    // A run adds its listeners to its switch, so each has one of its own.
    stopSwitch.onRequest(() => this.#current?.request());
  }

  async run(): Promise<CapacityResult['ending']> {
    for (;;) {
      const step = nextStep(this.#question.goal, this.#trials);
      if (step.do === 'end') return step.ending;
      if (this.#isStopped) return 'interrupted';
      const outcome = await this.#make(step);
      // A trial that was cut short says nothing.
      if (this.#isStopped) return 'interrupted';
      // A target that was never there is not waited for.
      if (outcome.unreached && this.#trials.length === this.#options.trials.length) return 'unreached';
      this.#keep(outcome);
      if ((outcome.unsettled || outcome.unreached) && !(await this.#settle())) return 'unreached';
    }
  }

  result(ending: CapacityResult['ending']): CapacityResult {
    const { profile: _, ...question } = this.#question;
    const bounds = searchBounds(question.goal, this.#trials);
    return {
      ...question,
      target: this.#bench.profile.target ?? question.target,
      seconds: (Date.now() - this.#startedMs) / 1000,
      ending,
      bounds,
      ...explainSearch(this.#trials, bounds, question),
      trials: this.#trials,
      notes: notesOf(this.#trials),
    };
  }

  get #isStopped(): boolean {
    return this.#options.stopSwitch.requested !== null;
  }

  async #make({ load, purpose }: Extract<SearchStep, { do: 'measure' }>): Promise<TrialOutcome> {
    this.#current = new StopSwitch();
    const number = this.#trials.length + 1;
    return makeTrial(this.#bench, { number, load, purpose, stopSwitch: this.#current });
  }

  #keep({ trial, summary }: TrialOutcome): void {
    this.#trials.push(trial);
    this.#options.record.append(trial);
    this.#options.observer.trial(trial);
    const { headroom } = summary.health;
    if (headroom !== null && this.#question.of === 'rate') this.#limitTo(headroom.ceilingFramesPerSecond);
  }

  /** A calibrated ceiling is known when the first trial has found which engine runs. */
  #limitTo(ceiling: number): void {
    const { goal } = this.#question;
    const load = Number(ceiling.toPrecision(3));
    if (goal.ceiling !== null && goal.ceiling.load <= load) return;
    const limited: SearchGoal = {
      ...goal,
      ceiling: {
        load,
        by: 'generator',
        why: "the generator's calibrated ceiling (tidemark doctor --calibrate)",
      },
    };
    this.#question = { ...this.#question, goal: limited };
    this.#options.record.writeQuestion(this.#question);
  }

  /** Waits until the target answers a small load as if nothing had been; false where it does not come back. */
  async #settle(): Promise<boolean> {
    const { goal, of } = this.#question;
    const { profile, directory, tool, observer } = this.#bench;
    this.#options.observer.settling();
    const untilMs = Date.now() + SETTLING_MS_MAX;
    while (Date.now() < untilMs && !this.#isStopped) {
      this.#current = new StopSwitch();
      const load = Math.min(goal.startLoad, goal.ceiling?.load ?? Infinity);
      const { summary } = await run({
        profile: settlingTrial(profile, of, load),
        outDir: directory,
        tool,
        stopSwitch: this.#current,
        observer,
      });
      const { frames, dials, connections } = summary;
      const answered = frames.lost + frames.inFlightAtEnd + frames.corrupt === 0;
      if (connections.opened > 0 && dials.connected === dials.attempted && answered) return true;
      await pause(SETTLING_PAUSE_MS);
    }
    return this.#isStopped;
  }
}

/** Trials tell of themselves when they have ended; what the disk refuses is told at once. */
function quietObserver(observer: CapacityObserver): RunObserver {
  return { started() {}, interval() {}, noticed: (sentence) => observer.noticed(sentence) };
}

function notesOf(trials: readonly CapacityTrial[]): string[] {
  const invalid = trials.filter(({ verdict }) => verdict === 'invalid');
  if (invalid.length === 0) return [];
  const [first] = invalid;
  return [
    `${invalid.length} of ${trials.length} trials count for nothing, since the generator stood in the way; the first ` +
      `at ${first?.load}: ${first?.reasons.join('; ')}`,
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How long a target may take to get over an overload. */
const SETTLING_MS_MAX = 90_000;
const SETTLING_PAUSE_MS = 500;
