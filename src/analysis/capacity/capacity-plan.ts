import { OperatingError } from '../../base/errors.ts';
import { parseCount, parseRate, UnitError } from '../../base/units.ts';

/** What is to be carried: `--plan 'peak=200k/s headroom=30%'`. */
export interface PlanQuestion {
  /** Frames a second, or connections, at the worst moment. */
  peak: number;
  /** Share of each server's capacity that is to stay free at the peak. */
  headroom: number;
  /** Servers that may be down at the peak. */
  spare: number;
}

/** How many servers carry a peak. */
export interface ServerPlan extends PlanQuestion {
  /** What one server carries, as it was measured. */
  each: number;
  /** What it is to carry at the peak. */
  eachAtPeak: number;
  /** Those at work, without the spare ones. */
  working: number;
  servers: number;
  /** How far each is loaded at the peak with all at work, and with the spare ones down: shares of what one carries. */
  loaded: number;
  loadedAtWorst: number;
}

/**
 * Reads `peak=RATE headroom=SHARE spare=N` in any order; peak must be there.
 * @param of what a peak is told in
 * @throws {OperatingError} naming the part that cannot be read (ERR_USAGE)
 * @example parsePlan('peak=200k/s headroom=30%', 'rate') // { peak: 200_000, headroom: 0.3, spare: 0 }
 */
export function parsePlan(text: string, of: 'rate' | 'connections'): PlanQuestion {
  const parts = new Map<string, string>();
  for (const part of text.trim().split(/[\s,]+/)) {
    const [, name = '', value = ''] = /^(peak|headroom|spare)=(.+)$/.exec(part) ?? [];
    if (name === '') throw planError(text, `${JSON.stringify(part)} is none of peak=, headroom=, spare=`);
    if (parts.has(name)) throw planError(text, `${name} is given twice`);
    parts.set(name, value);
  }
  const peak = parts.get('peak');
  if (peak === undefined) throw planError(text, 'peak is missing');
  try {
    return {
      peak: positivePeak(of === 'rate' ? parseRate(peak) : parseCount(peak)),
      headroom: parseHeadroom(parts.get('headroom') ?? HEADROOM_DEFAULT),
      spare: parseCount(parts.get('spare') ?? '0'),
    };
  } catch (error) {
    if (error instanceof UnitError) throw planError(text, error.message);
    throw error;
  }
}

/** How many servers, when each carries `each`. */
export function planServers(question: PlanQuestion, each: number): ServerPlan {
  const { peak, headroom, spare } = question;
  const eachAtPeak = each * (1 - headroom);
  // A quotient that is whole but for rounding is whole.
  const working = Math.max(1, Math.ceil(peak / eachAtPeak - 1e-9));
  const servers = working + spare;
  return {
    ...question,
    each,
    eachAtPeak,
    working,
    servers,
    loaded: peak / servers / each,
    loadedAtWorst: peak / working / each,
  };
}

function positivePeak(peak: number): number {
  if (peak > 0) return peak;
  throw new UnitError(String(peak), 'is no peak', 'a peak is above 0');
}

function parseHeadroom(text: string): number {
  const [, decimal] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const share = Number(decimal) / 100;
  if (share < 1) return share;
  throw new UnitError(text, 'is no headroom', 'headroom reads like 30%, from 0% to below 100%');
}

function planError(text: string, what: string): OperatingError {
  return new OperatingError(
    'ERR_USAGE',
    `Cannot read --plan ${JSON.stringify(text)}: ${what}; it reads like 'peak=200k/s headroom=30%', for connections ` +
      "'peak=50k headroom=30%', and spare=1 may follow for a server that may be down",
  );
}

const HEADROOM_DEFAULT = '30%';
