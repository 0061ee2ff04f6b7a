/*
 * How the record of a long run stays bounded. A run's time is cut into eras, the oldest first, each with a width: the
 * seconds that one stored interval of it covers. When the record has grown too long, the older half of the era that
 * takes the most room is widened to the next width, again and again until there is room. So recent time keeps its full
 * resolution, and each width covers a stretch whose length is in proportion to it: the record of a run grows with
 * the logarithm of its duration.
 */

/** Widths of stored intervals, in seconds; each is a multiple of the one before, so that widened intervals nest. */
export const WIDTHS_SECONDS: readonly number[] = [1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];

/** A stretch of a run whose intervals are stored in one width. */
export interface Era {
  /** Since the run's start; Infinity for the last one, which still grows. */
  untilSeconds: number;
  widthSeconds: number;
  /** Stored intervals, and the bytes of both logs that they take. */
  lines: number;
  bytes: number;
}

/** How far a record has to shrink, and where it ends now. */
export interface WideningTarget {
  lines: number;
  bytes: number;
  endSeconds: number;
}

/** The era of a run that has just begun. */
export function firstEra(): Era {
  return { untilSeconds: Infinity, widthSeconds: WIDTHS_SECONDS[0] ?? 1, lines: 0, bytes: 0 };
}

/**
 * The eras that would bring a record down to `target`, their lines and bytes as they are expected to be; null where
 * nothing can be widened.
 */
export function planWidening(eras: readonly Era[], target: WideningTarget): Era[] | null {
  let plan = eras.map((era) => ({ ...era }));
  let widened = false;
  while (loadOf(total(plan), target) > 1) {
    const next = widenLargest(plan, target);
    if (next === null) break;
    plan = next;
    widened = true;
  }
  return widened ? plan : null;
}

/** What all eras together take. */
export function total(eras: readonly Era[]): { lines: number; bytes: number } {
  return eras.reduce((sum, era) => ({ lines: sum.lines + era.lines, bytes: sum.bytes + era.bytes }), {
    lines: 0,
    bytes: 0,
  });
}

/** The narrowest width that holds an interval of this length. */
export function widthOf(seconds: number): number {
  return WIDTHS_SECONDS.find((width) => seconds <= width + ROUNDING_SECONDS) ?? WIDTHS_SECONDS.at(-1) ?? 1;
}

function loadOf(size: { lines: number; bytes: number }, target: WideningTarget): number {
  return Math.max(size.lines / target.lines, size.bytes / target.bytes);
}

/** Null where no era can be widened any more. */
function widenLargest(eras: Era[], target: WideningTarget): Era[] | null {
  const cuts = eras.map((_, index) => cutOf(eras, index, target.endSeconds));
  const order = eras.map((_, index) => index).filter((index) => cuts[index] !== null);
  const [largest] = order.toSorted((a, b) => loadAt(eras, b, target) - loadAt(eras, a, target));
  const cut = largest === undefined ? null : (cuts[largest] ?? null);
  return largest === undefined || cut === null ? null : widen(eras, largest, cut);
}

function loadAt(eras: Era[], index: number, target: WideningTarget): number {
  const era = eras[index];
  return era === undefined ? 0 : loadOf(era, target);
}

interface Cut {
  /** Until when the era is widened, and what share of it that is. */
  atSeconds: number;
  share: number;
  widthSeconds: number;
}

function cutOf(eras: Era[], index: number, endSeconds: number): Cut | null {
  const era = eras[index];
  const widthSeconds = WIDTHS_SECONDS[WIDTHS_SECONDS.indexOf(era?.widthSeconds ?? 0) + 1];
  if (era === undefined || widthSeconds === undefined || era.lines < 2) return null;
  const start = eras[index - 1]?.untilSeconds ?? 0;
  const isLast = era.untilSeconds === Infinity;
  const end = isLast ? endSeconds : era.untilSeconds;
  const half = Math.floor((start + (end - start) / 2) / widthSeconds) * widthSeconds;
  if (half > start) return { atSeconds: half, share: (half - start) / (end - start), widthSeconds };
  return isLast ? null : { atSeconds: end, share: 1, widthSeconds };
}

function widen(eras: Era[], index: number, { atSeconds, share, widthSeconds }: Cut): Era[] {
  const era = eras[index] ?? firstEra();
  const older: Era = {
    untilSeconds: atSeconds,
    widthSeconds,
    lines: (era.lines * share * era.widthSeconds) / widthSeconds,
    bytes: era.bytes * share * WIDENED_BYTES_SHARE,
  };
  const rest = { ...era, lines: era.lines * (1 - share), bytes: era.bytes * (1 - share) };
  const parts = share === 1 ? [older] : [older, rest];
  return joinEqual([...eras.slice(0, index), ...parts, ...eras.slice(index + 1)]);
}

/** Neighbours of one width are one era. */
function joinEqual(eras: Era[]): Era[] {
  const joined: Era[] = [];
  for (const era of eras) {
    const before = joined.at(-1);
    if (before?.widthSeconds !== era.widthSeconds) joined.push({ ...era });
    else {
      before.untilSeconds = era.untilSeconds;
      before.lines += era.lines;
      before.bytes += era.bytes;
    }
  }
  return joined;
}

/** What several intervals as one are taken to need of their bytes, since their histograms overlap: an estimate. */
const WIDENED_BYTES_SHARE = 0.45;
/** Times of the histogram log are rounded to milliseconds. */
const ROUNDING_SECONDS = 0.001;
