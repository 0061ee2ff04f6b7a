import { expect, test } from 'vitest';

import { tcpFamilies } from '../../src/engine/tcp-families.ts';

test('tcpFamilies names one family an address, and none of a unix socket', () => {
  const [IPV4, IPV6] = [
    { family: 4, host: '127.0.0.1', port: 1 },
    { family: 6, host: '::1', port: 1 },
  ] as const;
  expect(tcpFamilies([IPV4, IPV6, IPV4])).toEqual([4, 6, 4]);
  expect(tcpFamilies([{ family: 'unix', path: '/run/a' }])).toEqual([]);
});
