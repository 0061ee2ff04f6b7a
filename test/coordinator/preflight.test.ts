import { describe, expect, test } from 'vitest';

import { OperatingError } from '../../src/base/errors.ts';
import { checkLimits, type PreflightFacts } from '../../src/coordinator/preflight.ts';

const IPV4 = { family: 4, host: '127.0.0.1', port: 1 } as const;
const UNIX = { family: 'unix', path: '/run/echo.sock' } as const;
const FACTS: PreflightFacts = {
  connections: 1000,
  workers: 2,
  addresses: [IPV4],
  descriptorLimit: 2000,
  nrOpen: 1_048_576,
  ephemeralPorts: 28_232,
  sourceIps: 1,
  builtIn: false,
};

function refusal(overrides: Partial<PreflightFacts>): string {
  try {
    checkLimits({ ...FACTS, ...overrides });
  } catch (error) {
    expect(error).toBeInstanceOf(OperatingError);
    expect(error).toMatchObject({ code: 'ERR_PREFLIGHT', exitCode: 104 });
    return (error as OperatingError).message;
  }
  throw new Error('The limits were found sufficient');
}

describe('checkLimits', () => {
  test.each<[string, Partial<PreflightFacts>]>([
    ['limits suffice', {}],
    ['descriptors suffice to the last', { descriptorLimit: 1000 + 64 + 2 * 16 }],
    ['ports suffice to the last, one being taken by the trial dial', { ephemeralPorts: 1001 }],
    ['ports suffice beside the port of the built-in target', { ephemeralPorts: 1002, builtIn: true }],
    ['several addresses make the ports suffice', { ephemeralPorts: 501, addresses: [IPV4, IPV4] }],
    ['several source addresses make the ports suffice', { ephemeralPorts: 501, sourceIps: 2 }],
    ['a unix socket needs no port', { ephemeralPorts: 1, addresses: [UNIX] }],
    ['the machine tells no limit', { descriptorLimit: null, ephemeralPorts: null, connections: 1e9 }],
  ])('lets a run begin where %s', (_, overrides) => {
    expect(() => checkLimits({ ...FACTS, ...overrides })).not.toThrow();
  });

  test('names the descriptors that are needed, those there are, and what to type', () => {
    expect(refusal({ descriptorLimit: 1095 })).toBe(
      'Cannot open 1000 connections: they need 1096 descriptors, and this process may have 1095. Type ' +
        '`ulimit -Hn 1096` as root before the run (or raise LimitNOFILE), or take at most 999 connections',
    );
  });

  test('raises fs.nr_open first where the kernel refuses so high a limit', () => {
    expect(refusal({ connections: 2e6 })).toContain(
      'Type `sysctl fs.nr_open=2000096` and then `ulimit -Hn 2000096` as root before the run (or raise LimitNOFILE)',
    );
  });

  test.each([
    [97, ', or take at most 1 connection'],
    [96, ': as it is, this machine cannot carry one connection'],
    [50, ': as it is, this machine cannot carry one connection'],
  ])('offers no number of connections that cannot be asked for (%d descriptors)', (limit, end) => {
    const message = refusal({ descriptorLimit: limit });
    expect(message.slice(message.indexOf('LimitNOFILE)') + 'LimitNOFILE)'.length)).toBe(end);
  });

  test('names the source addresses that have the ports, and does not offer the range that is set', () => {
    const message = refusal({
      connections: 2e6,
      descriptorLimit: null,
      ephemeralPorts: 64_512,
      sourceIps: 3,
    });
    expect(message).toBe(
      'Cannot open 2000000 connections: the kernel has 64512 local ports for each of 1 target address from each of ' +
        '3 source addresses, so at most 193533 connections. Dial from more addresses (--source-ip), or give the ' +
        'target more addresses',
    );
  });

  test('counts the port on which the built-in target listens', () => {
    expect(refusal({ ephemeralPorts: 1001, builtIn: true })).toContain('so at most 999 connections');
  });

  test('says that one port, which the trial dial takes, carries no connection', () => {
    expect(refusal({ ephemeralPorts: 1 })).toContain('so not one connection. Type');
  });

  test.each([
    [[IPV4], 'each of 1 target address, so at most 998 connections'],
    [[IPV4, IPV4, UNIX], 'each of 2 target addresses, so at most 1996 connections'],
  ])('names the ports that each address has, and what to type (%#)', (addresses, words) => {
    const message = refusal({ connections: 1999, descriptorLimit: null, ephemeralPorts: 999, addresses });
    expect(message).toContain('Cannot open 1999 connections: the kernel has 999 local ports for ');
    expect(message).toContain(words);
    expect(message).toContain('sysctl net.ipv4.ip_local_port_range="1024 65535"');
  });
});
