import { describe, expect, test } from 'vitest';

import { ManualClock } from '../../../src/base/clock.ts';
import { HealthMonitor } from '../../../src/coordinator/health/health-monitor.ts';
import { judgeRun, type RunFacts } from '../../../src/coordinator/health/judge-run.ts';
import type { SendingPlan } from '../../../src/coordinator/health/health-figures.ts';
import type { CohortInterval, MergedInterval } from '../../../src/coordinator/interval-merger.ts';
import { newCounters } from '../../../src/measure/counters.ts';
import { HistogramSet } from '../../../src/measure/histogram-set.ts';
import { Recorder } from '../../../src/measure/recorder.ts';
import type { HealthProfile } from '../../../src/profile/health-profile.ts';
import type { LoopReading } from '../../../src/shard/loop-watch.ts';
import { loopReading } from '../../support/loop-reading.ts';
import { load } from '../../support/profile-sources.ts';

const HEALTH = load({}).health;
const CALM = { stealShare: 0, pressureShare: 0 };

interface Scene {
  lagsUs?: number[];
  loop?: Partial<LoopReading>;
  phase?: MergedInterval['phase'];
  /** Times of a first cohort, those of the scene being the second's. */
  beside?: HistogramSet;
  /** How long the machine slept. */
  sleptUs?: number;
}

/** A run of one shard, judged second by second. */
class FakeRun {
  readonly monitor: HealthMonitor;
  #index: number = 0;

  constructor(
    health: HealthProfile = HEALTH,
    open: boolean = true,
    { thresholds = true, ...sending }: Partial<SendingPlan> & { thresholds?: boolean } = {},
  ) {
    this.monitor = new HealthMonitor({
      health,
      thresholds,
      sending: { open, timed: open, judged: [true], slackUs: 0, ...sending },
      machine: { take: () => CALM },
      clock: new ManualClock(),
    });
  }

  second({ lagsUs = LAGS, loop = {}, phase = 'measure', beside, sleptUs }: Scene = {}): ReturnType<
    HealthMonitor['judge']
  > {
    const index = this.#index++;
    const histograms = new HistogramSet();
    const sendLag = new Recorder();
    const response = new Recorder();
    for (const lagUs of lagsUs) {
      sendLag.record(lagUs);
      response.record(lagUs + 100);
    }
    const deltas = { sendLag: sendLag.take(), response: response.take() };
    if (deltas.sendLag !== null && deltas.response !== null) {
      histograms.add({ sendLag: deltas.sendLag, response: deltas.response });
    }
    const whole = new HistogramSet();
    whole.merge(histograms);
    if (beside !== undefined) whole.merge(beside);
    const part = (own: HistogramSet): CohortInterval => ({
      counters: newCounters(),
      totals: newCounters(),
      openMax: 1,
      histograms: own,
    });
    return this.monitor.judge({
      ...part(whole),
      index,
      startUs: index * 1e6,
      endUs: (index + 1) * 1e6,
      phase,
      loops: new Map([[0, loopReading(loop)]]),
      health: null,
      cohorts: beside === undefined ? [part(histograms)] : [part(beside), part(histograms)],
      ...(sleptUs === undefined ? {} : { sleptUs }),
    });
  }

  seconds(count: number, scene: Scene = {}): this {
    for (let i = 0; i < count; i++) this.second(scene);
    return this;
  }

  verdict(overrides: Partial<RunFacts> = {}): ReturnType<typeof judgeRun> {
    return judgeRun(this.monitor, {
      health: HEALTH,
      workers: 1,
      cpus: 2,
      shards: 1,
      shardsLost: 0,
      violations: 0,
      framesPlanned: 10_000,
      framesUnsent: 0,
      framesUnsentByGenerator: 0,
      headroom: null,
      ...overrides,
    });
  }
}

const LAGS: number[] = Array.from({ length: 100 }, () => 60);
/** A fifth of them late. */
const LATE: number[] = LAGS.map((lagUs, index) => (index % 5 === 0 ? 4000 : lagUs));
const STOPPED: Scene = { loop: { stallUs: 1_990_000 } };

