import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { checkLimits } from '../../src/coordinator/preflight.ts';
import {
  acceptQueueFinding,
  conntrackFinding,
  descriptorFinding,
  portFinding,
} from '../../src/doctor/socket-limits.ts';
import { BUILT_IN_PLACE, placeOf } from '../../src/doctor/target-place.ts';
import { sampleNeeds, sampleSettings } from '../support/sample-machine.ts';

const ADDRESS = { family: 4, host: '10.0.0.6', port: 7000 } as const;
const UNIX = placeOf([{ family: 'unix', path: '/run/echo.sock' }], []);
const WIDEN = '`sysctl net.ipv4.ip_local_port_range="1024 65535"`';

function range(count: number): { first: number; last: number; count: number } {
  return { first: 1024, last: 1023 + count, count };
}

describe('descriptorFinding', () => {
  const limits = (soft: number | null): { soft: number | null; hard: number | null } => ({
    soft,
    hard: soft,
  });

  test.each([
    ['fits to the last descriptor', 1096, 'fits', null],
    ['is unknown where the limit is', null, 'unknown', null],
    [
      'binds one below, and says what to type',
      1095,
      'binds',
      'type `ulimit -Hn 1096` as root before the run (or raise LimitNOFILE), or take -c 999',
    ],
    [
      'offers no number of connections that cannot be asked for',
      96,
      'binds',
      'type `ulimit -Hn 1096` as root before the run (or raise LimitNOFILE): as it is, this machine cannot carry one ' +
        'connection',
    ],
  ])('%s', (_, soft, verdict, advice) => {
    expect(descriptorFinding(sampleNeeds(), limits(soft), 1_048_576)).toEqual({
      limit: 'descriptors',
      needed: 1096,
      available: soft,
      unit: 'count',
      verdict,
      advice,
    });
  });

  test('raises fs.nr_open first where the hard limit cannot go so far', () => {
    const { advice } = descriptorFinding(sampleNeeds(), limits(500), 1000);
    expect(advice).toContain('type `sysctl fs.nr_open=1096` and then `ulimit -Hn 1096` as root');
  });
});

describe('portFinding', () => {
  test.each([
    ['fits up to half the range', 14_116, 1, 'fits', null],
    [
      'is tight beyond, where dials slow down',
      14_117,
      1,
      'tight',
      `beyond half the ports each dial takes about a millisecond of system time: type ${WIDEN} as root`,
    ],
    ['is tight up to the last port but that of the trial dial', 28_231, 1, 'tight', expect.any(String)],
    ['binds beyond', 28_232, 1, 'binds', `type ${WIDEN} as root, or take -c 28231`],
    ['has ports for every target address', 28_232, 2, 'fits', null],
    [
      'asks for addresses where no range suffices',
      130_000,
      1,
      'binds',
      `give the target 3 addresses and type ${WIDEN} as root, or take -c 28231`,
    ],
  ])('%s', (_, connections, addresses, verdict, advice) => {
    const place = placeOf(
      Array.from({ length: addresses }, () => ADDRESS),
      [],
    );
    const finding = portFinding(sampleNeeds({ connections, place }), range(28_232));
    expect(finding).toMatchObject({
      needed: connections,
      available: 28_231 * addresses,
      verdict,
      advice,
    });
  });

  test('has ports for every source address', () => {
    const needs = sampleNeeds({ connections: 56_462, sourceAddresses: 2 });
    expect(portFinding(needs, range(28_232))).toMatchObject({ available: 56_462, verdict: 'tight' });
  });

  test('knows that the widest range cannot be widened', () => {
    const finding = portFinding(sampleNeeds({ connections: 60_000 }), range(64_512));
    expect(finding?.advice).toMatch(/and there are no more ports to give$/);
  });

  test('does not advise the range that is set', () => {
    const needs = sampleNeeds({ connections: 70_000 });
    expect(portFinding(needs, range(64_512))?.advice).toBe('give the target 2 addresses, or take -c 64511');
    const builtIn = { ...needs, place: BUILT_IN_PLACE };
    expect(portFinding(builtIn, range(64_512))?.advice).toBe(
      'the built-in target has one address: dial from 2 (--source-ip), or take -c 64510',
    );
  });

  test('asks for no more addresses of the target than its sources need', () => {
    const needs = sampleNeeds({ connections: 200_000, sourceAddresses: 2 });
    expect(portFinding(needs, range(64_512))?.advice).toBe('give the target 2 addresses, or take -c 129022');
  });

  test('offers no number of connections where the only port is that of the trial dial', () => {
    expect(portFinding(sampleNeeds(), range(1))?.advice).toBe(
      `type ${WIDEN} as root: as it is, this machine cannot carry one connection`,
    );
  });

  test('gives the built-in target no further address', () => {
    const needs = sampleNeeds({ connections: 70_000, place: BUILT_IN_PLACE });
    expect(portFinding(needs, range(28_232))?.advice).toBe(
      `the built-in target has one address: dial from 2 (--source-ip) and type ${WIDEN} as root, or take -c 28230`,
    );
  });

  test('does not concern a unix socket, and is unknown where the range is', () => {
    expect(portFinding(sampleNeeds({ place: UNIX }), range(1))).toBeNull();
    expect(portFinding(sampleNeeds(), null)).toMatchObject({ verdict: 'unknown', available: null });
  });
});

