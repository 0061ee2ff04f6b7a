import { expect, test } from 'vitest';

import { placeOf } from '../../src/doctor/target-place.ts';
import type { TargetAddress } from '../../src/engine/engine.ts';

const tcp = (host: string, family: 4 | 6 = 4): TargetAddress => ({ family, host, port: 7000 });

test.each<[string, TargetAddress[], number, boolean]>([
  ['loopback, whichever of its addresses', [tcp('127.3.2.1')], 1, true],
  ['loopback of both families', [tcp('127.0.0.1'), tcp('::1', 6)], 2, true],
  ['an address of an interface of this machine', [tcp('10.0.0.5')], 1, true],
  ['another machine', [tcp('10.0.0.6')], 1, false],
  ['a name with an address here and one elsewhere', [tcp('10.0.0.5'), tcp('10.0.0.6')], 2, false],
  ['a unix socket, which needs no port', [{ family: 'unix', path: '/run/a' }], 0, true],
])('placeOf knows %s', (_, addresses, tcpAddresses, onThisMachine) => {
  expect(placeOf(addresses, ['10.0.0.5', 'fe80::1'])).toEqual({
    tcpAddresses,
    onThisMachine,
    builtIn: false,
    refusal: null,
  });
});
