import { BlockList, isIP, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SOURCE_IPS_MAX } from '../../src/profile/profile-limits.ts';
import { expandSourceIps } from '../../src/profile/source-ips.ts';

/** An address as one number, reckoned apart from the code under test. */
const numberOf = (address: string): number => Buffer.from(address.split('.').map(Number)).readUInt32BE();

const addressOf = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return [...bytes].join('.');
};

/** Whether an IPv6 address begins like the ones that stand for IPv4: ten zero bytes and two of ff. */
const isMapped = (address: string): boolean => IPV4_MAPPED.check(address, 'ipv6');
const IPV4_MAPPED = new BlockList();
IPV4_MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6');
const MULTICAST = new BlockList();
MULTICAST.addSubnet('ff00::', 8, 'ipv6');

/** Whether all addresses from `first` to `last` may be dialled from: none is wildcard, multicast or broadcast. */
const areSources = (first: number, last: number): boolean =>
  first > 0 && last < 2 ** 32 - 1 && (last < 224 * 2 ** 24 || first >= 240 * 2 ** 24);

const anyAddress = fc.ipV4().filter((address) => areSources(numberOf(address), numberOf(address)));
const anyRange = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1001 }), fc.integer({ min: 0, max: 1000 }))
  .map(([first, more]) => ({
    first,
    last: first + more,
    text: `${addressOf(first)}-${addressOf(first + more)}`,
  }))
  .filter(({ first, last }) => areSources(first, last));
const anyNetwork = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 16 - 1 }), fc.integer({ min: 17, max: 32 }), fc.nat(2 ** 16))
  .map(([high, prefix, low]) => {
    const length = 2 ** (32 - prefix);
    const first = high * 65_536 + Math.floor((low % 65_536) / length) * length;
    return { first, length, text: `${addressOf(first)}/${prefix}` };
  })
  .filter(({ first, length }) => areSources(first, first + length - 1));
const anyIPv6 = fc
  .ipV6()
  .filter((address) => !isMapped(address) && !MULTICAST.check(address, 'ipv6') && !/^[0:.]+$/.test(address));
const anySpec = fc.array(
  fc.oneof(
    anyAddress,
    anyRange.map(({ text }) => text),
    anyNetwork.map(({ text }) => text).filter((text) => Number(text.split('/')[1]) > 22),
    anyIPv6,
  ),
  { maxLength: 20 },
);

