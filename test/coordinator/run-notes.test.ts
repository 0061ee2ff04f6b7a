import { describe, expect, test } from 'vitest';

import { runNotes } from '../../src/coordinator/run-notes.ts';
import { RunTotals } from '../../src/coordinator/run-totals.ts';
import type { DialOutcome } from '../../src/measure/outcome.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';

describe('runNotes says of dials that our own limits ended', () => {
  /** The notes of a run whose dials ended so. */
  function notesOf(...dials: [outcome: DialOutcome, errno: string, syscall: string][]): string {
    const totals = new RunTotals(1);
    totals.addTrials(
      dials.map(([outcome, errno, syscall]) => ({
        address: { family: 4, host: '127.0.0.1', port: 1 },
        outcome,
        failure: errno === '' ? null : { errno, errnoNumber: 1, syscall },
      })),
    );
    return runNotes(loadProfile({ name: 'test', text: null, file: null }, {}, {}, []), totals).join('\n');
  }

  test.each<[what: string, dials: Parameters<typeof notesOf>, says: string]>([
    ['descriptors', [['localLimit', 'EMFILE', 'socket']], 'raise the descriptors of a process'],
    [
      'ports, where others found one',
      [
        ['connected', '', ''],
        ['localLimit', 'EADDRNOTAVAIL', 'connect'],
      ],
      'widen net.ipv4.ip_local_port_range',
    ],
    [
      'addresses, where nobody found one',
      [['localLimit', 'EADDRNOTAVAIL', 'connect']],
      'has no address from which',
    ],
    ['memory', [['localLimit', 'ENOMEM', 'socket']], 'free memory'],
  ])('what to do for want of %s', (_, dials, says) => {
    expect(notesOf(...dials)).toContain(says);
  });

  test('nothing where none was', () => {
    expect(notesOf(['refused', 'ECONNREFUSED', 'connect'])).toBe('');
  });
});
