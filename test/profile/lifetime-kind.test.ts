import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lifetimeKind } from '../../src/profile/lifetime-kind.ts';
import type { Lifetime } from '../../src/schedule/lifetime.ts';

const kind = lifetimeKind();

const anyLifetime: fc.Arbitrary<Lifetime> = fc.oneof(
  fc.integer({ min: 1, max: 1e12 }).map((us) => ({ kind: 'time' as const, us })),
  fc.integer({ min: 1 }).map((count) => ({ kind: 'frames' as const, count })),
  fc.integer({ min: 1, max: 1e12 }).map((meanUs) => ({ kind: 'exponential' as const, meanUs })),
  fc
    .tuple(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 1, max: 1e12 }))
    .map(([fromUs, moreUs]) => ({ kind: 'uniform' as const, fromUs, toUs: fromUs + moreUs })),
);

describe('lifetimeKind', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(anyLifetime, (lifetime) => {
        expect(kind.read(String(kind.write(lifetime)))).toEqual(lifetime);
      }),
    );
  });

  it.each<[string, Lifetime, string]>([
    ['10s', { kind: 'time', us: 10_000_000 }, '10s'],
    ['1h30m', { kind: 'time', us: 5_400_000_000 }, '90m'],
    ['uniform:10s..30s', { kind: 'uniform', fromUs: 10e6, toUs: 30e6 }, 'uniform:10s..30s'],
    ['uniform:0s..500ms', { kind: 'uniform', fromUs: 0, toUs: 500_000 }, 'uniform:0s..500ms'],
    ['exp:20s', { kind: 'exponential', meanUs: 20e6 }, 'exp:20s'],
    ['1 frame', { kind: 'frames', count: 1 }, '1 frame'],
    ['1frames', { kind: 'frames', count: 1 }, '1 frame'],
    ['100 frames', { kind: 'frames', count: 100 }, '100 frames'],
    ['100frames', { kind: 'frames', count: 100 }, '100 frames'],
    ['10000 frames', { kind: 'frames', count: 10_000 }, '10k frames'],
  ])('reads %s', (text, lifetime, written) => {
    expect(kind.read(text)).toEqual(lifetime);
    expect(kind.write(lifetime)).toBe(written);
  });

  it.each([
    [
      '100',
      '"100" is not a lifetime; a lifetime reads like 10s, 1h30m, 1 frame, 10k frames, uniform:10s..30s or exp:20s',
    ],
    ['', '"" is not a lifetime'],
    ['frames', '"frames" is not a lifetime'],
    ['1 FRAME', '"1 FRAME" is not a lifetime'],
    ['exp:0s', 'must be above zero, current value is exp:0s'],
    ['exp:5', '"5" has no unit'],
    ['uniform:5s', '"uniform:5s" is not a lifetime'],
    ['uniform:0s..0s', 'must be above zero'],
    ['uniform:3s..2s', 'must not end before it begins, current value is uniform:3s..2s'],
    ['uniform:1s..2s..3s', 'is not a lifetime'],
    ['0s', 'must be above zero, current value is 0s'],
    ['0 frames', 'must be above zero, current value is 0 frames'],
    ['1.5 frames', '"1.5" is not a whole number'],
    ['1  frame', '"1 " is not a count'],
    ['5 s', '"5 s" is not a duration'],
  ])('refuses %j', (text, message) => {
    expect(() => kind.read(text)).toThrow(message);
  });
});
