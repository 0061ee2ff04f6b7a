import { describe, expect, it } from 'vitest';
import {
  congestionKind,
  keepAliveKind,
  lingerKind,
  userTimeoutKind,
} from '../../src/profile/socket-kinds.ts';

describe('lingerKind', () => {
  it.each([
    ['0', 0, '0s'],
    ['0s', 0, '0s'],
    ['0ms', 0, '0s'],
    ['2000ms', 2, '2s'],
    ['60s', 60, '1m'],
    ['2147483647s', 2_147_483_647, '24855d3h14m7s'],
  ])('reads %s as seconds', (text, seconds, written) => {
    expect(lingerKind().read(text)).toBe(seconds);
    expect(lingerKind().write(seconds)).toBe(written);
  });

  it.each([
    ['1', '"1" has no unit'],
    ['00', '"00" has no unit'],
    ['1.5s', 'must be whole seconds, since the kernel counts in them, current value is 1.5s'],
    ['2147483648s', 'must be between 0s and 24855d3h14m7s, current value is 2147483648s'],
    ['on', '"on" is not a duration'],
  ])('refuses %s', (text, message) => {
    expect(() => lingerKind().read(text)).toThrow(message);
  });
});

describe('userTimeoutKind', () => {
  it.each([
    ['5s', 5000, '5s'],
    ['1ms', 1, '1ms'],
    ['1.5s', 1500, '1.5s'],
  ])('reads %s as milliseconds', (text, ms, written) => {
    expect(userTimeoutKind().read(text)).toBe(ms);
    expect(userTimeoutKind().write(ms)).toBe(written);
  });

  it.each([
    ['0s', 'must be between 1ms and 24d20h31m23.647s, current value is 0s'],
    ['25d', 'must be between 1ms and 24d20h31m23.647s, current value is 25d'],
    ['500us', 'must be whole milliseconds, since the kernel counts in them, current value is 500us'],
    ['5', '"5" has no unit'],
  ])('refuses %s', (text, message) => {
    expect(() => userTimeoutKind().read(text)).toThrow(message);
  });
});

describe('keepAliveKind', () => {
  it.each([
    ['10s/1s/3', { idleSeconds: 10, intervalSeconds: 1, count: 3 }, '10s/1s/3'],
    ['2h/75000ms/127', { idleSeconds: 7200, intervalSeconds: 75, count: 127 }, '2h/75s/127'],
    ['32767s/32767s/1', { idleSeconds: 32_767, intervalSeconds: 32_767, count: 1 }, '9h6m7s/9h6m7s/1'],
  ])('reads %s', (text, keepAlive, written) => {
    expect(keepAliveKind().read(text)).toEqual(keepAlive);
    expect(keepAliveKind().write(keepAlive)).toBe(written);
  });

  it.each([
    ['10s', '"10s" must have three parts: idle time, interval and count of probes, for example 10s/1s/3'],
    ['10s/1s', 'must have three parts'],
    ['10s/1s/3/4', 'must have three parts'],
    ['10/1s/3', '"10" has no unit'],
    ['0s/1s/3', 'must be between 1s and 9h6m7s, current value is 0s'],
    ['1s/0s/3', 'must be between 1s and 9h6m7s, current value is 0s'],
    ['10h/1s/3', 'must be between 1s and 9h6m7s, current value is 10h'],
    ['10s/1500ms/3', 'must be whole seconds, since the kernel counts in them, current value is 1500ms'],
    ['10s/1s/0', 'must have a count of probes between 1 and 127, current one is "0"'],
    ['10s/1s/128', 'must have a count of probes between 1 and 127, current one is "128"'],
    ['10s/1s/', 'must have a count of probes between 1 and 127, current one is ""'],
    ['10s/1s/3x', 'must have a count of probes between 1 and 127, current one is "3x"'],
  ])('refuses %s', (text, message) => {
    expect(() => keepAliveKind().read(text)).toThrow(message);
  });
});

describe('congestionKind', () => {
  it.each(['cubic', 'bbr', 'tcp_x-2', 'a'.repeat(15)])('reads %s', (name) => {
    expect(congestionKind().read(name)).toBe(name);
  });

  it.each(['', 'Cubic', 'a'.repeat(16), 'cu bic', 'cubic\n'])('refuses %j', (name) => {
    expect(() => congestionKind().read(name)).toThrow(/^must (not be empty|be a name of 1 to 15 characters)/);
  });
});
