import { describe, expect, it } from 'vitest';
import {
  formatFigure,
  parseFigure,
  type FigureKind,
  type FigureUnit,
} from '../../../src/profile/threshold/figure-kinds.ts';

describe('parseFigure', () => {
  it.each<[FigureKind, string, number]>([
    ['time', '20ms', 20_000],
    ['time', '0s', 0],
    ['count', '10k', 10_000],
    ['count', '0', 0],
    ['share', '0.1%', 0.001],
    ['share', '0.3%', 0.003],
    ['share', '0.9', 0.9],
    ['share', '100%', 1],
    ['share', '1', 1],
    ['rate', '9.9k/s', 9900],
    ['rate', '60/m', 1],
    ['size', '1MiB', 1_048_576],
    ['byteRate', '10MB/s', 10e6],
  ])('reads the %s %s', (kind, text, value) => {
    expect(parseFigure(kind, text)).toBe(value);
  });

  it.each<[FigureKind, string, string]>([
    ['time', '20', '"20" has no unit; a duration reads like'],
    ['time', '20%', '"20%" is not a duration'],
    ['count', '10ms', '"10ms" is not a count'],
    ['count', '-1', '"-1" is not a count'],
    ['share', '20ms', '"20ms" is not a share; a share reads like 0.1% or 0.001, from 0 to 1'],
    ['share', '2', '"2" is more than the whole'],
    ['share', '101%', '"101%" is more than the whole'],
    ['rate', '9.9k', '"9.9k" has no unit'],
    ['size', '10', '"10" has no unit'],
    ['byteRate', '10MB', '"10MB" is not a size a second; a size a second reads like 10MB/s'],
    ['byteRate', '10k/s', '"10k" is not a size'],
  ])('refuses the %s %s', (kind, text, message) => {
    expect(() => parseFigure(kind, text)).toThrow(message);
  });
});

describe('formatFigure', () => {
  it.each<[FigureUnit, number, string]>([
    ['us', 20_500, '20.5ms'],
    ['us', 82.4567, '82.457us'],
    ['count', 12_345, '12345'],
    ['count', -2, '-2'],
    ['share', 0.0123456789, '1.23457%'],
    ['perSecond', 9893.33333, '9893.33/s'],
    ['perSecond', 1_234_567.8, '1234568/s'],
    ['bytes', 65_536, '64KiB'],
    ['bytesPerSecond', 4_100_000.4, '4.1MB/s'],
    ['bytesPerSecond', 18_219_286, '18.2193MB/s'],
    ['bytesPerSecond', 999_999.9, '1MB/s'],
    ['bytesPerSecond', 0, '0B/s'],
    ['bytesPerSecond', -34.5, '-34.5B/s'],
  ])('writes %s %d as %s', (unit, value, text) => {
    expect(formatFigure(unit, value)).toBe(text);
  });
});
