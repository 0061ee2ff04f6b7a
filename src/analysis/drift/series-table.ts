import type { IntervalLine } from '../../store/interval-line.ts';
import type { Rows } from './batches.ts';
import { joinIntervals } from './join-intervals.ts';
import { SERIES } from './series.ts';

/** Every series of a run as a column of numbers, one row an interval. */
export interface SeriesTable {
  rows: Rows;
  /** In the order of `SERIES`; NaN where an interval has no value. */
  columns: Float64Array[];
  /** Start of the first and end of the last interval, in seconds since the run's start. */
  startSeconds: number;
  endSeconds: number;
  /** Intervals that make results, and those of them which the generator spoiled and which are left out. */
  measured: number;
  spoiled: number;
  /** Rows before which the width of the stored intervals changes. */
  seams: number[];
}

/**
 * Collects the measured intervals of a run. Memory is bounded: past `ROWS_MAX` rows two neighbours are made one, again and
 * again. Where intervals differ in width, the narrow ones are joined to the width of the wide ones, so that all rows weigh the
 * same. Their percentiles are then known approximately, which is why a step at such a seam proves nothing.
 */
export function collectSeries(lines: Iterable<IntervalLine>): SeriesTable {
  let raw = newRawTable(1024);
  let measured = 0;
  let spoiled = 0;
  const kept = function* (): Generator<IntervalLine> {
    for (const line of lines) {
      if (line.phase !== 'measure' || line.endSeconds <= line.startSeconds) continue;
      measured++;
      if (line.health?.level === 'invalid') spoiled++;
      else yield line;
    }
  };
  for (const { line, partSeconds } of evenWidths(kept())) {
    if (raw.length === raw.starts.length) raw = raw.length < ROWS_MAX ? enlarged(raw) : halved(raw);
    raw.starts[raw.length] = line.startSeconds;
    raw.ends[raw.length] = line.endSeconds;
    raw.parts[raw.length] = partSeconds;
    SERIES.forEach((series, column) => (raw.columns[column]![raw.length] = series.valueOf(line)));
    raw.length++;
  }
  return { ...evenTable(raw), measured, spoiled };
}

/**
 * Joins intervals that are narrower than those before them to their width: of a long run the oldest are the widest. What
 * does not come to that width before a gap is given up.
 */
function* evenWidths(lines: Iterable<IntervalLine>): Generator<{ line: IntervalLine; partSeconds: number }> {
  let widest = 0;
  let pending: IntervalLine[] = [];
  for (const line of lines) {
    const width = line.endSeconds - line.startSeconds;
    const before = pending.at(-1);
    if (before !== undefined && line.startSeconds - before.endSeconds >= widest / 2) pending = [];
    if (width >= WHOLE_SHARE * widest) {
      pending = [];
      widest = Math.max(widest, width);
      yield { line, partSeconds: width };
      continue;
    }
    pending.push(line);
    if (line.endSeconds - (pending[0]?.startSeconds ?? 0) < FULL_SHARE * widest) continue;
    yield { line: joinIntervals(pending), partSeconds: width };
    pending = [];
  }
}

interface RawTable {
  length: number;
  starts: Float64Array;
  ends: Float64Array;
  /** How wide the stored intervals are of which a row is made. */
  parts: Float64Array;
  columns: Float64Array[];
}

function newRawTable(capacity: number): RawTable {
  return {
    length: 0,
    starts: new Float64Array(capacity),
    ends: new Float64Array(capacity),
    parts: new Float64Array(capacity),
    columns: SERIES.map(() => new Float64Array(capacity)),
  };
}

function enlarged(from: RawTable): RawTable {
  const into = newRawTable(from.length * 2);
  into.length = from.length;
  into.starts.set(from.starts);
  into.ends.set(from.ends);
  into.parts.set(from.parts);
  from.columns.forEach((column, index) => into.columns[index]!.set(column));
  return into;
}

/** Each two neighbours become one row; across a gap they do not, and the first of them is given up. */
function halved(from: RawTable): RawTable {
  const into = newRawTable(from.starts.length);
  for (let row = 0; row + 1 < from.length;) {
    const touching = from.starts[row + 1]! - from.ends[row]! < from.ends[row]! - from.starts[row]!;
    if (touching) appendJoined(into, from, row, row + 2);
    row += touching ? 2 : 1;
  }
  return into;
}

function appendJoined(into: RawTable, from: RawTable, start: number, end: number): void {
  const row = into.length++;
  into.starts[row] = from.starts[start]!;
  into.ends[row] = from.ends[end - 1]!;
  into.parts[row] = from.parts[start]!;
  from.columns.forEach((column, index) => {
    let sum = 0;
    let weight = 0;
    for (let i = start; i < end; i++) {
      if (Number.isNaN(column[i]!)) continue;
      const width = from.ends[i]! - from.starts[i]!;
      sum += column[i]! * width;
      weight += width;
    }
    into.columns[index]![row] = weight > 0 ? sum / weight : NaN;
  });
}

function evenTable(raw: RawTable): Omit<SeriesTable, 'measured' | 'spoiled'> {
  const width = commonWidth(raw);
  const even = newRawTable(Math.max(1, raw.length));
  const seams: number[] = [];
  let partBefore = NaN;
  for (let row = 0; row < raw.length;) {
    let end = row + 1;
    const reached = (): number => (raw.ends[end - 1]! - raw.starts[row]!) / width;
    while (end < raw.length && reached() < FULL_SHARE && raw.starts[end]! - raw.ends[end - 1]! < width / 2)
      end++;
    // A remnant, as at the end of the warm-up or before a gap: its rates and percentiles are of another kind.
    if (reached() >= WHOLE_SHARE) {
      const part = raw.parts[row]!;
      if (Math.abs(Math.log(part / partBefore)) > PART_LOG) seams.push(even.length);
      partBefore = part;
      appendJoined(even, raw, row, end);
    }
    row = end;
  }
  const { length } = even;
  const times = new Float64Array(length);
  for (let row = 0; row < length; row++) times[row] = (even.starts[row]! + even.ends[row]!) / 2;
  return {
    rows: { times, widthSeconds: width },
    columns: even.columns.map((column) => column.subarray(0, length)),
    startSeconds: length === 0 ? 0 : even.starts[0]!,
    endSeconds: length === 0 ? 0 : even.ends[length - 1]!,
    seams,
  };
}

/** The widest intervals that make up a tenth of the measured time or more. */
function commonWidth({ starts, ends, length }: RawTable): number {
  const seconds = new Map<number, number>();
  let all = 0;
  for (let row = 0; row < length; row++) {
    // To the tenth: an interval may have ended a little late.
    const width = Math.round((ends[row]! - starts[row]!) * 10) / 10;
    seconds.set(width, (seconds.get(width) ?? 0) + ends[row]! - starts[row]!);
    all += ends[row]! - starts[row]!;
  }
  const common = [...seconds].filter(([width, held]) => width > 0 && held >= COMMON_SHARE * all);
  return common.length === 0 ? 1 : Math.max(...common.map(([width]) => width));
}

/** Three days of seconds; longer runs are looked at in pairs of them. */
const ROWS_MAX = 262_144;
const COMMON_SHARE = 0.1;
/** Intervals whose widths differ by a smaller factor (its logarithm) are of one kind. */
const PART_LOG = Math.log(2);
/** Joined rows are filled up to this, and kept from the next on. */
const FULL_SHARE = 0.95;
const WHOLE_SHARE = 0.75;