describe('expandSourceIps', () => {
  it('keeps single addresses as they are', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(expandSourceIps([address])).toEqual([address]);
      }),
    );
  });

  it('counts through a range, both ends included', () => {
    fc.assert(
      fc.property(anyRange, ({ first, last, text }) => {
        const numbers = expandSourceIps([text]).map(numberOf);
        expect(numbers).toEqual(Array.from({ length: last - first + 1 }, (_, index) => first + index));
      }),
    );
  });

  it('takes all of a network but its first and last address, where it has more than two', () => {
    fc.assert(
      fc.property(anyNetwork, ({ first, length, text }) => {
        const inside = Array.from({ length }, (_, index) => first + index);
        const expected = length > 2 ? inside.slice(1, -1) : inside;
        expect(expandSourceIps([text]).map(numberOf)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('lists what the items stand for one after the other, each address once, and reads its own list', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const addresses = expandSourceIps(spec);
        expect(addresses).toEqual([...new Set(spec.flatMap((item) => expandSourceIps([item])))]);
        expect(addresses.every((address) => isIP(address) !== 0)).toBe(true);
        expect(expandSourceIps(addresses)).toEqual(addresses);
      }),
    );
  });

  it('throws nothing but a refusal that shows the item, whatever the text', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9./:-]{1,20}$/));
    fc.assert(
      fc.property(text, (item) => {
        try {
          expandSourceIps([item]).forEach((address) => expect(isIP(address)).not.toBe(0));
        } catch (error) {
          expect(error).toMatchObject({ name: 'ValueError' });
          const { message } = error as Error;
          expect(message.includes(JSON.stringify(item)) || message.includes('must stand for at most')).toBe(
            true,
          );
        }
      }),
    );
  });

  it.each<[string, string[], string[]]>([
    ['nothing stands for nothing', [], []],
    ['a network of two has no broadcast address', ['127.0.0.2/31'], ['127.0.0.2', '127.0.0.3']],
    ['a network of one is its address', ['127.0.0.2/32'], ['127.0.0.2']],
    ['a network of four has two to dial from', ['127.0.0.4/30'], ['127.0.0.5', '127.0.0.6']],
    ['a range may cross bytes', ['127.0.0.255-127.0.1.1'], ['127.0.0.255', '127.0.1.0', '127.0.1.1']],
    [
      'high addresses do not turn negative',
      ['255.255.255.253-255.255.255.254'],
      ['255.255.255.253', '255.255.255.254'],
    ],
    ['IPv6 in two spellings is one address', ['0:0::1', '::1', 'FE80::1'], ['::1', 'fe80::1']],
    [
      'the order given is the order of turns',
      ['127.0.0.9', '127.0.0.8-127.0.0.9'],
      ['127.0.0.9', '127.0.0.8'],
    ],
  ])('%s', (_, spec, addresses) => {
    expect(expandSourceIps(spec)).toEqual(addresses);
  });

  it.each([
    ['localhost', 'is not an address'],
    ['127.0.0.256', 'is not an address'],
    ['[::1]', 'is not an address'],
    ['', 'is not an address'],
    ['127.0.0.9-127.0.0.2', 'must go from the lower address to the higher one'],
    ['127.0.0.2-9', 'is not a range of IPv4 addresses'],
    ['::1-::2', 'is not a range of IPv4 addresses'],
    ['127.0.0.1-127.0.0.2-127.0.0.3', 'is not a range of IPv4 addresses'],
    ['127.0.0.0/33', 'is not an IPv4 network'],
    ['127.0.0.0/', 'is not an IPv4 network'],
    ['fd00::/120', 'is not an IPv4 network'],
    ['::1/128', 'is not an IPv4 network'],
    ['127.0.0.5/29', 'must begin at its first address: 127.0.0.0/29'],
    ['fe80::1%eth0', 'must be an IPv6 address without a zone'],
    ['0.0.0.0', 'holds the wildcard address, from which nothing is dialled'],
    ['::', 'holds the wildcard address, from which nothing is dialled'],
    ['0:0::0', 'holds the wildcard address, from which nothing is dialled'],
    ['224.0.0.1', 'holds a multicast address, from which nothing is dialled'],
    ['223.255.255.255-224.0.0.0', 'holds a multicast address, from which nothing is dialled'],
    ['239.255.255.255', 'holds a multicast address, from which nothing is dialled'],
    ['192.0.0.0/2', 'holds a multicast address, from which nothing is dialled'],
    ['ff02::1', 'holds a multicast address, from which nothing is dialled'],
    ['255.255.255.255', 'holds the broadcast address, from which nothing is dialled'],
    ['255.255.255.254/31', 'holds the broadcast address, from which nothing is dialled'],
    ['::ffff:7f00:1', 'must be written as the IPv4 address that it maps'],
  ])('refuses %s, which %s', (item, why) => {
    expect(() => expandSourceIps([item])).toThrow(
      `${JSON.stringify(item)} ${why}; a source address reads like 127.0.0.2 or ::1, an IPv4 range`,
    );
  });

  it('refuses more than its limit in all, before making any', () => {
    const full = expandSourceIps(['127.1.0.0-127.1.255.255']);
    expect(full).toHaveLength(SOURCE_IPS_MAX);
    expect(full.every(isIPv4)).toBe(true);
    expect(() => expandSourceIps(['127.1.0.0-127.1.255.255', '::1'])).toThrow(
      'must stand for at most 65536 addresses, current value stands for 65537',
    );
    expect(() => expandSourceIps(['64.0.0.0/2'])).toThrow('current value stands for 1073741822');
  });
});
