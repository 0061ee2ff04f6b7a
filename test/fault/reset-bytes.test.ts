import { describe, expect, test } from 'vitest';

import { whyNoEpoll } from '../../src/engine/linux/probe.ts';
import { BASE_LOAD } from './expectation.ts';
import { faultRun } from './fault-run.ts';

const CONNECTIONS = 20;

/** Sends that come one by one, and sends that never rest: where the RST falls is another matter in each. */
const LOADS: Record<string, string>[] = [
  { payload: '64B', window: '1' },
  { payload: '64B', window: '64' },
  { payload: '4KiB', window: '1' },
  { payload: '4KiB', window: '16' },
  { payload: '100kB', window: '1' },
  { payload: '100kB', window: '4' },
  { payload: '1MiB', window: '1' },
  { payload: '1MiB', window: '4' },
];

describe.skipIf(whyNoEpoll() !== null)('reset-after:100000B, default buffers', () => {
  test.each(LOADS)(
    `on ${CONNECTIONS} connections, $payload frames, window $window: every byte is read, unread or unacknowledged`,
    async (overrides) => {
      const load = {
        ...BASE_LOAD,
        connections: String(CONNECTIONS),
        connectionLifetime: '100000 frames',
        ...overrides,
      };
      const { summary, truth } = await faultRun('epoll', { faults: ['reset-after:100000B'], load });
      const { readBytes = 0, unreadBytes = 0, resets } = truth.faults[0]?.counts ?? {};
      const { reset = 0, 'reset-mid-frame': midFrame = 0, 'broken-pipe': broken = 0 } = summary.sessions;
      expect([resets, reset + midFrame + broken]).toEqual([CONNECTIONS, CONNECTIONS]);
      expect(readBytes).toBe(CONNECTIONS * 100_000);
      expect(summary.bytes.sent).toBe(readBytes + unreadBytes + summary.connections.bytesUnacked);
      for (const { bytesAcked, bytesUnacked, count, bytesAccepted, bytesUnsent } of summary.writes.partial) {
        expect(count).toBeLessThanOrEqual(CONNECTIONS);
        expect((bytesAcked ?? 0) + (bytesUnacked ?? 0)).toBeGreaterThanOrEqual(bytesAccepted);
        expect(bytesUnsent).toBeGreaterThan(0);
      }
    },
  );
});
