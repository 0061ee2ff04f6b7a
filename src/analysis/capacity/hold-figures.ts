import type { Summary } from '../../store/summary.ts';
import type { LimitSign } from './limit-signs.ts';

/** What one trial of held connections came to. Times in microseconds. */
export interface HoldFigures {
  planned: number;
  /** Dialled, held until the end and closed by plan. */
  held: number;
  dialP99: number | null;
  heartbeatP99: number | null;
  heartbeatsSent: number;
  heartbeatsAnswered: number;
  /** What keeps the trial from passing, in words. */
  faults: string[];
  signs: LimitSign[];
}

/** What a trial of held connections must come to, beside its thresholds. */
export interface HoldQuestion {
  connections: number;
  dialP99MaxUs: number;
  signs: LimitSign[];
}

/**
 * Reads a trial of held connections: it passes when every dial succeeds, dials are quick, every connection lives until the
 * plan closes it, and each has had a heartbeat answered. Heartbeats come round more than once while connections are
 * held, and one that is not answered ends its connection; so all that were held to the end were answered.
 */
export function holdFigures(summary: Summary, question: HoldQuestion): HoldFigures {
  const { dials, sessions, heartbeats, histograms } = summary;
  const held = sessions['closed-by-plan'] ?? 0;
  const { connections: planned, dialP99MaxUs, signs } = question;
  const dialP99 = histograms.dial.p99 ?? histograms.dial.max;
  const failed = dials.attempted - dials.connected;
  const faults = [
    ...(dials.connected < planned
      ? [`${planned - dials.connected} of ${planned} dials did not connect`]
      : []),
    ...(failed > 0 && dials.connected >= planned ? [`${failed} dials failed`] : []),
    ...(dialP99 !== null && dialP99 > dialP99MaxUs
      ? [`dial p99 was ${Math.round(dialP99 / 1000)}ms, above ${Math.round(dialP99MaxUs / 1000)}ms`]
      : []),
    ...(held < dials.connected
      ? [`${dials.connected - held} connections did not live to the end (${endings(summary)})`]
      : []),
    ...(heartbeats.answered < held
      ? [`only ${heartbeats.answered} heartbeats were answered on ${held} connections`]
      : []),
  ];
  return {
    planned,
    held,
    dialP99,
    heartbeatP99: histograms.heartbeat.p99,
    heartbeatsSent: heartbeats.sent,
    heartbeatsAnswered: heartbeats.answered,
    faults,
    signs,
  };
}

function endings({ sessions, connections }: Summary): string {
  const others = Object.entries(sessions).filter(
    ([outcome, count]) => outcome !== 'closed-by-plan' && count > 0,
  );
  const words = others.map(([outcome, count]) => `${count} ${outcome}`);
  return [...words, ...(connections.openAtEnd > 0 ? [`${connections.openAtEnd} still open`] : [])].join(', ');
}
