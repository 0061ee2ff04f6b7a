import { describe, expect, it } from 'vitest';
import { connectionStages, peakConnections } from '../../src/profile/load-model.ts';
import { faultsOf, load } from '../support/profile-sources.ts';

describe('STAGE_RULES of connections', () => {
  it('begin at 0 connections where no count is given, and at the count where one is', () => {
    const ramp = load({ flags: { stage: ['10s:500'] } });
    expect([ramp.connections.count, peakConnections(ramp)]).toEqual([0, 500]);
    const down = load({ flags: { connections: '800', stage: ['10s:500', '5s:10k/s', '1s:0'] } });
    expect([down.connections.count, peakConnections(down)]).toEqual([800, 800]);
    expect(connectionStages(down).map(({ connections }) => connections)).toEqual([500, 500, 0]);
    expect(load({ flags: { stage: ['10s:10k/s'] } }).connections.count).toBe(1);
  });

  it.each([
    [
      { connections: '0' },
      '--connections: must be at least 1 where no stage leads to connections, current value is 0',
    ],
    [{ stage: ['10s:0'] }, 'is 0 and no stage leads to more'],
    [{ stage: ['10s:50'], connectRate: '5/s' }, '--connect-rate: cannot stand beside stages (--stage)'],
    [{ stage: ['10s:50'], connectRamp: '5s' }, '--connect-ramp: cannot stand beside stages (--stage)'],
    [{ stage: ['10s:3'], workers: '4' }, 'current value is 4 for 3'],
  ])('refuse %j', (flags, message) => {
    const faults = faultsOf({ flags });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(message);
  });

  it('accept workers up to the most connections there are, and a dial rate beside stages of a rate', () => {
    expect(load({ flags: { stage: ['10s:4'], workers: '4' } }).workers).toBe(4);
    const paced = load({ flags: { connections: '50', stage: ['60s:4/s'], connectRate: '5/s' } });
    expect(paced.connections.ratePerSecond).toBe(5);
  });
});
