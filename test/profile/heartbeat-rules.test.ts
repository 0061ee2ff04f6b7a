import { describe, expect, it } from 'vitest';
import { faultsOf } from '../support/profile-sources.ts';

describe('HEARTBEAT_RULES', () => {
  it.each<[string, Record<string, string>]>([
    ['replies matched in order', { match: 'fifo' }],
    ['replies matched by id', { match: 'id' }],
    ['a payload smaller than a stamp, since it carries none', { heartbeatPayload: 'PING', stamp: 'on' }],
    ['a payload that fits fixed frames', { heartbeatPayload: 'PING', frame: 'fixed:4' }],
    ['a timeout longer than its interval', { heartbeatTimeout: '1m' }],
  ])('allow %s', (_, flags) => {
    expect(faultsOf({ flags: { heartbeat: '10s', ...flags } })).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'a heartbeat whose reply is not matched',
      { heartbeat: '10s', match: 'none' },
      '--heartbeat: needs replies that are matched, and match.mode (--match) is none; set that to fifo or id',
    ],
    [
      'a heartbeat in a byte stream',
      { heartbeat: '10s', frame: 'none' },
      '--heartbeat: cannot stand beside frame.format (--frame) none, since a byte stream has no replies',
    ],
    [
      'a payload without a heartbeat',
      { heartbeatPayload: 'PING' },
      '--heartbeat-payload: has no effect without heartbeat.every (--heartbeat); give that, or drop heartbeat.payload',
    ],
    [
      'a timeout without a heartbeat',
      { heartbeatTimeout: '1s' },
      '--heartbeat-timeout: has no effect without heartbeat.every (--heartbeat); give that, or drop heartbeat.timeout',
    ],
    [
      'a payload of its own where replies are told by id',
      { heartbeat: '10s', heartbeatPayload: 'PING', match: 'id' },
      '--heartbeat-payload: cannot be told where match.mode (--match) is id',
    ],
    [
      'a payload of another size than fixed frames',
      { heartbeat: '10s', heartbeatPayload: 'PING', frame: 'fixed:5' },
      '--heartbeat-payload: must have exactly the 5B of fixed:5, current size is 4B',
    ],
    [
      'a payload that holds the delimiter',
      { heartbeat: '10s', heartbeatPayload: 'a\\nb', frame: 'delim:\\n' },
      '--heartbeat-payload: must not hold the delimiter of delim:\\n, which ends it at byte 1',
    ],
    [
      'a payload beyond the maximum',
      { heartbeat: '10s', heartbeatPayload: 'PING', frameMax: '3B', payload: '2B' },
      '--heartbeat-payload: must have at most 3B, largest size is 4B',
    ],
  ])('refuse %s', (_, flags, fault) => {
    const faults = faultsOf({ flags });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });
});