describe('HealthMonitor', () => {
  test('judges only what makes results', () => {
    const run = new FakeRun();
    expect(run.second({ ...STOPPED, phase: 'warmup' })).toBeNull();
    expect(run.second({ ...STOPPED, phase: 'drain' })).toBeNull();
    expect(run.monitor.intervals.judged).toBe(0);
    expect(run.monitor.soundShare).toBeNull();
  });

  test('says of an interval which signals speak, and every value', () => {
    const run = new FakeRun();
    expect(run.second()).toMatchObject({ level: 'ok', warned: [], invalid: [], signals: { lateSends: 0 } });
    expect(run.second({ lagsUs: LATE })).toMatchObject({
      level: 'invalid',
      warned: ['sendLag'],
      invalid: ['lateSends'],
      signals: { lateSends: 0.2 },
    });
    expect(run.second({ loop: { stallUs: 60_000 } })).toMatchObject({ level: 'warn', warned: ['stall'] });
    expect(run.monitor.soundShare).toBeCloseTo(1 - 1.5 / 3, 9);
  });

  test('takes bounds from the profile', () => {
    const lenient = { ...HEALTH, bounds: { ...HEALTH.bounds, lateSends: { warn: 0.3, invalid: null } } };
    expect(new FakeRun(lenient).second({ lagsUs: LATE })).toMatchObject({ invalid: [], warned: ['sendLag'] });
  });

  test('does not count a send that is late by choice', () => {
    const slow = { lagsUs: LAGS.map(() => 4000) };
    expect(new FakeRun().second(slow)).toMatchObject({ invalid: ['lateSends'] });
    expect(new FakeRun(HEALTH, true, { slackUs: 5000 }).second(slow)).toMatchObject({ level: 'ok' });
  });

  test('judges the lateness of those cohorts alone that have a rate', () => {
    const punctual = new HistogramSet();
    const zeros = new Recorder();
    for (let i = 0; i < 10_000; i++) zeros.record(0);
    const taken = zeros.take();
    if (taken !== null) punctual.add({ sendLag: taken });
    const run = new FakeRun(HEALTH, true, { judged: [false, true] });
    expect(run.second({ lagsUs: LATE, beside: punctual })).toMatchObject({ signals: { lateSends: 0.2 } });
    expect(run.monitor.figures).toMatchObject({ sends: 100, lateSends: 20 });
  });
});

