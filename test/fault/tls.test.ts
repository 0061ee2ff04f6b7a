import { describe, expect, test } from 'vitest';

import { BASE_LOAD } from './expectation.ts';
import { faultRun } from './fault-run.ts';
import { troublesOf } from './troubles.ts';

describe('the report of a run over TLS and the truth of a target', () => {
  test('agree on handshakes that a target which never accepts does not answer', async () => {
    const { summary, truth, exitCode } = await faultRun('node', {
      faults: ['never-accept'],
      load: { ...BASE_LOAD, connections: '2', connectTimeout: '300ms' },
      backlog: 5,
      tls: true,
    });
    expect(troublesOf(summary)).toEqual({ 'sessions.tls-failed': 2 });
    expect(exitCode).toBe(123);
    expect(truth.faults[0]?.counts).toEqual({ waitingAtEnd: 3 });
  });

  test('agree on a fault of every connection, of which the trial dial is none', async () => {
    const { summary, truth } = await faultRun('node', {
      faults: ['fin-mid-frame:3'],
      load: BASE_LOAD,
      tls: true,
    });
    expect(summary.sessions['peer-closed-mid-frame']).toBe(4);
    expect(truth.connections).toMatchObject({ accepted: 5, tlsFailed: 1, openAtEnd: 0 });
    const [fault] = truth.faults;
    expect(fault?.connections).toBe(4);
    // They end in the order in which their handshakes let them.
    const ended = fault?.endings.map(({ connection }) => connection) ?? [];
    expect(ended.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });
});
