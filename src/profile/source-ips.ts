import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { SOURCE_IPS_MAX } from './profile-limits.ts';
import { ValueError } from './value-error.ts';

/**
 * Local addresses to dial from, as users list them. An item is an IPv4 or IPv6 address, an IPv4 range with both ends
 * (`127.0.0.2-127.0.0.9`), or an IPv4 network (`127.0.0.0/29`). A network stands for its addresses but the first and
 * the last, which are the network's own and broadcast; networks of one or two addresses have neither.
 * Source: RFC 4632, section 3.1 (prefixes); RFC 3021 (31-bit prefixes).
 */

const FORMS =
  'a source address reads like 127.0.0.2 or ::1, an IPv4 range 127.0.0.2-127.0.0.9, an IPv4 network 127.0.0.0/29';

/**
 * Addresses that bind(2) takes as it takes this machine's own, while the dial then goes from another, of the kernel's
 * choice. Broadcast addresses of networks depend on the machine, which is asked before the run.
 * Source: RFC 6890 (0.0.0.0, 255.255.255.255), RFC 5771 (multicast).
 */
const NO_SOURCES = [
  { first: '0.0.0.0', last: '0.0.0.0', what: 'the wildcard address' },
  { first: '224.0.0.0', last: '239.255.255.255', what: 'a multicast address' },
  { first: '255.255.255.255', last: '255.255.255.255', what: 'the broadcast address' },
] as const;

/** IPv4 addresses from `first` to `last`, as 32-bit numbers, or one IPv6 address as text. */
type Span = { kind: 'ipv4'; first: number; last: number } | { kind: 'ipv6'; address: string };

/**
 * Every address that the items stand for, in their order, each once; IPv6 in its canonical spelling (RFC 5952).
 * @throws {ValueError} when an item has none of the accepted forms, or all together stand for more than 65,536
 * @example expandSourceIps(['127.0.0.9', '127.0.0.0/30']) // ['127.0.0.9', '127.0.0.1', '127.0.0.2']
 */
export function expandSourceIps(spec: readonly string[]): string[] {
  const spans = spec.map(parseSpan);
  // Counted before anything is made: a slip such as 127.0.0.0/8 stands for 16 million.
  const count = spans.reduce((sum, item) => sum + spanLength(item), 0);
  if (count > SOURCE_IPS_MAX) {
    throw new ValueError(
      `must stand for at most ${SOURCE_IPS_MAX} addresses, current value stands for ${count}`,
    );
  }
  return [...new Set(spans.flatMap(addressesOf))];
}

function parseSpan(text: string): Span {
  if (isIPv4(text)) return span(text, toNumber(text), toNumber(text));
  if (text.includes('/')) return parseNetwork(text);
  if (text.includes('-')) return parseRange(text);
  if (!isIPv6(text)) throw refusal(text, 'is not an address');
  if (text.includes('%')) throw refusal(text, 'must be an IPv6 address without a zone');
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  // A socket bound to a mapped address reaches no IPv6 target.
  if (/^::ffff:.*\./.test(address)) throw refusal(text, 'must be written as the IPv4 address that it maps');
  if (address === '::') throw refusal(text, noSource('the wildcard address'));
  if (/^ff..:/.test(address)) throw refusal(text, noSource('a multicast address'));
  return { kind: 'ipv6', address };
}

function parseRange(text: string): Span {
  const [from = '', to = '', ...more] = text.split('-');
  if (!isIPv4(from) || !isIPv4(to) || more.length > 0)
    throw refusal(text, 'is not a range of IPv4 addresses');
  const [first, last] = [toNumber(from), toNumber(to)];
  if (last < first) throw refusal(text, 'must go from the lower address to the higher one');
  return span(text, first, last);
}

function parseNetwork(text: string): Span {
  const [, address = '', prefix = ''] = /^(.*)\/(\d|[12]\d|3[0-2])$/.exec(text) ?? [];
  if (!isIPv4(address)) throw refusal(text, 'is not an IPv4 network');
  const length = 2 ** (32 - Number(prefix));
  const given = toNumber(address);
  const first = given - (given % length);
  if (given !== first) throw refusal(text, `must begin at its first address: ${toAddress(first)}/${prefix}`);
  return length <= 2 ? span(text, first, first + length - 1) : span(text, first + 1, first + length - 2);
}

function span(text: string, first: number, last: number): Span {
  for (const kind of NO_SOURCES)
    if (first <= toNumber(kind.last) && last >= toNumber(kind.first))
      throw refusal(text, noSource(kind.what));
  return { kind: 'ipv4', first, last };
}

function spanLength(item: Span): number {
  return item.kind === 'ipv4' ? item.last - item.first + 1 : 1;
}

function addressesOf(item: Span): string[] {
  if (item.kind === 'ipv6') return [item.address];
  return Array.from({ length: spanLength(item) }, (_, index) => toAddress(item.first + index));
}

/** Multiplied and not shifted, since a shift would make addresses from 128.0.0.0 on negative. */
function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

function noSource(what: string): string {
  return `holds ${what}, from which nothing is dialled`;
}

function refusal(text: string, what: string): ValueError {
  return new ValueError(`${JSON.stringify(text)} ${what}; ${FORMS}`);
}
