import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { OperatingError } from '../../src/base/errors.ts';
import { planShards, type ResolvedTarget } from '../../src/coordinator/plan-shards.ts';
import type { TargetAddress } from '../../src/engine/engine.ts';
import { DEFAULT_SOCKET_OPTIONS } from '../../src/engine/socket-options.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { dialDueUs } from '../../src/schedule/dial-schedule.ts';
import { OpenSchedule } from '../../src/schedule/open-schedule.ts';
import { RateCurve } from '../../src/schedule/rate-curve.ts';
import { connectionAt, type CohortPlan, type ShardPlan } from '../../src/shard/shard-plan.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

const TARGET: ResolvedTarget = {
  engine: 'epoll',
  addresses: [{ family: 4, host: '127.0.0.1', port: 7000 }],
  tls: null,
};

function profileOf(flags: Record<string, unknown>): Profile {
  return loadProfile({ name: 'test', text: null, file: null }, {}, flags, []);
}

function shardsOf(flags: Record<string, unknown>): ShardPlan[] {
  return planShards(profileOf({ duration: '1h', ...flags }), TARGET);
}

/** The shards' parts of the only cohort. */
function plansOf(flags: Record<string, unknown>): CohortPlan[] {
  return shardsOf(flags).flatMap(({ cohorts }) => cohorts);
}

const anySplit = fc
  .record({ connections: fc.integer({ min: 1, max: 500 }), workers: fc.integer({ min: 1, max: 16 }) })
  .filter(({ connections, workers }) => workers <= connections);

function flagsOf({ connections, workers }: { connections: number; workers: number }): Record<string, string> {
  return { connections: `${connections}`, workers: `${workers}`, connectConcurrency: '100' };
}

function ascending(numbers: number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}

