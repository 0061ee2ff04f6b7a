import type { Calibration } from '../../src/store/calibration-file.ts';

/** A calibration of a machine whose null target was slower than the generator. */
export function sampleCalibration(overrides: Partial<Calibration> = {}): Calibration {
  return {
    machine: 'bench: 2 x AMD EPYC',
    engine: 'epoll',
    version: 'tidemark 0.1.0, node v20.20.2',
    shape: '1 worker, 10 to 99 connections, frame u32be, payload 64B, match fifo, verify echo',
    measuredAt: '2026-11-24T11:01:08.905Z',
    ceiling: { framesPerSecond: 73_275, framesPerCpuSecond: 171_620, framesPerSecondMax: 171_620 },
    dialsPerSecond: 9332,
    noise: { ratePerSecond: 1000, sendLag: { p50: 70, p99: 1790 }, response: { p50: 102, p99: 2355 } },
    score: 1,
    ...overrides,
  };
}
