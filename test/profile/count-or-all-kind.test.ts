import { describe, expect, it } from 'vitest';
import { countOrAllKind } from '../../src/profile/count-or-all-kind.ts';
import { load } from '../support/profile-sources.ts';

describe('countOrAllKind', () => {
  const kind = countOrAllKind(1000);

  it.each([
    ['1', 1],
    ['all', 'all'],
  ])('reads %s', (text, value) => {
    expect(kind.read(text)).toBe(value);
    expect(String(kind.write(kind.read(text)))).toBe(text);
  });

  it.each([
    ['0', 'between 1 and 1000'],
    ['2k', 'between 1 and 1000'],
    ['every', 'is not a count'],
  ])('refuses %j', (text, message) => {
    expect(() => kind.read(text)).toThrow(message);
  });

  it('lets every worker have dials, however many there are', () => {
    const { connections } = load({ flags: { connections: '9', workers: '9', connectConcurrency: 'all' } });
    expect(connections.concurrentDials).toBe('all');
  });
});
