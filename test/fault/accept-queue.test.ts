import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { whyNoEpoll } from '../../src/engine/linux/probe.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import type { BothSides } from './claim.ts';

const SCENE = fileURLToPath(new URL('./overflow-scene.js', import.meta.url));

/** Makes a network namespace whose loopback is up; fails where the user may not. */
const OWN_NETWORK = ['-n', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'];

/** Why the scene cannot be played here; null where it can. */
function obstacle(): string | null {
  const trial = spawnSync('unshare', [...OWN_NETWORK, 'true']);
  return trial.status === 0 ? whyNoEpoll() : 'no network namespace of its own';
}

describe('never-accept --backlog 16, 40 dials of 3.5 s each', () => {
  test.skipIf(obstacle() !== null)(
    'dials connected, stalled and timed out are those of the kernel, SYN by SYN',
    () => {
      const scene = [...OWN_NETWORK, process.execPath, SCENE, scratchDirectory()];
      const { stdout } = spawnSync('unshare', scene, { encoding: 'utf8' });
      const { summary, truth, kernel } = JSON.parse(stdout) as BothSides & { kernel: Record<string, number> };
      // The accept queue has backlog + 1 places, and the trial dial of the run keeps one of them.
      expect(truth.faults[0]?.counts.waitingAtEnd).toBe(17);
      expect(summary.dials).toMatchObject({ attempted: 40, connected: 16, timedOut: 24, stalled: 24 });
      expect(summary.sessions['read-timeout']).toBe(16);
      const syns = Object.entries(summary.dials.bySynRetransmits);
      const repeated = syns.reduce((sum, [times, dials]) => sum + Number(times) * dials, 0);
      expect(syns.reduce((sum, [, dials]) => sum + dials, 0)).toBe(40);
      expect(repeated).toBeGreaterThanOrEqual(24);
      expect(kernel['TCPSynRetrans']).toBe(repeated);
      // Every SYN of a dial that found no place was dropped, the first and the repeated ones.
      expect(kernel['ListenOverflows']).toBe(24 + repeated);
      expect(kernel['ListenDrops']).toBe(24 + repeated);
    },
  );
});
