import { describe, expect, it } from 'vitest';
import type { Profile } from '../../src/profile/profile.ts';
import { load } from '../support/profile-sources.ts';

describe('resolveProfile', () => {
  it('settles every default', () => {
    expect(load({})).toEqual({
      target: null,
      label: 'plan',
      durationUs: 10_000_000,
      warmupUs: 0,
      seed: 1,
      workers: 1,
      engine: 'auto',
      connections: {
        count: 1,
        ratePerSecond: null,
        rampUs: null,
        concurrentDials: 100,
        sourceIps: [],
        lifetime: null,
        reconnect: 'none',
        backoff: null,
        close: 'fin',
      },
      load: {
        window: 1,
        thinkUs: 0,
        ratePerSecond: null,
        totalRatePerSecond: null,
        send: 'on',
        arrivals: 'constant',
        pacing: 'precise',
      },
      frame: { format: 'u32be', maxBytes: 1_048_576, header: null },
      payload: { size: '64B', message: null, file: null, stamp: 'on', pushStamp: null },
      preface: { send: null, expect: null, timeoutUs: 5_000_000 },
      match: { mode: 'fifo', verify: 'echo' },
      timeouts: { connectUs: 3_000_000, readUs: 5_000_000, writeUs: 5_000_000, drainUs: 5_000_000 },
      heartbeat: null,
      socket: {
        noDelay: true,
        receiveBufferBytes: null,
        sendBufferBytes: null,
        quickAck: null,
        lingerSeconds: null,
        keepAlive: null,
        userTimeoutMs: null,
        congestion: null,
        typeOfService: null,
        notSentLowWaterBytes: null,
      },
      tls: {
        enabled: false,
        caFile: null,
        certFile: null,
        keyFile: null,
        servername: null,
        alpn: [],
        insecure: false,
      },
      stages: [],
      thresholds: [],
      safety: { allowPublic: false, allowedTargets: [] },
      cohorts: [],
      health: {
        verdict: 'enforce',
        invalidShareMax: 0.05,
        bounds: {
          lateSends: { warn: 0.01, invalid: 0.1 },
          sendLag: { warn: 0.25, invalid: null },
          unsent: { warn: 0.001, invalid: 0.05 },
          shortfall: { warn: 0.01, invalid: null },
          stall: { warn: 50_000, invalid: 200_000 },
          sleep: { warn: null, invalid: 100_000 },
          loopBusy: { warn: 0.9, invalid: null },
          loopDelay: { warn: 0.25, invalid: 0.5 },
          cpuWait: { warn: 0.6, invalid: 0.7 },
          gcPause: { warn: 20_000, invalid: 200_000 },
          steal: { warn: 0.02, invalid: 0.1 },
          pressure: { warn: null, invalid: null },
          ceiling: { warn: 0.8, invalid: null },
        },
      },
      record: { maxDiskBytes: 2 * 1024 ** 3 },
    } satisfies Profile);
  });

  it.each<[string, string, Partial<Record<keyof Profile, unknown>>]>([
    [
      'a fixed frame decides the size',
      'frame: {format: fixed:128}',
      { payload: { size: '128B', stamp: 'on' } },
    ],
    ['a small payload has no stamp', 'payload: {size: 15B}', { payload: { size: '15B', stamp: 'off' } }],
    [
      'the smallest of a range decides on the stamp',
      'payload: {size: uniform:15B..64B}',
      { payload: { stamp: 'off' } },
    ],
    [
      'a text stamp needs twice the room',
      'frame: {format: "delim:\\\\n"}\npayload: {size: 31B}',
      { payload: { stamp: 'off' } },
    ],
    [
      'a message is sent as it is',
      'payload: {message: ping}',
      { payload: { size: null, message: 'ping', stamp: 'off' }, match: { mode: 'fifo', verify: 'off' } },
    ],
    [
      'a byte stream is neither stamped, matched nor verified',
      'frame: {format: none}',
      { payload: { stamp: 'off' }, match: { mode: 'none', verify: 'off' } },
    ],
    ['one-way traffic is not verified', 'match: {mode: none}', { match: { mode: 'none', verify: 'off' } }],
    [
      'a heartbeat waits as long as any reply',
      'heartbeat: {every: 10s}\ntimeouts: {read: 2s}',
      { heartbeat: { everyUs: 10_000_000, payload: null, timeoutUs: 2_000_000 } },
    ],
    [
      'a heartbeat may have a timeout of its own',
      'heartbeat: {every: 10s, timeout: 1s}',
      { heartbeat: { timeoutUs: 1_000_000 } },
    ],
    ['a rate leaves the window open', 'load: {rate: 5/s}', { load: { window: null, ratePerSecond: 5 } }],
    ['an empty group is none', 'load:\ntls:', { load: { window: 1 } }],
    ['text that looks like a number stays text', 'payload: {message: 007}', { payload: { message: '007' } }],
    ['a quoted null is a word', 'label: "null"', { label: 'null' }],
    ['a list may be one word', 'tls: {enabled: on, alpn: h2}', { tls: { alpn: ['h2'] } }],
    [
      'an alias stands for its anchor',
      'duration: &d 3s\ntimeouts: {read: *d}',
      { timeouts: { readUs: 3_000_000 } },
    ],
    ['comments alone are an empty profile', '# nothing', { durationUs: 10_000_000 }],
  ])('settles what follows from other keys: %s', (_, yaml, expected) => {
    expect(load({ yaml })).toMatchObject(expected);
  });
});
