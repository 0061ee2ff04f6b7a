import { describe, expect, test } from 'vitest';

import { decodeAddress, encodeAddress } from '../../../src/target/fault/socket-address.ts';

describe('encodeAddress and decodeAddress are inverse', () => {
  test.each([
    ['127.0.0.1', '02001b5f7f000001', { address: '127.0.0.1', family: 'IPv4', port: 7007 }],
    ['::1', '0a001b5f00000000', { address: '::1', family: 'IPv6', port: 7007 }],
    ['::', '0a001b5f00000000', { address: '::', family: 'IPv6', port: 7007 }],
    ['fe80::12:3', '0a001b5f00000000fe80', { address: 'fe80::12:3', family: 'IPv6', port: 7007 }],
    [
      '1:2:3:4:5:6:7:8',
      '0a001b5f0000000000010002',
      { address: '1:2:3:4:5:6:7:8', family: 'IPv6', port: 7007 },
    ],
    ['::ffff:10.0.0.1', '0a001b5f00000000', { address: '::ffff:a00:1', family: 'IPv6', port: 7007 }],
  ])('for %s', async (host, hex, decoded) => {
    const { bytes } = await encodeAddress({ host, port: 7007 });
    expect(bytes.toString('hex').startsWith(hex)).toBe(true);
    expect(decodeAddress(bytes)).toEqual(decoded);
  });

  test('for the path of a unix socket', async () => {
    const { bytes } = await encodeAddress({ path: '/run/echo.sock' });
    expect(decodeAddress(bytes)).toBe('/run/echo.sock');
  });
});
