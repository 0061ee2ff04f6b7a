import { describe, expect, it } from 'vitest';
import { faultsOf, load } from '../support/profile-sources.ts';

describe('CHURN_RULES', () => {
  it('refuse a backoff that nothing waits for', () => {
    expect(faultsOf({ flags: { backoff: '1s..2s', reconnect: 'immediate' } })).toEqual([
      '--backoff: has no effect while connections.reconnect (--reconnect) is immediate; set that to backoff, or drop ' +
        'connections.backoff',
    ]);
    expect(faultsOf({ yaml: 'connections: { backoff: 1s..2s }' })).toHaveLength(1);
  });

  it('accept one beside reconnect backoff, which has pauses of its own without it', () => {
    const plan = load({ flags: { reconnect: 'backoff', backoff: '1s..2s' } });
    expect(plan.connections.backoff).toEqual({ firstUs: 1e6, longestUs: 2e6 });
    const usual = load({ flags: { reconnect: 'backoff' } });
    expect(usual.connections.backoff).toEqual({ firstUs: 100_000, longestUs: 10e6 });
    expect(load({}).connections.backoff).toBeNull();
  });
});
