import type { LoadKind } from '../analysis/capacity/capacity-result.ts';
import { formatCount } from './human.ts';

/**
 * A load with four digits, since bounds 2% apart must not read alike: `19.82k frames/s`, `12,400 connections`.
 */
export function formatLoad(load: number, of: LoadKind): string {
  return of === 'rate' ? `${shortLoad(load)} frames/s` : `${formatCount(load)} connections`;
}

/** The number alone. */
export function shortLoad(load: number): string {
  const [size, suffix] = load >= 1e6 ? [1e6, 'M'] : load >= 1e4 ? [1e3, 'k'] : [1, ''];
  return `${Number((load / size).toPrecision(4))}${suffix}`;
}
