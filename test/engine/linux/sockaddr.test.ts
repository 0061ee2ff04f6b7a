import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { TargetAddress } from '../../../src/engine/engine.ts';
import { SOCKADDR_BYTES_MAX } from '../../../src/engine/linux/abi.ts';
import { addressFamily, writeSockaddr } from '../../../src/engine/linux/sockaddr.ts';

/** The bytes that the kernel is given, over a buffer that held something else before. */
function written(address: TargetAddress): string {
  const out = Buffer.alloc(SOCKADDR_BYTES_MAX, 0xee);
  const length = writeSockaddr(out, address);
  expect([...new Set(out.subarray(length))]).toEqual(length === SOCKADDR_BYTES_MAX ? [] : [0]);
  return out.subarray(0, length).toString('hex');
}

/** Family 10, port 8080, flow info 0, the address, scope id. */
function v6(words: string, scope: string = '00000000'): string {
  return `0a001f9000000000${words}${scope}`;
}

const V6: [host: string, expected: string, why: string][] = [
  ['::', v6('0'.repeat(32)), 'all zeros'],
  ['::1', v6(`${'0'.repeat(31)}1`), 'loopback'],
  ['fe80::', v6(`fe80${'0'.repeat(28)}`), 'zeros at the end'],
  ['2001:db8::8:800:200c:417a', v6('20010db80000000000080800200c417a'), 'zeros in the middle'],
  ['1:2:3:4:5:6:7:8', v6('00010002000300040005000600070008'), 'no zeros left out'],
  ['1::3:4:5:6:7:8', v6('00010000000300040005000600070008'), 'one word left out'],
  ['ABCD:EF01::', v6(`abcdef01${'0'.repeat(24)}`), 'capital letters'],
  ['::ffff:192.0.2.128', v6(`${'0'.repeat(20)}ffffc0000280`), 'IPv4 mapped'],
  ['::ffff:c000:0280', v6(`${'0'.repeat(20)}ffffc0000280`), 'the same in hexadecimal'],
  ['64:ff9b::10.0.0.1', v6(`0064ff9b${'0'.repeat(16)}0a000001`), 'IPv4 behind a prefix'],
  ['1:2:3:4:5:6:255.255.0.1', v6('000100020003000400050006ffff0001'), 'IPv4 behind six words'],
  ['fe80::1%3', v6('fe800000000000000000000000000001', '03000000'), 'a scope id by number'],
];

describe('writeSockaddr', () => {
  test.each([
    ['127.0.0.1', 8080, '02001f907f0000010000000000000000', 'loopback'],
    ['0.0.0.0', 0, '02000000000000000000000000000000', 'nothing'],
    ['255.254.253.252', 65_535, '0200fffffffefdfc0000000000000000', 'the highest port'],
  ])('writes the IPv4 address %s, port %d, as %s: %s', (host, port, expected) => {
    expect(written({ family: 4, host, port })).toBe(expected);
  });

  test.each(V6)('writes the IPv6 address %s as %s: %s', (host, expected) => {
    expect(written({ family: 6, host, port: 8080 })).toBe(expected);
  });

  test('writes a unix path with its final zero', () => {
    expect(written({ family: 'unix', path: '/run/ä.sock' })).toBe(
      `0100${Buffer.from('/run/ä.sock').toString('hex')}00`,
    );
  });

  test('fills the buffer with the longest path that the kernel takes', () => {
    const path = `/${'x'.repeat(106)}`;
    expect(written({ family: 'unix', path })).toHaveLength(SOCKADDR_BYTES_MAX * 2);
  });

  test('reads any eight words alike, zeros left out or not', () => {
    const words = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(words, (values) => {
        const text = values.map((value) => value.toString(16));
        const expected = v6(text.map((word) => word.padStart(4, '0')).join(''));
        expect(written({ family: 6, host: text.join(':'), port: 8080 })).toBe(expected);
        // The URL parser shortens addresses by rules of its own (WHATWG URL, IPv6 serializer).
        const short = new URL(`http://[${text.join(':')}]`).hostname.slice(1, -1);
        expect(written({ family: 6, host: short, port: 8080 })).toBe(expected);
      }),
    );
  });

  test.each([
    ['IPv6', { family: 6, host: '1:2:3', port: 1 }],
    ['IPv4', { family: 4, host: '127.1', port: 1 }],
  ] as const)('takes what is no %s address for a bug', (_, address) => {
    expect(() => written(address)).toThrow('Assertion failed');
  });
});

test.each([
  [{ family: 4, host: '127.0.0.1', port: 1 }, 2],
  [{ family: 6, host: '::1', port: 1 }, 10],
  [{ family: 'unix', path: '/run/a.sock' }, 1],
] as const)('addressFamily of %o is the kernel number %d', (address, family) => {
  expect(addressFamily(address)).toBe(family);
});
