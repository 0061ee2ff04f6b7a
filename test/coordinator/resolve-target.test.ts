import { describe, expect, test } from 'vitest';

import { OperatingError } from '../../src/base/errors.ts';
import { formatAddress, isPrivateAddress, resolveTarget } from '../../src/coordinator/resolve-target.ts';

const STRICT = { allowPublic: false, allowedTargets: [] };

async function refusal(target: string, safety = STRICT): Promise<OperatingError> {
  const failure: unknown = await resolveTarget(target, safety).catch((error: unknown) => error);
  if (failure instanceof OperatingError) return failure;
  throw new Error(`${target} was not refused as a user's mistake: ${String(failure)}`);
}

describe('isPrivateAddress', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'all of 127/8 is loopback'],
    ['10.0.0.1', 'RFC 1918'],
    ['172.16.0.1', 'the first address of 172.16/12'],
    ['172.31.255.255', 'the last address of 172.16/12'],
    ['192.168.1.1', 'RFC 1918'],
    ['169.254.7.7', 'link-local'],
    ['100.64.0.1', 'shared address space of carriers'],
    ['::1', 'loopback'],
    ['fe80::1', 'link-local'],
    ['fd12:3456::1', 'unique local'],
    ['::ffff:127.0.0.1', 'loopback, written as IPv6'],
  ])('takes %s for private: %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  test.each([
    ['192.0.2.1', 'documentation addresses are routed like any'],
    ['8.8.8.8', 'somebody else'],
    ['172.15.255.255', 'just below 172.16/12'],
    ['172.32.0.0', 'just above 172.16/12'],
    ['100.63.255.255', 'just below 100.64/10'],
    ['100.128.0.0', 'just above 100.64/10'],
    ['128.0.0.1', 'just above 127/8'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['2001:db8::1', 'documentation'],
    ['::', 'any address'],
    ['fec0::1', 'just above fe80::/10'],
    ['::ffff:8.8.8.8', 'somebody else, written as IPv6'],
  ])('takes %s for public: %s', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

describe('resolveTarget', () => {
  test.each([
    ['127.0.0.1:7000', [{ family: 4, host: '127.0.0.1', port: 7000 }]],
    ['[::1]:7000', [{ family: 6, host: '::1', port: 7000 }]],
    ['unix:/run/echo.sock', [{ family: 'unix', path: '/run/echo.sock' }]],
  ])('takes %s as it is', async (target, addresses) => {
    expect(await resolveTarget(target, STRICT)).toEqual(addresses);
    expect(addresses.map((address) => formatAddress(address as never))).toEqual([target]);
  });

  test('finds every address of a name, each once', async () => {
    const addresses = await resolveTarget('localhost:7000', STRICT);
    const texts = addresses.map(formatAddress);
    expect(texts.length).toBeGreaterThan(0);
    expect(new Set(texts).size).toBe(texts.length);
    for (const text of texts) expect(['127.0.0.1:7000', '[::1]:7000']).toContain(text);
  });

  test.each(['192.0.2.1:80', '[2001:db8::1]:80'])('refuses the public address %s', async (target) => {
    const { code, exitCode, message } = await refusal(target);
    expect({ code, exitCode }).toEqual({ code: 'ERR_TARGET', exitCode: 104 });
    expect(message).toContain(`Refused to load ${target}: ${target} is outside loopback and private ranges`);
    expect(message).toContain('--allow-public');
  });

  test('accepts a public address that the profile allows, one by one or all', async () => {
    const one = { allowPublic: false, allowedTargets: ['192.0.2.1'] };
    expect(await resolveTarget('192.0.2.1:80', one)).toHaveLength(1);
    await expect(resolveTarget('192.0.2.2:80', one)).rejects.toThrow('Refused to load');
    const all = { allowPublic: true, allowedTargets: [] };
    expect(await resolveTarget('192.0.2.2:80', all)).toHaveLength(1);
  });

  test('names the host that has no address, and what the resolver said', async () => {
    const { code, exitCode, message } = await refusal('nohost.invalid:80');
    expect({ code, exitCode }).toEqual({ code: 'ERR_TARGET', exitCode: 104 });
    expect(message).toMatch(
      /^Cannot resolve the target nohost\.invalid:80: the name nohost\.invalid has no address \(E\w+ from \w+\)$/,
    );
  });

  test('judges an address with a zone by the address', async () => {
    const [address] = await resolveTarget('[fe80::1%lo]:80', STRICT);
    expect(address).toEqual({ family: 6, host: 'fe80::1%lo', port: 80 });
  });
});
