import { describe, expect, it } from 'vitest';
import { holds, OPERATORS, parseThreshold } from '../../../src/profile/threshold/threshold.ts';

describe('parseThreshold', () => {
  it.each([
    ['response.p99 < 20ms', 'response.p99 < 20ms', 20_000],
    ['  response.p99<20ms ', 'response.p99 < 20ms', 20_000],
    ['bulk:writeStall.max<=1s', 'bulk:writeStall.max <= 1s', 1e6],
    ['sessions.peer-closed-mid-frame==0', 'sessions.peer-closed-mid-frame == 0', 0],
    ['frames.sent!=1k', 'frames.sent != 1k', 1000],
    ['health.score >= 0.9', 'health.score >= 0.9', 0.9],
    ['bytes.received > 1MiB', 'bytes.received > 1MiB', 1_048_576],
    ['dial.count > 3', 'dial.count > 3', 3],
  ])('reads %j', (text, expr, value) => {
    expect(parseThreshold(text)).toMatchObject({ expr, value });
    expect(parseThreshold(expr)).toEqual(parseThreshold(text));
  });

  it.each([
    ['p50', 50],
    ['p5', 5],
    ['p99', 99],
    ['p99.95', 99.95],
    ['p999', 99.9],
    ['p9999', 99.99],
    ['p99999', 99.999],
  ])('takes %s for the percentile %d', (statistic, percentile) => {
    const { figure } = parseThreshold(`response.${statistic} < 1s`);
    expect(figure.source).toEqual({ from: 'percentile', metric: 'response', percentile });
  });

  it('tells the cohort from the metric', () => {
    expect(parseThreshold('dials.refused == 0').cohort).toBeNull();
    expect(parseThreshold('slow-readers:dials.refused == 0').cohort).toBe('slow-readers');
  });

  it.each([
    ['', '"" is not a threshold; a threshold reads like response.p99 < 20ms or bulk:dials.refused == 0'],
    ['response.p99', '"response.p99" is not a threshold'],
    ['response.p99 <', '"response.p99 <" is not a threshold'],
    ['response.p99 < 20 ms', '"response.p99 < 20 ms" is not a threshold'],
    ['a:b:response.p99 < 1s', 'is not a threshold'],
    ['dials.refused = 0', '"dials.refused = 0" has the operator =; for equality write =='],
    ['dials.refused <> 0', 'has the operator <>; there are <= >= == != < >'],
    ['respnse.p99 < 1s', 'respnse.p99 is no metric of a run; did you mean response.p99?'],
    ['respnse.p99.95 < 1s', 'did you mean response.p99.95?'],
    ['response.p100 < 1s', 'response.p100 is no metric of a run'],
    ['response.p0 < 1s', 'response.p0 is no metric of a run'],
    ['response < 1s', 'response is no metric of a run'],
    ['dials.refusd == 0', 'did you mean dials.refused?'],
    ['xyzzy.qwerty == 0', 'xyzzy.qwerty is no metric of a run; docs/thresholds.md lists them'],
    ['toString == 0', 'toString is no metric of a run'],
    ['response.p99 < 20', 'response.p99 is a time: "20" has no unit'],
    ['response.count < 20ms', 'response.count is a count: "20ms" is not a count'],
    ['errors.rate < 5', 'errors.rate is a share: "5" is more than the whole'],
    ['throughput.frames > 10k', 'throughput.frames is a rate: "10k" has no unit'],
    ['throughput.sentBytes > 10k/s', 'throughput.sentBytes is a size a second: "10k" is not a size'],
    ['bytes.sent > 5', 'bytes.sent is a size: "5" has no unit'],
  ])('refuses %j', (text, message) => {
    expect(() => parseThreshold(text)).toThrow(message);
  });
});

describe('holds', () => {
  it.each([
    ['<', [true, false, false]],
    ['<=', [true, true, false]],
    ['>', [false, false, true]],
    ['>=', [false, true, true]],
    ['==', [false, true, false]],
    ['!=', [true, false, true]],
  ] as const)('compares by %s', (operator, expected) => {
    expect([1, 2, 3].map((observed) => holds({ operator, value: 2 }, observed))).toEqual(expected);
    expect(OPERATORS).toContain(operator);
  });
});
