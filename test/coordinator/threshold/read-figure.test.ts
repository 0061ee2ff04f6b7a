import { describe, expect, it } from 'vitest';
import type { ObservedFigures } from '../../../src/coordinator/threshold/observed-figures.ts';
import { readFigure } from '../../../src/coordinator/threshold/read-figure.ts';
import { RunFigures } from '../../../src/coordinator/threshold/run-figures.ts';
import type { CounterName } from '../../../src/measure/counters.ts';
import { findFigure } from '../../../src/profile/threshold/figures.ts';
import { intervalOf } from './figures-support.ts';

function read(name: string, figures: ObservedFigures): number | null {
  const figure = findFigure(name);
  if (figure === null) throw new Error(`There is no figure ${name}`);
  return readFigure(figure.source, figures);
}

function figuresOf(counters: Partial<Record<CounterName, number>>): ObservedFigures {
  const run = new RunFigures(['response']);
  run.add(intervalOf({ at: 0, counters }));
  return run.observed({ stalledDials: 7, healthScore: null });
}

describe('readFigure', () => {
  const times = Array.from({ length: 1000 }, (_, index) => index + 1);
  const run = new RunFigures(['response']);
  run.add(
    intervalOf({
      at: 0,
      end: 0.5,
      phase: 'warmup',
      counters: { framesMatched: 99, framesMatchedInWarmup: 99 },
      openMax: 4,
      openAtEnd: 4,
    }),
  );
  run.add(
    intervalOf({
      at: 0.5,
      end: 2.5,
      counters: {
        framesMatched: 10,
        framesOneWay: 2,
        bytesSent: 600,
        'dial:refused': 3,
        writeStalls: 5,
        'reconnect:session:reset': 2,
        'reconnect:dial:refused': 1,
      },
      times: { response: times },
      openMax: 3,
      openAtEnd: 2,
    }),
  );
  run.add(intervalOf({ at: 2.5, end: 3, phase: 'drain', counters: { framesMatched: 7 }, openAtEnd: 0 }));
  const figures = run.observed({ stalledDials: 7, healthScore: 0.9 });

  it.each([
    ['response.p50', 500],
    ['response.p99.9', 999],
    ['response.min', 1],
    ['response.max', 1000],
    ['response.mean', 500.5],
    ['response.count', 1000],
    ['dials.refused', 3],
    ['writes.stalls', 5],
    ['frames.matched', 116],
    ['connections.reconnects.total', 3],
    ['throughput.frames', 6],
    ['throughput.sentBytes', 300],
    ['connections.peakOpen', 4],
    ['connections.openAtEnd', 0],
    ['dials.stalled', 7],
    ['health.score', 0.9],
  ])('%s is %d', (name, value) => expect(read(name, figures)).toBe(value));

  it.each([
    'response.p99',
    'response.mean',
    'response.min',
    'response.max',
    'errors.rate',
    'throughput.frames',
  ])('%s is not observed where nothing was', (name) =>
    expect(read(name, new RunFigures(['response']).observed(null))).toBeNull(),
  );

  it('counts are 0 where nothing was', () => {
    const nothing = new RunFigures([]).observed(null);
    for (const name of ['response.count', 'dials.refused', 'errors.count'])
      expect(read(name, nothing)).toBe(0);
    expect(read('dials.stalled', nothing)).toBeNull();
  });
});

describe('readFigure: errors', () => {
  it('are the failed dials, sessions and frames, of all that came to an end', () => {
    const figures = figuresOf({
      'dial:connected': 9,
      'dial:refused': 1,
      'session:closed-by-plan': 8,
      'session:reset': 1,
      framesMatched: 70,
      framesOneWay: 8,
      framesLost: 2,
      framesCorrupt: 1,
    });
    expect(read('errors.count', figures)).toBe(5);
    expect(read('errors.rate', figures)).toBe(0.05);
  });

  it('are neither what failed for want of own means nor what the end of the run cut short', () => {
    const figures = figuresOf({
      'dial:connected': 10,
      'dial:localLimit': 5,
      'dial:abandoned': 5,
      'session:local-error': 2,
      framesInFlightAtEnd: 3,
      framesUnsent: 4,
    });
    expect(read('errors.count', figures)).toBe(0);
    expect(read('errors.rate', figures)).toBe(0);
  });
});
