import { describe, expect, it } from 'vitest';
import { engineComplaints } from '../../../src/profile/threshold/threshold-rules.ts';
import { faultsOf, load, type Sources } from '../../support/profile-sources.ts';

const over = (expr: string, sets: string[] = []): Sources => ({ flags: { threshold: [expr] }, sets });

describe('thresholds of a figure that the run cannot have', () => {
  it.each<[string, string[], string]>([
    ['tls.max < 1s', ['tls.enabled=on'], 'turn on tls.enabled (--tls)'],
    ['sessions.tls-failed == 0', ['tls.enabled=on'], 'turn on tls.enabled (--tls)'],
    ['preface.p99 < 1s', ['preface.expect=hi'], 'give preface.expect (--expect-preface)'],
    ['sessions.bad-preface == 0', ['preface.expect=hi'], 'give preface.expect (--expect-preface)'],
    ['heartbeat.p99 < 1s', ['heartbeat.every=1s'], 'give heartbeat.every (--heartbeat)'],
    ['heartbeats.answered > 1', ['heartbeat.every=1s'], 'give heartbeat.every (--heartbeat)'],
    ['sessions.heartbeat-missed == 0', ['heartbeat.every=1s'], 'give heartbeat.every (--heartbeat)'],
    ['sessions.keepalive-timeout == 0', ['socket.keepalive=1s/1s/3'], 'give socket.keepalive (--keepalive)'],
    ['sessions.user-timeout == 0', ['socket.userTimeout=1s'], 'give socket.userTimeout (--user-timeout)'],
    [
      'connections.reconnects.total < 5',
      ['connections.reconnect=immediate'],
      'set connections.reconnect (--reconnect)',
    ],
    ['frames.oneWay > 1', ['match.mode=none'], 'match.mode (--match) is not none; set that to none'],
  ])('%s is refused unless the plan has it', (expr, sets, advice) => {
    expect(faultsOf(over(expr))).toEqual([expect.stringContaining(`'${expr}' cannot be judged: `)]);
    expect(faultsOf(over(expr))[0]).toContain(advice);
    expect(faultsOf(over(expr, sets))).toEqual([]);
  });

  it.each(['response.p99 < 1s', 'service.mean < 1s', 'frames.lost == 0', 'frames.matched > 1'])(
    '%s is refused where replies are not matched',
    (expr) => {
      expect(faultsOf(over(expr, ['match.mode=none']))[0]).toContain(
        'match by fifo or id, or drop the threshold',
      );
      expect(faultsOf(over(expr))).toEqual([]);
    },
  );

  it.each(['response.p99 < 1s', 'sendLag.p99 < 1ms', 'frames.matched > 1', 'frames.corrupt == 0'])(
    '%s is refused where all connections only listen',
    (expr) => {
      expect(faultsOf(over(expr, ['load.send=off']))[0]).toMatch(
        /cannot be judged: \S+ belongs to frames that are sent, and load\.send is off; set that to on, or drop/,
      );
      const yaml = 'cohorts: { a: { load: { send: off } }, b: {} }';
      expect(faultsOf({ yaml, ...over(expr) })).toEqual([]);
      expect(faultsOf({ yaml, ...over(`a:${expr}`) })[0]).toContain('load.send is off');
    },
  );

  it('corrupt frames are refused where replies are not verified', () => {
    expect(faultsOf(over('frames.corrupt == 0', ['match.verify=off']))[0]).toContain('set that to echo');
    expect(faultsOf(over('frames.corrupt == 0'))).toEqual([]);
  });

  it('what only the epoll engine sees is refused on the node engine, asked for or picked', () => {
    const sight = "'dials.stalled == 0' cannot be judged: the node engine cannot see dials.stalled";
    expect(faultsOf(over('dials.stalled == 0', ['engine=node']))[0]).toContain(sight);
    const profile = load(over('dials.stalled == 0'));
    expect(engineComplaints(profile, 'epoll')).toEqual([]);
    expect(engineComplaints(profile, 'node')).toEqual([expect.stringContaining(sight)]);
  });

  it('a cohort is refused where the profile has none', () => {
    expect(faultsOf(over('bulk:dials.refused == 0'))).toEqual([
      "--threshold: 'bulk:dials.refused == 0' speaks of the cohort bulk, and the profile has no cohorts; drop 'bulk:'",
    ]);
  });
});

describe('thresholds that contradict the plan', () => {
  const group = (keys: string): Sources => ({ yaml: `duration: 10s\nwarmup: 2s\nthresholds: [{ ${keys} }]` });

  it.each([
    ['expr: response.p99 < 1s, window: 9s', 'has a window of 9s, and only 8s are measured'],
    [
      'expr: health.score > 0.9, window: 1s',
      'cannot have a window: health.score is known of the whole run alone',
    ],
    ['expr: response.p99 < 1s, abortOnFail: true, delay: 10s', 'has a delay of 10s, and the run lasts 10s'],
    ['expr: frames.sent > 10, abortOnFail: true', 'frames.sent still grows until its end; give it a window'],
    ['expr: errors.count == 3, abortOnFail: true', 'errors.count still grows until its end'],
    [
      'expr: health.score > 0.9, abortOnFail: true',
      'health.score is known at its end alone; drop abortOnFail',
    ],
  ])('%s', (keys, message) => {
    expect(faultsOf(group(keys))).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    'expr: response.p99 < 1s, window: 8s, abortOnFail: true, delay: 9s',
    'expr: frames.lost == 0, abortOnFail: true',
    'expr: errors.count < 3, abortOnFail: true',
    'expr: frames.sent > 10, window: 1s, abortOnFail: true',
  ])('but not %s', (keys) => expect(faultsOf(group(keys))).toEqual([]));
});
