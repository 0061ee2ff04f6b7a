import { expect, test } from 'vitest';

import { placeOf } from '../../src/doctor/target-place.ts';
import type { TargetAddress } from '../../src/engine/engine.ts';

const tcp = (host: string, family: 4 | 6 = 4): TargetAddress => ({ family, host, port: 7000 });

test.each<[string, TargetAddress[], (4 | 6)[], boolean]>([
  ['loopback, whichever of its addresses', [tcp('127.3.2.1')], [4], true],
  ['loopback of both families', [tcp('127.0.0.1'), tcp('::1', 6)], [4, 6], true],
  ['an address of an interface of this machine', [tcp('10.0.0.5')], [4], true],
  ['another machine', [tcp('10.0.0.6')], [4], false],
  ['a name with an address here and one elsewhere', [tcp('10.0.0.5'), tcp('10.0.0.6')], [4, 4], false],
  ['a unix socket, which needs no port', [{ family: 'unix', path: '/run/a' }], [], true],
])('placeOf knows %s', (_, addresses, families, onThisMachine) => {
  expect(placeOf(addresses, ['10.0.0.5', 'fe80::1'])).toEqual({
    tcpAddresses: families.length,
    families,
    onThisMachine,
    builtIn: false,
    refusal: null,
  });
});