describe('judgeRun', () => {
  describe("lays lateness to the generator's own beginning", () => {
    const LEAVE_OUT = /only in the first 2s, in which its own code is not compiled yet .* \(--warmup 2s\)$/;
    const cold: Scene = { lagsUs: LATE, loop: { stallUs: 210_000 } };
    const adviceOf = (run: FakeRun, name: string): string | null | undefined =>
      run.verdict().health.signals.find((signal) => signal.name === name)?.advice;

    test('where it is over within seconds', () => {
      const run = new FakeRun().seconds(2, cold).seconds(8);
      expect(run.verdict().reason).toMatch(LEAVE_OUT);
      for (const name of ['lateSends', 'sendLag', 'stall']) expect(adviceOf(run, name)).toMatch(LEAVE_OUT);
    });

    test.each<[string, FakeRun]>([
      ['it comes late all the time', new FakeRun().seconds(2, cold)],
      ['it comes late later on', new FakeRun().seconds(2, cold).seconds(6).seconds(1, cold)],
      ['somebody stopped it', new FakeRun().seconds(2, { ...cold, ...STOPPED }).seconds(8)],
    ])('but not where %s', (_, run) => {
      expect(run.verdict().reason).not.toMatch(/--warmup/);
      expect(adviceOf(run, 'lateSends')).toContain('held up from outside');
    });
  });

  test('holds nothing against the target that follows a sleep of the machine, and says how long it was', () => {
    const run = new FakeRun();
    run.seconds(100);
    expect(run.second({ sleptUs: 3.6e9 })).toMatchObject({ level: 'invalid', invalid: ['sleep'] });
    const { health, reason } = run.seconds(1, { sleptUs: 3.6e9 }).verdict();
    expect(reason).toBeNull();
    expect(health.signals.find(({ name }) => name === 'sleep')).toMatchObject({
      value: 3.6e9,
      level: 'warn',
      intervalsInvalid: 2,
      advice: expect.stringMatching(/^the machine slept for 1h, and connections may have died of it/),
    });
  });

  test('has nothing to say of an undisturbed run', () => {
    const { health, reason } = new FakeRun().seconds(10).verdict();
    expect(reason).toBeNull();
    expect(health).toMatchObject({
      score: 1,
      intervals: { judged: 10, warned: 0, invalid: 0, invalidShare: 0 },
    });
    expect(health.signals.every(({ ok }) => ok)).toBe(true);
  });

  test('calls a run invalid that was stopped for two seconds of ten, and says how long and what to do', () => {
    const { health, reason } = new FakeRun().seconds(8).seconds(2, STOPPED).verdict();
    expect(reason).toBe(
      "the generator stood in the way in 2 of 10 intervals: a worker's loop stood still for 1.99s: its process was " +
        'stopped or its machine suspended; run it again, on a machine of its own',
    );
    expect(health.score).toBeCloseTo(0.8, 9);
    const stall = health.signals.find(({ name }) => name === 'stall');
    expect(stall).toMatchObject({
      level: 'invalid',
      intervalsInvalid: 2,
      value: 1_990_000,
      worst: 1_990_000,
    });
  });

  test('lets a single bad interval pass with a warning, however short the run', () => {
    const { health, reason } = new FakeRun().seconds(1).seconds(1, STOPPED).verdict();
    expect(reason).toBeNull();
    expect(health.signals.find(({ name }) => name === 'stall')).toMatchObject({ level: 'warn', ok: false });
  });

  test('lets a long run have its share of bad intervals', () => {
    const run = new FakeRun().seconds(60).seconds(3, STOPPED);
    expect(run.verdict().reason).toBeNull();
    expect(run.seconds(1, STOPPED).verdict().reason).not.toBeNull();
    const strict = { ...HEALTH, invalidShareMax: 0.01 };
    expect(
      new FakeRun(strict).seconds(60).seconds(3, STOPPED).verdict({ health: strict }).reason,
    ).not.toBeNull();
  });

  test('names the signal that spoiled most intervals', () => {
    const { reason } = new FakeRun().seconds(4).seconds(1, STOPPED).seconds(2, { lagsUs: LATE }).verdict();
    expect(reason).toContain('in 3 of 7 intervals: 20% of the frames were sent more than 1ms late');
  });

  test('only reports where the profile says so', () => {
    const health = { ...HEALTH, verdict: 'report' as const };
    const judged = new FakeRun(health).seconds(4, STOPPED).verdict({ health });
    expect(judged.reason).toBeNull();
    expect(judged.health).toMatchObject({ score: 0, intervals: { invalid: 4 } });
  });

  test('takes lateness in a closed model for a warning, and starvation for what it is', () => {
    const run = new FakeRun(HEALTH, false).seconds(4, { lagsUs: LATE });
    expect(run.verdict().reason).toBeNull();
    const starved = { loop: { cpuUs: 100_000, cpuWaitUs: 700_000 } };
    expect(new FakeRun(HEALTH, false).seconds(4, starved).verdict().reason).toContain(
      'had to wait for it 88% of that time',
    );
  });

  test('calls a run invalid whose generator did not send what was planned', () => {
    const run = new FakeRun().seconds(4);
    const { reason, health } = run.verdict({ framesUnsent: 1500, framesUnsentByGenerator: 1000 });
    expect(reason).toBe(
      'the generator stood in the way: the generator did not send 10% of the planned frames: lower the rate, add ' +
        'workers (-w), or take another machine',
    );
    expect(health.signals.find(({ name }) => name === 'shortfall')).toMatchObject({
      level: 'warn',
      value: 0.15,
    });
    expect(run.verdict({ framesUnsent: 1500, framesUnsentByGenerator: 0 }).reason).toBeNull();
  });

  test('tells what each worker had of a processor', () => {
    const { health } = new FakeRun().seconds(4, { loop: { busyUs: 250_000 } }).verdict();
    expect(health.workers).toEqual([{ index: 0, cpuSeconds: 0.4, cpuWaitSeconds: 0.004, busyShare: 0.25 }]);
    expect(health.cpuSeconds).toBe(0.4);
    const untold = new FakeRun().seconds(2, { loop: { cpuUs: null, cpuWaitUs: null } }).verdict();
    expect(untold.health.workers).toMatchObject([{ cpuSeconds: null, cpuWaitSeconds: null }]);
    expect(untold.health.cpuSeconds).toBeNull();
    expect(new FakeRun().verdict().health.workers).toEqual([]);
  });

  test('counts a lost shard against the score', () => {
    const { health } = new FakeRun().seconds(4).verdict({ shards: 4, shardsLost: 1 });
    expect(health.score).toBe(0.75);
    expect(health.signals[0]).toMatchObject({ name: 'shardsLost', value: 1, ok: false, level: 'invalid' });
  });

  test('tells workers that take the processors from each other to be fewer', () => {
    const starved = { loop: { cpuUs: 100_000, cpuWaitUs: 700_000 } };
    const adviceTo = (workers: number): string | null | undefined =>
      new FakeRun()
        .seconds(4, starved)
        .verdict({ workers })
        .health.signals.find(({ name }) => name === 'cpuWait')?.advice;
    expect(adviceTo(1)).toContain('stop what else runs on this machine, or take another one');
    expect(new FakeRun().seconds(4, starved).verdict({ workers: 1, cpus: 1 }).reason).toContain(
      'stop what else',
    );
    expect(adviceTo(4)).toContain('4 workers leave none of 2 for anything else: take fewer (-w)');
  });

  test.each([
    { loop: { stallUs: 300_000 }, why: 'its process was stopped or its machine suspended' },
    {
      loop: { stallUs: 300_000, busyUs: 950_000 },
      why: 'it had that much to do at once; lower the load, add workers',
    },
    {
      loop: { stallUs: 300_000, cpuWaitUs: 400_000 },
      why: 'others had its processor, or its process was stopped; stop what else',
    },
  ])('says of a stalled loop what may have held it: $why', ({ loop, why }) => {
    const { health } = new FakeRun().seconds(4, { loop }).verdict();
    expect(health.signals.find(({ name }) => name === 'stall')?.advice).toContain(why);
  });

  test('says of a saturated loop how long its round is, where a reply waits for it', () => {
    const busy = { loop: { busyUs: 990_000, turns: 100_000 } };
    const { reason } = new FakeRun(HEALTH, false)
      .seconds(4, { ...busy, lagsUs: LAGS.map(() => 0) })
      .verdict();
    expect(reason).toBeNull();
    const slow = { loop: { busyUs: 990_000, turns: 12_000 }, lagsUs: LAGS.map(() => 0) };
    expect(new FakeRun(HEALTH, false).seconds(4, slow).verdict().reason).toContain(
      "a worker's loop was never idle and one round of it takes 83% of the response p50: these are the generator's",
    );
    expect(new FakeRun(HEALTH, false).seconds(4, { ...slow, lagsUs: [] }).verdict().reason).toContain(
      "a worker's loop was never idle: these are the generator's throughput and times",
    );
  });

  test('only warns of a saturated loop where neither a rate was promised nor thresholds hang on its times', () => {
    const slow = { loop: { busyUs: 990_000, turns: 12_000 }, lagsUs: LAGS.map(() => 0) };
    const run = new FakeRun(HEALTH, false, { thresholds: false }).seconds(4, slow);
    expect(run.verdict().reason).toBeNull();
    expect(run.monitor.tally('loopDelay')).toMatchObject({ warned: 4, invalid: 0 });
    expect(new FakeRun(HEALTH, true, { thresholds: false }).seconds(4, slow).verdict().reason).not.toBeNull();
  });

  test('advises no more workers where there is no processor for them', () => {
    const { health } = new FakeRun().seconds(4, { loop: { busyUs: 940_000 } }).verdict({ workers: 2 });
    const advice = health.signals.find(({ name }) => name === 'loopBusy')?.advice;
    expect(advice).toContain('lower the load, or take a machine with more processors');
  });
});
