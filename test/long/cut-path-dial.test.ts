import { describe, expect, test } from 'vitest';

import { LINK, SERVER_HOST } from '../support/network-namespaces.ts';
import { ANSWERED, errorsOf, NO_PAIRS, sessionsOf, Stage, WHERE } from '../support/namespace-run.ts';

const SECOND_US = 1_000_000;
/** Requests to connect, which the rule behind it counts: number 0 is the trial dial, the run's own come after it. */
const SYNS = 'tcp flags & (fin | syn | rst | ack) == syn numgen inc mod 1000';

describe.skipIf(NO_PAIRS !== null)(`dials ${WHERE}`, () => {
  test.concurrent(
    'whose first SYN is lost connect a second later, and are counted as stalled',
    async (context) => {
      const stage = new Stage(context);
      await stage.serve();
      stage.pair.filter('server', `${SYNS} { 1, 2 } drop`);
      const summary = await stage.load(['-c', '2', '-T', '3s']);
      expect(summary.dials).toMatchObject({
        attempted: 2,
        connected: 2,
        stalled: 2,
        bySynRetransmits: { '1': 2 },
      });
      expect(summary.histograms.dial.min).toBeGreaterThan(0.9 * SECOND_US);
      expect(summary.histograms.dial.max).toBeLessThan(3 * SECOND_US);
      // The wait belongs to the dial: it delays no frame.
      expect(summary.frames.matched).toBe(summary.frames.sent);
      expect(summary.histograms.service.p50).toBeLessThan(0.5 * SECOND_US);
      expect(sessionsOf(summary)).toEqual({ 'closed-by-plan': 2 });
    },
  );

  test.concurrent('into a silent drop are timed out by us, with their SYNs counted', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    stage.pair.filter('server', `${SYNS} != 0 drop`);
    const summary = await stage.load(['-c', '3', '--connect-timeout', '1500ms', '-T', '20s']);
    expect(summary.dials).toMatchObject({ attempted: 3, connected: 0, timedOut: 3, stalled: 3 });
    expect(summary.dials.bySynRetransmits).toEqual({ '1': 3 });
    expect(errorsOf(summary)).toEqual([{ outcome: 'timedOut', errno: '', count: 3 }]);
    expect(summary.errors[0]?.firstAtMs).toBeGreaterThanOrEqual(1500);
    expect(summary.errors[0]?.lastAtMs).toBeLessThan(6000);
  });

  test.concurrent.for([
    ['an ICMP host unreachable', 'icmp host-unreachable', 'unreachable', 'EHOSTUNREACH'],
    ['an ICMP net unreachable', 'icmp net-unreachable', 'unreachable', 'ENETUNREACH'],
    ['an ICMP admin prohibited', 'icmp admin-prohibited', 'unreachable', 'EHOSTUNREACH'],
    ['an ICMP port unreachable', 'icmp port-unreachable', 'refused', 'ECONNREFUSED'],
    ['a RST', 'tcp reset', 'refused', 'ECONNREFUSED'],
  ] as const)('that are answered by %s (%s) are %s', async ([, answer, outcome, errno], context) => {
    const stage = new Stage(context);
    await stage.serve();
    stage.pair.filter('server', `${SYNS} != 0 reject with ${answer}`);
    const summary = await stage.load(['-c', '3', '--connect-timeout', '10s', '-T', '20s']);
    expect(summary.dials).toMatchObject({ attempted: 3, [outcome]: 3 });
    expect(errorsOf(summary)).toEqual([{ outcome, errno, count: 3 }]);
    expect(summary.errors[0]?.lastAtMs).toBeLessThan(5000);
  });

  test.concurrent('over an own link that is down are unreachable at once', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    const load = stage.load(['-c', '2', '--connect-rate', '1/s', '--think', '60s', '-T', '2500ms']);
    await stage.connected(1, ANSWERED);
    stage.pair.run('client', ['ip', 'link', 'set', LINK, 'down']);
    const summary = await load;
    expect(summary.dials).toMatchObject({ attempted: 2, connected: 1, unreachable: 1, stalled: 0 });
    expect(errorsOf(summary)).toEqual([{ outcome: 'unreachable', errno: 'ENETUNREACH', count: 1 }]);
    expect(sessionsOf(summary)).toEqual({ 'closed-by-plan': 1 });
  });

  test.concurrent('without a route end the run by the trial dial, in one clear message', async (context) => {
    const stage = new Stage(context);
    stage.pair.run('client', ['ip', 'route', 'add', 'unreachable', `${SERVER_HOST}/32`]);
    const summary = await stage.load(['-c', '3', '-T', '20s']);
    expect(summary.dials).toMatchObject({ attempted: 1, connected: 0, unreachable: 1 });
    expect(errorsOf(summary)).toEqual([{ outcome: 'unreachable', errno: 'EHOSTUNREACH', count: 1 }]);
    expect(summary.run.endedEarly).toContain('unreachable, EHOSTUNREACH from connect');
  });

  // Of two ports the kernel takes the first, which is the one that is dialled: what it connects to is the socket itself.
  test.concurrent(
    'to a port of this machine on which nobody listens never meet themselves',
    async (context) => {
      const stage = new Stage(context);
      stage.pair.run('client', ['tee', '/proc/sys/net/ipv4/ip_local_port_range'], '50000 50001');
      const summary = await stage.load(['--target', '127.0.0.1:50000', '-T', '1s']);
      expect(summary.dials).toMatchObject({ attempted: 1, connected: 0, refused: 1 });
      expect(summary.run.endedEarly).toContain('refused, ECONNREFUSED from getpeername');
    },
  );

  test.concurrent(
    'that the target never got are ghosts, as many as its kernel does not know',
    async (context) => {
      const stage = new Stage(context);
      await stage.serve(['--fault', 'never-accept', '--backlog', '1']);
      // Every SYN is answered, and no handshake is completed: as long as this lasts, there is room in the queue.
      stage.pair.filter('server', 'tcp flags & syn == 0 drop');
      const load = stage.load(['-c', '6', '--read-timeout', '3s', '-T', '20s']);
      await stage.connected(6, /bytes_sent:\d/);
      stage.pair.heal();
      const summary = await load;
      expect(summary.dials).toMatchObject({ attempted: 6, connected: 6 });
      expect(errorsOf(summary)).toEqual([{ outcome: 'read-timeout', errno: '', count: 6 }]);
      // What has a frame in its queue was in truth connected; the trial dial may have left its FIN there.
      const queued = stage.pair.connections('server', 'all').map((line) => Number(line.split(/\s+/)[1]));
      const connected = queued.filter((bytes) => bytes >= 68).length;
      expect(connected).toBeGreaterThanOrEqual(1);
      expect(connected).toBeLessThanOrEqual(2);
      expect(summary.connections.ghosts).toBe(6 - connected);
      expect(summary.notes.join()).toContain('ghosts');
    },
  );
});
