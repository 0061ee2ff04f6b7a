import { describe, expect, test } from 'vitest';

import { stalledDials } from '../../src/coordinator/summarize-figures.ts';
import { COUNTER, newCounters } from '../../src/measure/counters.ts';

describe('stalledDials', () => {
  /** So many connected dials, by how often their SYN was sent again. */
  function dials(connected: number, synRetransmits: number[]): Parameters<typeof stalledDials>[0] {
    const counters = newCounters();
    counters[COUNTER['dial:connected']] = connected;
    return { counters, synRetransmits };
  }

  test.each([
    ['the dials whose SYN was sent again', dials(9, [5, 3, 1]), 'epoll', 4],
    ['none where no SYN was', dials(9, [9, 0, 0]), 'epoll', 0],
    ['none before any dial', dials(0, [0, 0, 0]), 'epoll', 0],
    ['nothing where the kernel tells of no dial', dials(9, [0, 0, 0]), 'epoll', null],
    ['nothing with an engine that cannot see them', dials(9, [0, 0, 0]), 'node', null],
  ])('knows %s', (_, totals, engine, stalled) => {
    expect(stalledDials(totals, engine)).toBe(stalled);
  });
});
