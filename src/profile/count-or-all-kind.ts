import { countKind, single, type KeyKind } from './key-kinds.ts';

/** A count from 1 to `max`, or `all`: as many as there are. */
export function countOrAllKind(max: number): KeyKind<number | 'all'> {
  const count = countKind({ min: 1, max });
  return single({
    read: (text) => (text === 'all' ? 'all' : count.read(text)),
    write: (value) => (value === 'all' ? 'all' : count.write(value)),
    json: { ...count.json, pattern: '^([0-9.]+[kM]?|all)$' },
  });
}
