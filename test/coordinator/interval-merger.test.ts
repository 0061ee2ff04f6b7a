import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { IntervalMerger, openAtEnd, type MergedInterval } from '../../src/coordinator/interval-merger.ts';
import { COUNTER } from '../../src/measure/counters.ts';
import { Meter } from '../../src/measure/meter.ts';
import { loopReading } from '../support/loop-reading.ts';
import type { IntervalMessage } from '../../src/shard/messages.ts';

/** What a test looks at of a merged interval, copied before the next one is merged. */
interface Merged {
  index: number;
  startUs: number;
  endUs: number;
  sent: number;
  sentTotal: number;
  open: number;
  values: number;
}

/** A shard that counts `frames[i]` sent frames and as many response times in its i-th interval. */
class FakeShard {
  readonly #meter = new Meter(1);
  #index: number = 0;
  #sent: number = 0;

  next(frames: number): IntervalMessage {
    const index = this.#index++;
    this.#sent += frames;
    this.#meter.counters.set([this.#sent], COUNTER.framesSent);
    this.#meter.counters.set([frames % 5], COUNTER.openNow);
    for (let i = 0; i < frames; i++) this.#meter.recorder('response').record(100 + i);
    const times = { startUs: index * 1e6, endUs: (index + 1) * 1e6 };
    const snapshots = [this.#meter.snapshot()];
    return { type: 'interval', index, ...times, phase: 'measure', snapshots, loop: loopReading() };
  }
}

function collector(): { merged: Merged[]; onMerged: (interval: MergedInterval) => void } {
  const merged: Merged[] = [];
  const onMerged = (interval: MergedInterval): void => {
    merged.push({
      index: interval.index,
      startUs: interval.startUs,
      endUs: interval.endUs,
      sent: interval.counters[COUNTER.framesSent] ?? 0,
      sentTotal: interval.totals[COUNTER.framesSent] ?? 0,
      open: openAtEnd(interval),
      values: interval.histograms.get('response')?.count ?? 0,
    });
  };
  return { merged, onMerged };
}

/** Frames that each shard sends in each of its intervals; shards may end at different times, or deliver nothing. */
const anyShards = fc.array(fc.array(fc.nat(20), { maxLength: 12 }), { minLength: 1, maxLength: 5 });

/** Delivers every shard's intervals and its end, in turns that `order` picks. */
function deliver(shards: number[][], order: number[], onMerged: (interval: MergedInterval) => void): void {
  const merger = new IntervalMerger({ shards: shards.length, cohorts: 1 }, onMerged);
  const waiting = shards.map((frames, shard) => ({ shard, frames: [...frames], fake: new FakeShard() }));
  for (let turn = 0; waiting.length > 0; turn++) {
    const at = (order[turn % order.length] ?? 0) % waiting.length;
    const chosen = waiting[at];
    if (chosen === undefined) break;
    const frames = chosen.frames.shift();
    if (frames === undefined) {
      merger.end(chosen.shard);
      waiting.splice(at, 1);
    } else {
      merger.add(chosen.shard, chosen.fake.next(frames));
    }
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

describe('IntervalMerger', () => {
  test('loses nothing, counts nothing twice and keeps the order, whichever shard delivers when', () => {
    const anyOrder = fc.array(fc.nat(100), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(anyShards, anyOrder, (shards, order) => {
        const { merged, onMerged } = collector();
        deliver(shards, order, onMerged);
        expect(merged.map(({ index }) => index)).toEqual([...merged.keys()]);
        const intervals = Math.max(...shards.map((frames) => frames.length));
        expect(merged).toHaveLength(intervals);
        expect(sum(merged.map(({ sent }) => sent))).toBe(sum(shards.flat()));
        expect(sum(merged.map(({ values }) => values))).toBe(sum(shards.flat()));
        expect(merged.at(-1)?.sentTotal ?? 0).toBe(sum(shards.flat()));
        const openInTheEnd = sum(shards.map((frames) => (frames.at(-1) ?? 0) % 5));
        expect(merged.at(-1)?.open ?? 0).toBe(openInTheEnd);
      }),
    );
  });

  test('joins the shards interval by interval as long as none lags behind', () => {
    fc.assert(
      fc.property(anyShards, (shards) => {
        const { merged, onMerged } = collector();
        // In turn, so that no shard is ever more than one interval ahead.
        const merger = new IntervalMerger({ shards: shards.length, cohorts: 1 }, onMerged);
        const fakes = shards.map(() => new FakeShard());
        const longest = Math.max(...shards.map((frames) => frames.length));
        for (let index = 0; index <= longest; index++) {
          shards.forEach((frames, shard) => {
            const fake = fakes[shard];
            const count = frames[index];
            if (count !== undefined && fake !== undefined) merger.add(shard, fake.next(count));
            else if (index === frames.length) merger.end(shard);
          });
        }
        const joined = Array.from({ length: longest }, (_, index) =>
          sum(shards.map((frames) => frames[index] ?? 0)),
        );
        expect(merged.map(({ sent }) => sent)).toEqual(joined);
        expect(merged.map(({ values }) => values)).toEqual(joined);
        expect(merged.map(({ startUs }) => startUs)).toEqual(joined.map((_, index) => index * 1e6));
      }),
    );
  });

  test('keeps cohorts apart, and their sum as the whole', () => {
    const anyFrames = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const sent: number[][] = [];
        const values: number[][] = [];
        const merger = new IntervalMerger({ shards: 1, cohorts: 2 }, ({ cohorts, ...whole }) => {
          const parts = [...cohorts, whole];
          sent.push(parts.map(({ counters }) => counters[COUNTER.framesSent] ?? 0));
          values.push(parts.map(({ histograms }) => histograms.get('response')?.count ?? 0));
        });
        const fakes = [new FakeShard(), new FakeShard()] as const;
        for (const [first, second] of frames) {
          const message = fakes[0].next(first);
          merger.add(0, {
            ...message,
            snapshots: [...message.snapshots, ...fakes[1].next(second).snapshots],
          });
        }
        const expected = frames.map(([first, second]) => [first, second, first + second]);
        expect(sent).toEqual(expected);
        expect(values).toEqual(expected);
      }),
    );
  });

  test('hands an interval on as soon as every shard has delivered it', () => {
    const { merged, onMerged } = collector();
    const merger = new IntervalMerger({ shards: 2, cohorts: 1 }, onMerged);
    const [a, b] = [new FakeShard(), new FakeShard()];
    merger.add(0, a.next(1));
    expect(merged).toHaveLength(0);
    merger.add(1, b.next(2));
    expect(merged).toMatchObject([{ index: 0, sent: 3 }]);
  });

  test('goes on without a shard that lags, and counts its late intervals into the next', () => {
    const { merged, onMerged } = collector();
    const merger = new IntervalMerger({ shards: 2, cohorts: 1 }, onMerged);
    const [fast, slow] = [new FakeShard(), new FakeShard()];
    for (let index = 0; index < 6; index++) merger.add(0, fast.next(1));
    // Three intervals may lag; the fast shard has delivered six.
    expect(merged.map(({ sent }) => sent)).toEqual([1, 1, 1]);
    merger.add(1, slow.next(10));
    merger.end(0);
    merger.end(1);
    expect(merged.map(({ sent }) => sent)).toEqual([1, 1, 1, 11, 1, 1]);
    expect(merged.map(({ startUs }) => startUs / 1e6)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('waits no longer for a shard that has ended', () => {
    const { merged, onMerged } = collector();
    const merger = new IntervalMerger({ shards: 2, cohorts: 1 }, onMerged);
    const only = new FakeShard();
    merger.add(0, only.next(4));
    merger.end(1);
    expect(merged).toMatchObject([{ index: 0, sent: 4 }]);
    merger.add(0, only.next(5));
    expect(merged).toMatchObject([{ sent: 4 }, { sent: 5, sentTotal: 9 }]);
  });

  test('says nothing when no shard delivered anything', () => {
    const { merged, onMerged } = collector();
    const merger = new IntervalMerger({ shards: 2, cohorts: 1 }, onMerged);
    merger.end(0);
    merger.end(1);
    expect(merged).toEqual([]);
  });
});