describe('conntrackFinding', () => {
  const type = 'type `sysctl net.netfilter.nf_conntrack_max=2048` as root';

  test.each([
    ['fits to the last entry', { max: 2000, count: 1000 }, 'fits', null],
    ['binds beyond', { max: 2000, count: 1001 }, 'binds', `a full table drops every further SYN: ${type}`],
    [
      'is tight where nothing is tracked now',
      { max: 900, count: 0 },
      'tight',
      'nothing is tracked now; if a firewall rule does it: type `sysctl net.netfilter.nf_conntrack_max=1024` as root',
    ],
  ])('%s', (_, table, verdict, advice) => {
    expect(conntrackFinding(sampleNeeds(), table)).toMatchObject({
      needed: 1000,
      available: table.max - table.count,
      verdict,
      advice,
    });
  });

  test('does not concern a unix socket or a machine that tracks nothing', () => {
    expect(conntrackFinding(sampleNeeds({ place: UNIX }), { max: 1, count: 1 })).toBeNull();
    expect(conntrackFinding(sampleNeeds(), null)).toBeNull();
  });
});

describe('acceptQueueFinding', () => {
  const dialling = (concurrentDials: number): ReturnType<typeof sampleNeeds> =>
    sampleNeeds({ concurrentDials, place: BUILT_IN_PLACE });

  test.each([
    ['fits as many as the queue holds and one', 129, 128, 'fits', null],
    [
      'binds beyond, where somaxconn cuts the queue',
      130,
      128,
      'binds',
      'dials beyond it wait a second or more: type `sysctl net.core.somaxconn=4096` as root, or take ' +
        '--connect-concurrency 129',
    ],
    [
      "binds beyond the built-in target's own backlog, which somaxconn cannot lengthen",
      5000,
      65_535,
      'binds',
      'dials beyond it wait a second or more: take --connect-concurrency 4097',
    ],
  ])('%s', (_, dials, somaxconn, verdict, advice) => {
    expect(acceptQueueFinding(dialling(dials), sampleSettings({ somaxconn }))).toMatchObject({
      verdict,
      advice,
    });
  });

  test('is said of the built-in target only', () => {
    const settings = sampleSettings({ somaxconn: 1 });
    expect(acceptQueueFinding(sampleNeeds({ concurrentDials: 100 }), settings)).toBeNull();
    expect(acceptQueueFinding(dialling(100), sampleSettings({ somaxconn: null }))).toBeNull();
  });
});

test('what the check before a run refuses is what the doctor finds to bind', () => {
  const numbers = {
    connections: fc.integer({ min: 1, max: 400 }),
    workers: fc.integer({ min: 1, max: 4 }),
    addresses: fc.integer({ min: 1, max: 3 }),
    descriptors: fc.integer({ min: 0, max: 600 }),
    ports: fc.integer({ min: 1, max: 400 }),
    builtIn: fc.boolean(),
  };
  fc.assert(
    fc.property(
      fc.record(numbers),
      ({ connections, workers, addresses: count, descriptors, ports, builtIn }) => {
        const addresses = Array.from({ length: builtIn ? 1 : count }, () => ADDRESS);
        const place = builtIn ? BUILT_IN_PLACE : placeOf(addresses, []);
        const needs = sampleNeeds({ connections, workers, place });
        const binds = [
          descriptorFinding(needs, { soft: descriptors, hard: descriptors }, null),
          portFinding(needs, range(ports)),
        ].some((finding) => finding?.verdict === 'binds');
        const check = (): void =>
          checkLimits({
            connections,
            workers,
            addresses,
            descriptorLimit: descriptors,
            nrOpen: null,
            ephemeralPorts: ports,
            sourceIps: 1,
            builtIn,
          });
        if (binds) expect(check).toThrow('Cannot open');
        else check();
      },
    ),
  );
});
