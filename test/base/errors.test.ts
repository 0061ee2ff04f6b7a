import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { assert, present } from '../../src/base/assert.ts';
import { describeSystemError, OperatingError } from '../../src/base/errors.ts';
import { EXIT } from '../../src/base/exit-codes.ts';

describe('OperatingError', () => {
  test('carries its code, its message and the exit code of bad usage', () => {
    const error = new OperatingError('ERR_TARGET', 'Cannot dial');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'OperatingError', code: 'ERR_TARGET', message: 'Cannot dial' });
    expect(error.exitCode).toBe(EXIT.usage);
    expect('cause' in error).toBe(false);
  });

  test('carries another exit code and a cause where they are given', () => {
    const cause = new Error('first');
    const error = new OperatingError('ERR_STORE', 'Cannot write', { exitCode: EXIT.noConnection, cause });
    expect(error.exitCode).toBe(123);
    expect(error.cause).toBe(cause);
  });
});

describe('describeSystemError', () => {
  const cases: [what: string, error: unknown, words: string][] = [
    ['a system error says its code and call', systemError(), 'ENOENT from open'],
    ['a code without a call stands alone', Object.assign(new Error('x'), { code: 'ERR_X' }), 'ERR_X'],
    ['an error without a code says its message', new Error('no such luck'), 'no such luck'],
    ['what is no error is written out', 'a word', 'a word'],
    ['nothing is written out too', undefined, 'undefined'],
  ];
  test.each(cases)('%s', (_what, error, words) => {
    expect(describeSystemError(error)).toBe(words);
  });
});

describe('assert', () => {
  test('passes what holds', () => {
    expect(() => assert(true, 'it holds')).not.toThrow();
  });

  test('throws a plain error, not an operating one, that says what does not hold', () => {
    expect(() => assert(false, 'one is two')).toThrow(new Error('Assertion failed: one is two'));
  });
});

describe('present', () => {
  test.each([0, '', false, Number.NaN])('gives %j back, which is there', (value) => {
    expect(present(value, 'a value')).toBe(value);
  });

  test.each([undefined, null])('throws for %s and names what is missing', (value) => {
    expect(() => present(value, 'the address')).toThrow('Assertion failed: the address is missing');
  });
});

describe('EXIT', () => {
  test('keeps the numbers that scripts rely on', () => {
    expect(EXIT).toEqual({
      passed: 0,
      bug: 1,
      thresholdFailed: 99,
      usage: 104,
      interrupted: 105,
      invalid: 120,
      regression: 121,
      inconclusive: 122,
      noConnection: 123,
    });
  });
});

function systemError(): unknown {
  try {
    return readFileSync('/nonexistent/file');
  } catch (error) {
    return error;
  }
}
