import { describe, expect, it } from 'vitest';
import { CommandError, formatCommand, parseCommand } from '../../../src/coordinator/live/command.ts';

describe('parseCommand', () => {
  it.each([
    ['pause', { name: 'pause' }],
    ['  resume ', { name: 'resume' }],
    ['stop', { name: 'stop' }],
    ['rate 10k/s', { name: 'rate', cohort: null, ratePerSecond: 10_000 }],
    ['rate\t0/s', { name: 'rate', cohort: null, ratePerSecond: 0 }],
    ['connections 1.5k', { name: 'connections', cohort: null, connections: 1500 }],
    ['rate bulk:5/s', { name: 'rate', cohort: 'bulk', ratePerSecond: 5 }],
    ['connections idle:50', { name: 'connections', cohort: 'idle', connections: 50 }],
  ])('reads %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
    expect(parseCommand(formatCommand(parseCommand(text)))).toEqual(command);
  });

  it.each([
    ['', 'Cannot do "": a command is one of pause, resume, rate R'],
    ['dance', 'Cannot do "dance"'],
    ['rate', 'Cannot set the rate without a value: write rate 10k/s'],
    ['rate 5', 'Cannot set the rate: "5" has no unit'],
    ['connections', 'Cannot set the connections without a value: write connections 500'],
    ['connections -1', 'Cannot set the connections: "-1" is not a count'],
    ['pause now', 'Cannot pause with a value: current value is "now"'],
    ['rate 1/s 2/s', 'Cannot do "rate 1/s 2/s"'],
    ['\u0000\u001b[31m', 'Cannot do "\\u0000\\u001b[31m"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseCommand(text)).toThrow(CommandError);
    expect(() => parseCommand(text)).toThrow(message);
  });
});
