import { describe, expect, test } from 'vitest';

import { ANSWERED, errorsOf, NO_PAIRS, sessionsOf, Stage, until, WHERE } from '../support/namespace-run.ts';
import { LINK } from '../support/network-namespaces.ts';

const SECOND_US = 1_000_000;
const LONG = ['-T', '60s'];
/** Requests to connect, which the rule behind it counts: number 0 is the trial dial. */
const SYNS = 'tcp flags & (fin | syn | rst | ack) == syn numgen inc mod 1000';

describe.skipIf(NO_PAIRS !== null)(`silent death ${WHERE}`, () => {
  test.concurrent('without any detector, the retransmission limit makes it unreachable', async (context) => {
    const stage = new Stage(context);
    stage.pair.setTcpParameter('client', 'tcp_retries2', 2);
    await stage.serve();
    const load = stage.load(['-c', '2', '-r', '10/s', '--read-timeout', '20s', ...LONG]);
    await stage.connected(2, ANSWERED);
    stage.pair.cut();
    const summary = await load;
    expect(errorsOf(summary)).toEqual([{ outcome: 'unreachable', errno: 'ETIMEDOUT', count: 2 }]);
  });

  test.concurrent.for([
    ['host-unreachable', 'EHOSTUNREACH'],
    ['net-unreachable', 'ENETUNREACH'],
    ['port-unreachable', 'ECONNREFUSED'],
  ] as const)('ICMP %s is remembered, and told as %s at the limit', async ([code, errno], context) => {
    const stage = new Stage(context);
    stage.pair.setTcpParameter('client', 'tcp_retries2', 2);
    await stage.serve();
    const load = stage.load(['-c', '2', '-r', '5/s', '--read-timeout', '50s', ...LONG]);
    await stage.connected(2, ANSWERED);
    stage.pair.filter('server', `ip protocol tcp reject with icmp ${code}`);
    const summary = await load;
    expect(errorsOf(summary)).toEqual([{ outcome: 'unreachable', errno, count: 2 }]);
  });

  test.concurrent('a user timeout takes the place of the number of keepalive probes', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    const detectors = ['--keepalive', '1s/1s/20', '--user-timeout', '2500ms'];
    const load = stage.load(['-c', '2', '--think', '60s', ...detectors, ...LONG]);
    await stage.connected(2, ANSWERED);
    stage.pair.cut();
    const summary = await load;
    expect(errorsOf(summary)).toEqual([{ outcome: 'keepalive-timeout', errno: 'ETIMEDOUT', count: 2 }]);
    expect(summary.histograms.detect.min).toBeGreaterThan(2.5 * SECOND_US);
    // Twenty probes would have taken 21 s.
    expect(summary.histograms.detect.max).toBeLessThan(12 * SECOND_US);
  });
});

describe.skipIf(NO_PAIRS !== null)(`dials that take long to fail ${WHERE}`, () => {
  test.concurrent('that the kernel gives up are timed out too, with its errno', async (context) => {
    const stage = new Stage(context);
    stage.pair.setTcpParameter('client', 'tcp_syn_retries', 1);
    await stage.serve();
    stage.pair.filter('server', `${SYNS} != 0 drop`);
    const summary = await stage.load(['-c', '2', '--connect-timeout', '15s', '-T', '20s']);
    expect(summary.dials).toMatchObject({ attempted: 2, timedOut: 2, stalled: 2 });
    expect(errorsOf(summary)).toEqual([{ outcome: 'timedOut', errno: 'ETIMEDOUT', count: 2 }]);
  });

  test.concurrent(
    'to a host whose link is down are unreachable when no neighbour answers',
    async (context) => {
      const stage = new Stage(context);
      await stage.serve();
      const dials = ['-c', '2', '--connect-rate', '0.5/s', '--connect-timeout', '20s'];
      const load = stage.load([...dials, '--think', '60s', '-T', '10s']);
      await stage.connected(1, ANSWERED);
      stage.pair.run('server', ['ip', 'link', 'set', LINK, 'down']);
      stage.pair.run('client', ['ip', 'neighbour', 'flush', 'dev', LINK]);
      const summary = await load;
      expect(summary.dials).toMatchObject({ attempted: 2, connected: 1, unreachable: 1 });
      expect(errorsOf(summary)).toEqual([{ outcome: 'unreachable', errno: 'EHOSTUNREACH', count: 1 }]);
    },
  );
});

describe.skipIf(NO_PAIRS !== null)(`a path that is mended in time ${WHERE}`, () => {
  test.concurrent('costs nothing but time: frames are answered late and none is lost', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    const load = stage.load(['-c', '2', '-r', '20/s', '--read-timeout', '15s', '-T', '4s']);
    await stage.connected(2, ANSWERED);
    stage.pair.cut();
    await until(() => stage.pair.connections('client').every((line) => /backoff:[1-9]/.test(line)));
    stage.pair.heal();
    const summary = await load;
    expect(sessionsOf(summary)).toEqual({ 'closed-by-plan': 2 });
    expect(summary.errors).toEqual([]);
    expect(summary.frames.matched).toBe(summary.frames.sent);
    expect(summary.histograms.response.max).toBeGreaterThan(0.2 * SECOND_US);
  });
});
