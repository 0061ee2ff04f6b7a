import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRunId } from '../../src/store/run-id.ts';

const AT = new Date('2026-11-23T17:10:00.789Z');

test('createRunId joins start time, label and token', () => {
  expect(createRunId(AT, 'smoke', '3f2a')).toBe('2026-11-23T17-10-00Z-smoke-3f2a');
});

test.each([
  { label: 'a b/c', name: 'a-b-c', because: 'spaces and slashes become a dash' },
  { label: '../../etc', name: 'etc', because: 'no way leads out of the directory' },
  { label: 'über', name: 'ber', because: 'letters beyond ASCII are left out' },
  { label: '', name: 'run', because: 'an empty label has a stand-in' },
  { label: '...', name: 'run', because: 'dots alone are no name' },
  { label: 'x'.repeat(60), name: 'x'.repeat(40), because: 'a long label is cut' },
])('createRunId of label $label: $because', ({ label, name }) => {
  expect(createRunId(AT, label, '0000')).toBe(`2026-11-23T17-10-00Z-${name}-0000`);
});

test('createRunId is one safe path segment for any label, with a random token', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (label) => {
      expect(createRunId(AT, label)).toMatch(/^2026-11-23T17-10-00Z-[\w.-]{1,40}-[0-9a-f]{4}$/);
    }),
  );
});
