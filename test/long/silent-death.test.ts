import { describe, expect, test } from 'vitest';

import type { SessionOutcome } from '../../src/measure/outcome.ts';
import { ANSWERED, errorsOf, NO_PAIRS, sessionsOf, Stage, WHERE } from '../support/namespace-run.ts';

const SECOND_US = 1_000_000;
/** An answered frame lies behind, and the next is a minute away: the connection is idle. */
const IDLE = ['--think', '60s'];
const LONG = ['-T', '30s'];

/** All half-open connections of a run, found by one detector. */
function foundBy(detector: SessionOutcome, count: number): object {
  return { found: count, byDetector: [{ detector, count }], ghosts: 0 };
}

describe.skipIf(NO_PAIRS !== null)(`silent death ${WHERE}`, () => {
  test.concurrent('keepalive finds that an idle connection is dead', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    const load = stage.load(['-c', '3', ...IDLE, '--keepalive', '1s/1s/3', ...LONG]);
    await stage.connected(3, ANSWERED);
    stage.pair.cut();
    const summary = await load;
    expect(sessionsOf(summary)).toEqual({ 'keepalive-timeout': 3 });
    expect(errorsOf(summary)).toEqual([{ outcome: 'keepalive-timeout', errno: 'ETIMEDOUT', count: 3 }]);
    expect(summary.halfOpen).toMatchObject(foundBy('keepalive-timeout', 3));
    // Three unanswered probes a second apart after an idle second; the third's answer is awaited too.
    expect(summary.histograms.detect.count).toBe(3);
    expect(summary.histograms.detect.min).toBeGreaterThan(3 * SECOND_US);
    expect(summary.histograms.detect.max).toBeLessThan(8 * SECOND_US);
    expect(summary.frames).toMatchObject({ matched: 3, lost: 0 });
  });

  test.concurrent('keepalive finds it too while a reply is owed to acknowledged frames', async (context) => {
    const stage = new Stage(context);
    await stage.serve(['--mode', 'sink']);
    const load = stage.load(['-c', '2', '--keepalive', '1s/1s/2', '--read-timeout', '20s', ...LONG]);
    await stage.connected(2, /bytes_acked:\d\d/);
    stage.pair.cut();
    const summary = await load;
    expect(errorsOf(summary)).toEqual([{ outcome: 'keepalive-timeout', errno: 'ETIMEDOUT', count: 2 }]);
    expect(summary.histograms.detect.min).toBeGreaterThan(2 * SECOND_US);
    expect(summary.frames).toMatchObject({ sent: 2, lost: 2 });
  });

  test.concurrent('a user timeout finds that frames in flight are not acknowledged', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    // Keepalive is silent while data is unacknowledged.
    const deadlines = ['--user-timeout', '1s', '--keepalive', '1s/1s/9', '--read-timeout', '20s'];
    const load = stage.load(['-c', '3', '-r', '10/s', ...deadlines, ...LONG]);
    await stage.connected(3, ANSWERED);
    stage.pair.cut();
    const summary = await load;
    expect(errorsOf(summary)).toEqual([{ outcome: 'user-timeout', errno: 'ETIMEDOUT', count: 3 }]);
    expect(summary.halfOpen).toMatchObject(foundBy('user-timeout', 3));
    expect(summary.histograms.detect.min).toBeGreaterThanOrEqual(SECOND_US);
    expect(summary.histograms.detect.max).toBeLessThan(6 * SECOND_US);
    expect(summary.frames.lost).toBeGreaterThanOrEqual(3);
  });

  test.concurrent('an unanswered heartbeat finds that an idle connection is dead', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    const heartbeat = ['--heartbeat', '500ms', '--heartbeat-timeout', '700ms'];
    const load = stage.load(['-c', '3', ...IDLE, ...heartbeat, ...LONG]);
    await stage.connected(3, ANSWERED);
    stage.pair.cut();
    const summary = await load;
    expect(errorsOf(summary)).toEqual([{ outcome: 'heartbeat-missed', errno: '', count: 3 }]);
    expect(summary.halfOpen).toMatchObject(foundBy('heartbeat-missed', 3));
    expect(summary.histograms.detect.min).toBeGreaterThanOrEqual(0.7 * SECOND_US);
    expect(summary.histograms.detect.max).toBeLessThan(5 * SECOND_US);
    expect(summary.frames).toMatchObject({ matched: 3, lost: 0 });
  });

  test.concurrent('our read deadline ends a wait for a reply that cannot come', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    const load = stage.load(['-c', '3', '-r', '10/s', '--read-timeout', '1s', ...LONG]);
    await stage.connected(3, ANSWERED);
    stage.pair.cut();
    const summary = await load;
    expect(errorsOf(summary)).toEqual([{ outcome: 'read-timeout', errno: '', count: 3 }]);
    expect(summary.histograms.detect.min).toBeGreaterThanOrEqual(SECOND_US);
    expect(summary.histograms.detect.max).toBeLessThan(5 * SECOND_US);
    // Each of them had been served, so none of them was a ghost.
    expect(summary.connections.ghosts).toBe(0);
  });

  test.concurrent(
    'our write deadline ends a stalled write, with what the kernel took of it',
    async (context) => {
      const stage = new Stage(context);
      const frames = ['--frame-max', '32MiB'];
      await stage.serve(frames);
      stage.freezeTarget();
      const deadlines = ['--write-timeout', '2s', '--read-timeout', '20s'];
      const load = stage.load(['--payload', '24MiB', ...frames, ...deadlines, ...LONG]);
      await stage.connected(1, /rwnd_limited|notsent:/);
      stage.pair.cut();
      const summary = await load;
      expect(errorsOf(summary)).toEqual([{ outcome: 'write-timeout', errno: '', count: 1 }]);
      expect(summary.writes.partial).toMatchObject([{ cause: 'write-timeout', count: 1, exact: true }]);
      const [cut] = summary.writes.partial;
      if (cut === undefined) throw new Error('No write was cut');
      const { bytesAccepted, bytesUnsent, bytesAcked } = cut;
      expect(bytesAccepted + bytesUnsent).toBe(24 * 1024 * 1024 + 4);
      expect(bytesAcked).toBeGreaterThan(0);
      // The kernel had taken more than the path let through.
      expect(bytesAccepted).toBeGreaterThan(bytesAcked ?? Infinity);
      expect(summary.bytes.sent).toBe(bytesAccepted);
      // The kernel still took bytes for a moment after the write had begun; nothing was taken after that.
      expect(summary.histograms.detect.min).toBeGreaterThan(1.5 * SECOND_US);
      expect(summary.histograms.detect.max).toBeLessThan(4 * SECOND_US);
      expect(summary.halfOpen).toMatchObject(foundBy('write-timeout', 1));
    },
  );

  test.concurrent('what a one-way load sent into a cut path is known at its end', async (context) => {
    const stage = new Stage(context);
    await stage.serve(['--mode', 'sink']);
    const load = stage.load(['-c', '2', '-r', '20/s', '--match', 'none', '-T', '4s']);
    await stage.connected(2, /bytes_acked:\d\d/);
    stage.pair.cut();
    const { connections, bytes, sessions } = await load;
    expect(sessions['closed-by-plan']).toBe(2);
    // Both were served before; frames of 68 bytes, and no FIN of ours counted among them.
    expect(connections).toMatchObject({ ghosts: 0, closedUnacked: 2 });
    expect(connections.bytesUnacked).toBeGreaterThan(68);
    expect(connections.bytesUnacked).toBeLessThan(bytes.sent);
    expect(connections.bytesUnacked % 68).toBe(0);
  });

  test.concurrent(
    'keepalive times it from the last answered probe, however long it was idle',
    async (context) => {
      const stage = new Stage(context);
      await stage.serve();
      const load = stage.load(['-c', '2', ...IDLE, '--keepalive', '1s/1s/2', ...LONG]);
      await stage.connected(2, ANSWERED);
      await new Promise((waited) => setTimeout(waited, 6000));
      stage.pair.cut();
      const summary = await load;
      expect(sessionsOf(summary)).toEqual({ 'keepalive-timeout': 2 });
      expect(summary.histograms.detect.max).toBeLessThan(6 * SECOND_US);
    },
  );
});

describe.skipIf(NO_PAIRS !== null)(`a rebooted server ${WHERE}`, () => {
  test.concurrent('answers the next frame by RST, which is a reset and no timeout', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    const deadlines = ['--read-timeout', '20s', '--user-timeout', '20s'];
    const load = stage.load(['-c', '3', '-r', '10/s', ...deadlines, ...LONG]);
    await stage.connected(3, ANSWERED);
    await stage.rebootServer();
    const summary = await load;
    expect(errorsOf(summary)).toEqual([{ outcome: 'reset', errno: 'ECONNRESET', count: 3 }]);
    expect(summary.histograms.detect.count).toBe(0);
  });

  test.concurrent('answers a keepalive probe by RST, which is a reset too', async (context) => {
    const stage = new Stage(context);
    await stage.serve();
    const load = stage.load(['-c', '2', ...IDLE, '--keepalive', '1s/1s/9', ...LONG]);
    await stage.connected(2, ANSWERED);
    await stage.rebootServer();
    const summary = await load;
    expect(errorsOf(summary)).toEqual([{ outcome: 'reset', errno: 'ECONNRESET', count: 2 }]);
    expect(summary.frames).toMatchObject({ matched: 2, lost: 0 });
  });
});
