import { describe, expect, it } from 'vitest';
import { present } from '../../../src/base/assert.ts';
import { parseCommand } from '../../../src/coordinator/live/command.ts';
import { LiveControl } from '../../../src/coordinator/live/live-control.ts';
import { planShards, type ResolvedTarget } from '../../../src/coordinator/plan-shards.ts';
import type { LiveChange } from '../../../src/shard/control.ts';
import type { RunEvent } from '../../../src/store/run-event.ts';
import { load } from '../../support/profile-sources.ts';

const ORIGIN_US = 1e9;
const LEAD_SECONDS = 0.05;
const TARGET: ResolvedTarget = {
  engine: 'node',
  addresses: [{ family: 4, host: '127.0.0.1', port: 1 }],
  tls: null,
};

/** Live control of a run with these flags, of 100 s, whose shards only note what they are told. */
function liveRun(flags: Record<string, unknown>, started = true, cohorts: (string | null)[] = [null]) {
  const changes: LiveChange[] = [];
  const events: RunEvent[] = [];
  const clock = { seconds: 1 };
  let drained = false;
  const [plan] = planShards(load({ flags: { duration: '100s', ...flags } }), TARGET);
  const whole = present(plan, 'plan of a shard');
  const live = new LiveControl({
    plan: { ...whole, cohorts: whole.cohorts.flatMap((only) => cohorts.map((name) => ({ ...only, name }))) },
    shards: {
      originUs: started ? ORIGIN_US : null,
      change: (change) => changes.push(change),
      get draining() {
        return drained;
      },
      drain: () => (drained = true),
    },
    nowUs: () => ORIGIN_US + (clock.seconds - LEAD_SECONDS) * 1e6,
    record: (event) => events.push(event),
  });
  const say = (text: string): string => live.execute(parseCommand(text)).effect;
  const end = (): void => void (drained = true);
  return { live, say, changes, events, clock, end, drained: () => drained };
}

const OPEN = { connections: '10', totalRate: '1k/s' };

describe('LiveControl', () => {
  it('tells all shards of one time, a little ahead, and keeps the event', () => {
    const { say, changes, events } = liveRun(OPEN);
    expect(say('rate 5k/s')).toBe('5k/s over all connections');
    expect(changes).toEqual([{ kind: 'rate', cohort: 0, atUs: ORIGIN_US + 1e6, value: 5000 }]);
    expect(events).toEqual([
      { atSeconds: 1, command: 'rate 5k/s', ok: true, effect: '5k/s over all connections' },
    ]);
  });

  it('pauses an open run by a rate of 0 and resumes with the rate from before', () => {
    const { say, changes, clock } = liveRun({ ...OPEN, stage: ['10s:2k/s', '80s:2k/s'] });
    clock.seconds = 5;
    say('pause');
    clock.seconds = 50;
    expect(say('resume')).toBe('1.5k/s over all connections');
    expect(changes.map(({ kind, value }) => [kind, value])).toEqual([
      ['rate', 0],
      ['rate', 1500],
    ]);
  });

  it('keeps a rate that is set in a pause for the time after it', () => {
    const { say, changes } = liveRun(OPEN);
    say('pause');
    expect(say('rate 300/s')).toBe('300/s over all connections once the run is resumed');
    say('resume');
    expect(changes.map(({ value }) => value)).toEqual([0, 300]);
  });

  it('holds and lets go a closed run, which has no rate', () => {
    const { say, changes } = liveRun({ connections: '10' });
    say('pause');
    say('resume');
    expect(changes.map(({ kind, value }) => [kind, value])).toEqual([
      ['hold', 1],
      ['hold', 0],
    ]);
    expect(say('rate 1k/s')).toContain('it has no rate');
  });

  it('goes to as many connections as the plan has at one time, and to none', () => {
    const { say, changes } = liveRun({ stage: ['50s:800', '50s:10'] });
    expect(say('connections 800')).toBe('800 connections');
    expect(say('connections 0')).toBe('0 connections');
    expect(say('connections 801')).toContain('it has room for 800 connections at most');
    expect(changes.map(({ value }) => value)).toEqual([800, 0]);
  });

  it('asks for a cohort where there are several, and tells that one', () => {
    expect(liveRun(OPEN).say('rate bulk:1/s')).toBe(
      'it has no cohorts, current value is bulk; drop the name',
    );
    const { say, changes } = liveRun(OPEN, true, ['idle', 'bulk']);
    expect(say('rate 1k/s')).toBe(
      'it must be said of which cohort, one of idle, bulk: write rate idle:10k/s',
    );
    expect(say('connections steady:5')).toBe('it has no cohort steady; its cohorts are idle, bulk');
    expect(say('connections bilk:5')).toBe('it has no cohort bilk; did you mean bulk?');
    expect(say('rate bulk:2k/s')).toBe('2k/s over all connections');
    expect(say('pause')).toContain('no new frames');
    expect(say('resume')).toBe('idle: 1k/s over all connections; bulk: 2k/s over all connections');
    expect(changes.map(({ cohort, value }) => [cohort, value])).toEqual([
      [1, 2000],
      [0, 0],
      [1, 0],
      [0, 1000],
      [1, 2000],
    ]);
  });

  it('ends a run once', () => {
    const { live, say, drained } = liveRun(OPEN);
    expect(live.stopped).toBe(false);
    say('stop');
    expect([live.stopped, drained()]).toEqual([true, true]);
    expect(say('pause')).toBe('the run is stopped and drains');
  });

  it.each([
    ['pause', 'pause', 'the run is paused already'],
    ['rate 1/s', 'resume', 'the run is not paused'],
  ])('after %s refuses %s, and keeps that as an event too', (first, second, effect) => {
    const { say, events } = liveRun(OPEN);
    say(first);
    expect(say(second)).toBe(effect);
    expect(events.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it('refuses what comes before the start and behind the end', () => {
    expect(liveRun(OPEN, false).say('pause')).toContain('has not begun yet');
    const { say, clock, changes } = liveRun(OPEN);
    clock.seconds = 100;
    expect(say('pause')).toBe('the run has reached its end and drains');
    expect(changes).toEqual([]);
  });

  it('refuses whatever is asked of a run that a signal or a threshold has ended', () => {
    const { live, say, changes, events, end } = liveRun(OPEN);
    end();
    for (const command of ['rate 5k/s', 'pause', 'stop'])
      expect(say(command)).toBe('the run was ended early and drains');
    expect(changes).toEqual([]);
    expect(events.map(({ ok }) => ok)).toEqual([false, false, false]);
    expect(live.stopped).toBe(false);
  });
});
