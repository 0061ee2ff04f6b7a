import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Clock } from '../../../src/base/clock.ts';
import { parseFrameFormat } from '../../../src/framing/frame-format.ts';
import { FaultBook } from '../../../src/target/fault/fault-book.ts';
import { parseFault } from '../../../src/target/fault/fault-grammar.ts';
import { CoalesceStage, DribbleStage, PushStage } from '../../../src/target/fault/order-stages.ts';
import type { Reply, ReplyLink, ReplySink } from '../../../src/target/fault/reply.ts';
import { Scheduler } from '../../../src/target/fault/scheduler.ts';

const LINK: ReplyLink = { stalled: false, hold: () => undefined };

/** A clock that reads what the faked timers say. */
const CLOCK: Clock = { nowUs: () => Date.now() * 1000 };

/** Lets so much time go by, in which every timer is late: the clock is ahead of them. */
function passLate(ms: number): void {
  for (const endMs = Date.now() + ms; Date.now() < endMs;) {
    vi.advanceTimersByTime(2);
    vi.setSystemTime(Date.now() + 1);
  }
}

function replyOf(bytes: number): Reply {
  return { bytes: Buffer.alloc(bytes), payloadStart: 0, payloadBytes: bytes, frames: 1 };
}

/** The end of a chain of stages, which knows when what arrived. */
function wire(): { sink: ReplySink; arrivals: { atMs: number; bytes: number }[] } {
  const arrivals: { atMs: number; bytes: number }[] = [];
  const sink: ReplySink = {
    reply: ({ bytes }) => arrivals.push({ atMs: Date.now(), bytes: bytes.length }),
    end: () => undefined,
    close: () => undefined,
  };
  return { sink, arrivals };
}

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

describe('PushStage', () => {
  test('keeps its rate where timers are late, and makes up for no freeze', () => {
    const { sink, arrivals } = wire();
    const scheduler = new Scheduler(CLOCK);
    const timed = { clock: CLOCK, scheduler, book: new FaultBook(parseFault('push:1k/s')) };
    const format = parseFrameFormat('u32be');
    const stage = new PushStage(sink, LINK, { format, perSecond: 1000, stamp: false, timed });
    passLate(300);
    expect(arrivals.length).toBeGreaterThan(290);
    expect(arrivals.length).toBeLessThanOrEqual(301);
    const frozenAtMs = Date.now();
    scheduler.suspend((frozenAtMs + 1000) * 1000);
    const before = arrivals.length;
    vi.advanceTimersByTime(1010);
    // The ten of those milliseconds, and ten that are made up for, not the thousand of the freeze.
    expect(arrivals.length - before).toBeLessThanOrEqual(22);
    stage.close();
  });
});

describe('DribbleStage', () => {
  function dribble(form: string): ReturnType<typeof wire> & { stage: DribbleStage } {
    const { sink, arrivals } = wire();
    const spec = parseFault(form);
    if (spec.fault.name !== 'dribble') throw new Error('not a dribble');
    const timed = { clock: CLOCK, scheduler: new Scheduler(CLOCK), book: new FaultBook(spec) };
    const stage = new DribbleStage(sink, LINK, { intervalUs: spec.fault.intervalUs, timed });
    return { stage, sink, arrivals };
  }

  test('keeps its interval on average where every timer is late, and sends no byte before its time', () => {
    const { stage, arrivals } = dribble('dribble:5ms');
    stage.reply(replyOf(100));
    passLate(600);
    expect(arrivals.map(({ bytes }) => bytes)).toEqual(Array.from({ length: 100 }, () => 1));
    arrivals.forEach(({ atMs }, at) => {
      expect(atMs).toBeGreaterThanOrEqual(5 * at);
      expect(atMs).toBeLessThan(5 * at + 10);
    });
  });

  test('takes an interval less than a frame has bytes: the first leaves at once', () => {
    const { stage, arrivals } = dribble('dribble:50ms');
    stage.reply(replyOf(5));
    vi.advanceTimersByTime(300);
    expect(arrivals.map(({ atMs }) => atMs)).toEqual([1, 50, 100, 150, 200]);
  });

  test('begins anew after a time in which it stood still', () => {
    const { stage, arrivals } = dribble('dribble:5ms');
    stage.reply(replyOf(4));
    vi.advanceTimersByTime(2);
    vi.setSystemTime(1000);
    vi.advanceTimersByTime(20);
    // The second byte was due at 5 ms. Without a new beginning, all that are left would come at once.
    expect(arrivals.map(({ atMs }) => atMs)).toEqual([1, 1003, 1008, 1013]);
  });

  test('begins anew with a reply that finds nothing before it', () => {
    const { stage, arrivals } = dribble('dribble:5ms');
    stage.reply(replyOf(1));
    vi.advanceTimersByTime(13);
    stage.reply(replyOf(3));
    vi.advanceTimersByTime(20);
    expect(arrivals.map(({ atMs }) => atMs)).toEqual([1, 14, 18, 23]);
  });
});

describe('CoalesceStage', () => {
  function coalesce(frames: number): ReturnType<typeof wire> & { stage: CoalesceStage; book: FaultBook } {
    const { sink, arrivals } = wire();
    const book = new FaultBook(parseFault(`coalesce:${frames}`));
    const timed = { clock: CLOCK, scheduler: new Scheduler(CLOCK), book };
    return { stage: new CoalesceStage(sink, { frames, timed }), sink, arrivals, book };
  }

  test('sends a whole group at once, and the rest when nothing has come behind it for 50 ms', () => {
    const { stage, arrivals, book } = coalesce(3);
    for (let reply = 0; reply < 5; reply++) stage.reply(replyOf(10));
    expect(arrivals).toEqual([{ atMs: 0, bytes: 30 }]);
    vi.advanceTimersByTime(49);
    expect(arrivals).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(arrivals[1]).toEqual({ atMs: 50, bytes: 20 });
    expect(book.truth().counts).toEqual({ framesCoalesced: 5, writes: 2 });
  });

  test('goes on gathering for as long as replies come', () => {
    const { stage, arrivals } = coalesce(4);
    for (let reply = 0; reply < 7; reply++) {
      stage.reply(replyOf(10));
      vi.advanceTimersByTime(40);
    }
    expect(arrivals).toEqual([{ atMs: 120, bytes: 40 }]);
    vi.advanceTimersByTime(100);
    // The seventh came at 240 ms.
    expect(arrivals[1]).toEqual({ atMs: 290, bytes: 30 });
  });

  test('sends nothing more when the connection is gone', () => {
    const { stage, arrivals } = coalesce(3);
    stage.reply(replyOf(10));
    stage.close();
    vi.advanceTimersByTime(100);
    expect(arrivals).toEqual([]);
  });
});
