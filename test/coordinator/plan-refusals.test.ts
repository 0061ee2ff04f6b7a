import { describe, expect, test } from 'vitest';

import { planRefusals } from '../../src/coordinator/plan-refusals.ts';
import type { TargetAddress } from '../../src/engine/engine.ts';
import { load } from '../support/profile-sources.ts';
import { ENGINES } from '../support/shard-run.ts';

const NO_EPOLL = ENGINES.every(({ engine, missing }) => engine !== 'epoll' || missing !== null);
const IPV4: TargetAddress = { family: 4, host: '127.0.0.1', port: 1 };

function limitsOf(sets: string[], addresses: TargetAddress[] = [IPV4]): string[] {
  return planRefusals(load({ sets }), addresses).map(({ limit }) => limit);
}

describe.skipIf(NO_EPOLL)('planRefusals', () => {
  test.each<[string, string[], string[]]>([
    ['nothing of a plan without wishes', [], []],
    ['nothing where sources and options are there', ['connections.sourceIps=127.0.0.2', 'socket.tos=8'], []],
    ['a source that is not here', ['connections.sourceIps=198.51.100.1'], ['source addresses']],
    ['sources that reach no target', ['connections.sourceIps=::1'], ['source addresses']],
    ['an option that the kernel lacks', ['socket.congestion=no-such'], ['socket options']],
    [
      'both beside each other',
      ['connections.sourceIps=198.51.100.1', 'socket.congestion=no-such'],
      ['source addresses', 'socket options'],
    ],
    ['those of cohorts', ['cohorts.a.connections.sourceIps=198.51.100.1'], ['source addresses']],
    ['nothing of the node engine', ['engine=node'], []],
    ['an engine that has no TLS', ['engine=epoll', 'tls.enabled=true', 'target=127.0.0.1:1'], ['engine']],
  ])('names %s', (_, sets, limits) => {
    expect(limitsOf(sets)).toEqual(limits);
  });

  test('asks for no sources where the target is not known', () => {
    expect(limitsOf(['connections.sourceIps=198.51.100.1'], [])).toEqual([]);
  });
});
