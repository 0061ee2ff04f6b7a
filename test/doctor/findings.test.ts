import { describe, expect, test } from 'vitest';

import type { EngineAvailability } from '../../src/engine/choose-engine.ts';
import type { Finding, PlanInQuestion, PlanNeeds } from '../../src/doctor/finding.ts';
import { findings } from '../../src/doctor/findings.ts';
import type { Machine } from '../../src/doctor/machine.ts';
import { BUILT_IN_PLACE, placeOf, refusedPlace } from '../../src/doctor/target-place.ts';
import { sampleMachine, sampleNeeds, sampleSettings, unknownMachine } from '../support/sample-machine.ts';

const BOTH: EngineAvailability[] = [
  { name: 'node', available: true, reason: 'runs everywhere' },
  { name: 'epoll', available: true, reason: 'libc answers' },
];
const NODE_ONLY: EngineAvailability[] = [
  { name: 'node', available: true, reason: 'runs everywhere' },
  { name: 'epoll', available: false, reason: 'no koffi' },
];

/** A plan of which a run refuses nothing unless it is said. */
function planOf(
  needs: Partial<PlanNeeds>,
  refusals: PlanInQuestion['refusals'] = [],
): Pick<PlanInQuestion, 'needs' | 'refusals'> {
  return { needs: sampleNeeds(needs), refusals };
}

function found(
  limit: Finding['limit'],
  needs: Partial<PlanNeeds>,
  { machine = sampleMachine(), engines = BOTH }: { machine?: Machine; engines?: EngineAvailability[] } = {},
): Finding | undefined {
  return findings(planOf(needs), machine, engines).find((finding) => finding.limit === limit);
}

describe('findings', () => {
  test('hold every limit against a plan, and a sound plan fits', () => {
    const list = findings(planOf({ place: BUILT_IN_PLACE }), sampleMachine(), BOTH);
    expect(list.map(({ limit, verdict }) => `${limit} ${verdict}`)).toEqual([
      'engine fits',
      'descriptors fits',
      'ports fits',
      'conntrack fits',
      'memory fits',
      'workers fits',
      'accept queue fits',
      'connect timeout fits',
    ]);
  });

  test('leave out what does not concern a unix socket', () => {
    const place = placeOf([{ family: 'unix', path: '/run/a' }], []);
    const list = findings(planOf({ place }), sampleMachine(), BOTH);
    expect(list.map(({ limit }) => limit)).toEqual(['engine', 'descriptors', 'memory', 'workers']);
  });

  test('of a system that tells nothing are unknown and bind nothing', () => {
    const list = findings(planOf({ connections: 1e5 }), unknownMachine(), NODE_ONLY);
    expect(list.map(({ limit, verdict }) => `${limit} ${verdict}`)).toEqual([
      'engine fits',
      'descriptors unknown',
      'ports unknown',
      'memory fits',
      'workers fits',
    ]);
  });

  test('name a target that the run would refuse, and the rest beside it', () => {
    const list = findings(planOf({ place: refusedPlace('no such name') }), sampleMachine(), BOTH);
    expect(list[0]).toMatchObject({ limit: 'target', verdict: 'binds', advice: 'no such name' });
    expect(list.map(({ limit }) => limit)).toContain('ports');
  });
});

describe('findings of what a run would refuse', () => {
  test('bind in its own words, after the engine', () => {
    const plan = planOf({}, [{ limit: 'source addresses', message: 'Cannot dial from 10.9.9.9' }]);
    expect(findings(plan, sampleMachine(), BOTH).slice(0, 2)).toMatchObject([
      { limit: 'engine', verdict: 'fits' },
      { limit: 'source addresses', verdict: 'binds', advice: 'Cannot dial from 10.9.9.9' },
    ]);
  });

  test('are one finding where they are of the engine', () => {
    const plan = planOf({}, [{ limit: 'engine', message: 'Cannot use it' }]);
    const engines = findings(plan, sampleMachine(), NODE_ONLY).filter(({ limit }) => limit === 'engine');
    expect(engines).toMatchObject([{ verdict: 'binds', advice: 'Cannot use it' }]);
  });
});

describe('findings of the engine', () => {
  test.each([
    ['auto takes epoll', 'auto', BOTH, 'fits', null],
    ['auto takes node where epoll is not', 'auto', NODE_ONLY, 'fits', null],
    [
      'epoll binds where it is not',
      'epoll',
      NODE_ONLY,
      'binds',
      'the epoll engine cannot run here (no koffi): take --engine auto',
    ],
    [
      'epoll binds where this version lacks it',
      'epoll',
      [],
      'binds',
      'the epoll engine cannot run here (this version of Tidemark does not have it): take --engine auto',
    ],
  ] as const)('%s', (_, engine, engines, verdict, advice) => {
    expect(found('engine', { engine }, { engines: [...engines] })).toMatchObject({ verdict, advice });
  });

  test('decide how much memory a connection takes', () => {
    const neededBy = (engines: EngineAvailability[]): number => found('memory', {}, { engines })?.needed ?? 0;
    expect(neededBy(NODE_ONLY) - neededBy(BOTH)).toBe(1000 * (4900 - 2048));
  });
});

describe('findings of the connect timeout', () => {
  test.each([
    ['fits above the first repeat', 3, 'fits', null],
    ['fits up to where the kernel gives up', 131, 'fits', null],
    [
      'binds beyond',
      132,
      'binds',
      'the kernel gives a dial up before that: type `sysctl net.ipv4.tcp_syn_retries=7` as root, or take ' +
        '--connect-timeout 131s',
    ],
    [
      'binds beyond what can be set',
      1e6,
      'binds',
      'the kernel gives a dial up before that: take --connect-timeout 131s',
    ],
    [
      'is tight where no repeat can help',
      1,
      'tight',
      'one lost SYN fails its dial, since it is repeated after 1 s only: take --connect-timeout 3s',
    ],
  ])('%s', (_, seconds, verdict, advice) => {
    expect(found('connect timeout', { connectTimeoutUs: seconds * 1e6 })).toEqual({
      limit: 'connect timeout',
      needed: seconds,
      available: 131,
      unit: 'seconds',
      verdict,
      advice,
    });
  });

  test('hold few retries to the time that they give, linear repeats or not', () => {
    const machine = sampleMachine({ settings: sampleSettings({ tcpSynRetries: 1 }) });
    expect(found('connect timeout', { connectTimeoutUs: 5e6 }, { machine })).toMatchObject({
      available: 3,
      verdict: 'binds',
      advice:
        'the kernel gives a dial up before that: type `sysctl net.ipv4.tcp_syn_retries=2` as root, or take ' +
        '--connect-timeout 3s',
    });
  });

  test('know kernels without linear repeats', () => {
    const machine = sampleMachine({ settings: sampleSettings({ tcpSynLinearTimeouts: null }) });
    expect(found('connect timeout', {}, { machine })).toMatchObject({ available: 127 });
  });
});
