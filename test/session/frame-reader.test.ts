import { describe, expect, test } from 'vitest';

import { frameOf, onFrames, serve, type Behaviour } from '../support/loopback-server.ts';
import { impatient, runSessions } from '../support/shard-run.ts';

describe('FrameReader', () => {
  test('never takes a late reply for an answer once it has given the frame up', async () => {
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => setTimeout(() => socket.write(frameOf(payload)), 250));
    };
    const run = await runSessions(await serve(peer), { connections: 2, ...impatient({ readUs: 100_000 }) });
    expect(run.sessions).toEqual({ 'read-timeout': 2 });
    expect([run.count('framesSent'), run.count('framesLost')]).toEqual([2, 2]);
    expect([run.count('framesReceived'), run.count('framesMatched')]).toEqual([0, 0]);
  });

  test('counts second copies apart, and goes on', async () => {
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => {
        socket.write(Buffer.concat([frameOf(payload), frameOf(payload)]));
      });
    };
    const run = await runSessions(await serve(peer), { durationUs: 250_000 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.count('framesMatched')).toBe(run.count('framesSent'));
    expect(run.count('framesDuplicate')).toBe(run.count('framesMatched'));
  });

  test('counts a damaged echo as corrupt, and its frame as done', async () => {
    const peer: Behaviour = (socket) => {
      onFrames(socket, (payload) => {
        payload.writeUInt8(payload.readUInt8(63) ^ 1, 63);
        socket.write(frameOf(payload));
      });
    };
    const run = await runSessions(await serve(peer), { durationUs: 250_000 });
    expect(run.sessions).toEqual({ 'closed-by-plan': 1 });
    expect(run.count('framesCorrupt')).toBeGreaterThan(0);
    expect(run.count('framesCorrupt')).toBe(run.count('framesSent'));
    expect(run.times('response')).toBe(0);
  });

  test('loses only what is owed: frames that were answered in the same chunk as the fault stay matched', async () => {
    const peer: Behaviour = (socket) => {
      const payloads: Buffer[] = [];
      onFrames(socket, (payload) => {
        payloads.push(frameOf(payload));
        if (payloads.length < 4) return;
        socket.write(Buffer.concat([...payloads.slice(0, 3), Buffer.from([0xff, 0, 0, 0])]));
      });
    };
    const run = await runSessions(await serve(peer), { load: { model: 'closed', window: 4, thinkUs: 0 } });
    expect(run.sessions).toEqual({ 'oversize-frame': 1 });
    expect([run.count('framesMatched'), run.count('framesLost')]).toEqual([3, 1]);
  });
});