describe('planShards: any number of shards adds up to the plan', () => {
  test('in connections: each belongs to one shard, and shares differ by one at most', () => {
    fc.assert(
      fc.property(anySplit, (split) => {
        const plans = plansOf(flagsOf(split));
        expect(plans.map(({ part, parts }) => [part, parts])).toEqual(
          Array.from({ length: split.workers }, (_, shard) => [shard, split.workers]),
        );
        const numbers = plans.flatMap((plan) =>
          Array.from({ length: plan.connections }, (_, slot) => connectionAt(plan, slot)),
        );
        expect(ascending(numbers)).toEqual([...Array(split.connections).keys()]);
        const shares = plans.map(({ connections }) => connections);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('in concurrent dials, of which every shard has at least one', () => {
    const dials = fc.integer({ min: 16, max: 300 });
    fc.assert(
      fc.property(anySplit, dials, (split, concurrentDials) => {
        const plans = plansOf({ ...flagsOf(split), connectConcurrency: `${concurrentDials}` });
        const shares = plans.map(({ dial }) => dial.concurrentDials);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(concurrentDials);
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test('in a storm, which limits no shard', () => {
    const plans = plansOf({ connections: '8', workers: '3', connectConcurrency: 'all' });
    expect(plans.map(({ dial }) => dial.concurrentDials)).toEqual([Infinity, Infinity, Infinity]);
  });

  test('in dials: together they start at the rate, one every 1 / rate', () => {
    fc.assert(
      fc.property(anySplit, fc.integer({ min: 1, max: 2000 }), (split, rate) => {
        const plans = plansOf({ ...flagsOf(split), connectRate: `${rate}/s` });
        const due = plans.flatMap(({ dial, connections }) =>
          Array.from({ length: connections }, (_, index) => dialDueUs(index, dial.schedule)),
        );
        ascending(due).forEach((atUs, index) => expect(atUs).toBeCloseTo((index * 1e6) / rate, 3));
      }),
    );
  });

  test('in arrivals of the open model: together they are one every 1 / rate', () => {
    fc.assert(
      fc.property(anySplit, fc.integer({ min: 1, max: 5000 }), (split, rate) => {
        const plans = plansOf({ ...flagsOf(split), totalRate: `${rate}/s` });
        const due = plans.flatMap((plan) =>
          Array.from({ length: plan.connections }, (_, slot) => {
            const { load, connections, seed } = plan.session;
            if (load.model !== 'open') throw new Error('A rate is the open model');
            const { totalRatePerSecond: ratePerSecond, stages = [], arrivals = 'constant' } = load;
            const curve = new RateCurve({ originUs: 0, ratePerSecond, stages });
            const connection = connectionAt(plan, slot);
            return new OpenSchedule({ curve, arrivals, seed, connection, connections }).nextUs;
          }),
        );
        ascending(due).forEach((atUs, index) => expect(atUs).toBeCloseTo((index * 1e6) / rate, 3));
      }),
    );
  });
});

describe('planShards', () => {
  test('turns a rate a connection into the rate of all', () => {
    const [plan] = plansOf({ connections: '40', rate: '25/s' });
    expect(plan?.session.load).toEqual({
      model: 'open',
      totalRatePerSecond: 1000,
      stages: [],
      arrivals: 'constant',
      window: null,
    });
  });

  test('keeps the window of the open model, and think time and window of the closed one', () => {
    const [open] = plansOf({ totalRate: '1k/s', window: '8' });
    expect(open?.session.load).toMatchObject({ model: 'open', totalRatePerSecond: 1000, window: 8 });
    const [closed] = plansOf({ window: '4', think: '5ms' });
    expect(closed?.session.load).toEqual({ model: 'closed', window: 4, thinkUs: 5000 });
  });

  test('spreads the dials over the ramp', () => {
    const [plan] = plansOf({ connections: '300', connectRamp: '30s' });
    expect(plan?.dial.schedule).toEqual({ ratePerSecond: 10, shard: 0, shards: 1 });
  });

  test('parses what crosses threads: format, header, prefaces, timeouts', () => {
    const [plan] = plansOf({
      frame: 'u16le@2/6',
      frameHeader: 'hex:cafe0102',
      preface: 'HI\\n',
      expectPreface: 'hex:00ff',
      prefaceTimeout: '1s',
      readTimeout: '2s',
      writeTimeout: '3s',
      connectTimeout: '4s',
      drainTimeout: '6s',
      warmup: '7s',
      nodelay: 'off',
      seed: '99',
    });
    expect(plan).toMatchObject({
      drainUs: 6e6,
      session: {
        addresses: TARGET.addresses,
        tls: null,
        socket: { ...DEFAULT_SOCKET_OPTIONS, noDelay: false },
        sourceIps: [],
        heartbeat: null,
        lifetime: null,
        reconnect: 'none',
        close: 'fin',
        frame: { format: parseFrameFormat('u16le@2/6'), header: Uint8Array.of(0xca, 0xfe, 1, 2) },
        preface: {
          send: Uint8Array.from(Buffer.from('HI\n')),
          expect: Uint8Array.of(0, 255),
          timeoutUs: 1e6,
        },
        timeouts: { readUs: 2e6, writeUs: 3e6, connectUs: 4e6 },
        warmupUs: 7e6,
        durationUs: 3600e6,
        seed: 99,
      },
    });
    expect(structuredClone(plan)).toEqual(plan);
  });

  test('numbers the shards and gives each the engine, the warm-up and the duration', () => {
    const facts = { shards: 2, engine: 'epoll', warmupUs: 7e6, durationUs: 3600e6 };
    expect(shardsOf({ workers: '2', connections: '2', warmup: '7s' })).toMatchObject([
      { shard: 0, ...facts },
      { shard: 1, ...facts },
    ]);
  });

  test('hands on how connections live and end', () => {
    const flags = { connectionLifetime: '1 frame', reconnect: 'immediate', close: 'reset' };
    expect(plansOf(flags)[0]?.session).toMatchObject({
      lifetime: { kind: 'frames', count: 1 },
      reconnect: 'immediate',
      close: 'reset',
    });
    expect(plansOf({ connectionLifetime: '2s' })[0]?.session.lifetime).toEqual({ kind: 'time', us: 2e6 });
  });

  test('hands on every socket option', () => {
    const [plan] = plansOf({
      rcvbuf: '64KiB',
      sndbuf: '32KiB',
      quickack: 'on',
      linger: '0',
      keepalive: '10s/1s/3',
      userTimeout: '5s',
      congestion: 'cubic',
      tos: '16',
      notsentLowat: '16KiB',
    });
    expect(plan?.session.socket).toEqual({
      noDelay: true,
      receiveBufferBytes: 65_536,
      sendBufferBytes: 32_768,
      quickAck: true,
      lingerSeconds: 0,
      keepAlive: { idleSeconds: 10, intervalSeconds: 1, count: 3 },
      userTimeoutMs: 5000,
      congestion: 'cubic',
      typeOfService: 16,
      notSentLowWaterBytes: 16_384,
    });
  });

  test('asks for nothing of a socket where the profile does not', () => {
    expect(plansOf({})[0]?.session.socket).toEqual(DEFAULT_SOCKET_OPTIONS);
  });

  test('parses the payload of heartbeats', () => {
    expect(plansOf({ heartbeat: '10s', heartbeatPayload: 'hex:00ff' })[0]?.session.heartbeat).toEqual({
      everyUs: 10e6,
      payload: Uint8Array.of(0, 255),
      timeoutUs: 5e6,
    });
    expect(plansOf({ heartbeat: '10s', heartbeatTimeout: '1s' })[0]?.session.heartbeat).toEqual({
      everyUs: 10e6,
      payload: null,
      timeoutUs: 1e6,
    });
  });

  test('reads the message, or the file that holds it', () => {
    const file = join(scratchDirectory(), 'message.bin');
    writeFileSync(file, Buffer.from([0, 1, 2]));
    const bytes = (flags: Record<string, unknown>): unknown => plansOf(flags)[0]?.session.payload;
    expect(bytes({ message: 'hex:ff00' })).toEqual({
      size: null,
      message: Uint8Array.of(255, 0),
      stamp: false,
      pushStamp: null,
    });
    expect(bytes({ messageFile: file })).toEqual({
      size: null,
      message: Uint8Array.of(0, 1, 2),
      stamp: false,
      pushStamp: null,
    });
    expect(bytes({ payload: '64B' })).toMatchObject({ size: { kind: 'fixed', maxBytes: 64 }, message: null });
  });
});

describe('planShards with source addresses', () => {
  const v4: TargetAddress = { family: 4, host: '127.0.0.1', port: 7000 };
  const v6: TargetAddress = { family: 6, host: '::1', port: 7000 };
  const unix: TargetAddress = { family: 'unix', path: '/run/a.sock' };
  const sourcesFor = (addresses: TargetAddress[], sourceIp: string): string[] | undefined =>
    planShards(profileOf({ sourceIp }), { ...TARGET, addresses })[0]?.cohorts[0]?.session.sourceIps;

  test.each<[why: string, addresses: TargetAddress[], sourceIp: string, expected: string[]]>([
    [
      'expands ranges and networks',
      [v4],
      '127.0.0.9-127.0.0.10,127.0.1.0/30',
      ['127.0.0.9', '127.0.0.10', '127.0.1.1', '127.0.1.2'],
    ],
    ['leaves IPv6 out for an IPv4 target', [v4], '::1,127.0.0.2,127.0.0.3', ['127.0.0.2', '127.0.0.3']],
    ['leaves IPv4 out for an IPv6 target', [v6], '::1,127.0.0.2', ['::1']],
    ['keeps both for a target of both', [v4, v6], '::1,127.0.0.2', ['::1', '127.0.0.2']],
    ['lets the kernel choose where there are none', [v6, unix], '', []],
  ])('%s', (_, addresses, sourceIp, expected) => {
    expect(sourcesFor(addresses, sourceIp)).toEqual(expected);
  });

  test.each<[why: string, addresses: TargetAddress[], sourceIp: string, named: string]>([
    ['an IPv6 target from IPv4', [v6], '127.0.0.2', '[::1]:7000'],
    ['an IPv4 target from IPv6', [v4], '::1', '127.0.0.1:7000'],
    ['one address of several', [v4, v6], '127.0.0.2', '[::1]:7000'],
    ['a unix socket', [unix], '127.0.0.2', 'unix:/run/a.sock'],
  ])('refuses to dial %s', (_, addresses, sourceIp, named) => {
    const attempt = (): unknown => sourcesFor(addresses, sourceIp);
    expect(attempt).toThrow(OperatingError);
    expect(attempt).toThrow(
      `Cannot dial ${named} from connections.sourceIps (--source-ip), none of which is of its family: ` +
        `current value is ${sourceIp}; `,
    );
  });
});
