import { parseBytes } from '../../base/byte-text.ts';
import { counted } from '../../base/counted.ts';
import { machineName } from '../../host/machine-name.ts';
import type { Profile } from '../../profile/profile.ts';
import type { CalibrationKey } from '../../store/calibration-file.ts';
import type { ToolFacts } from '../../store/manifest.ts';

/** What a calibration of this profile holds for, on this machine and with this engine. */
export function calibrationKey(profile: Profile, engine: string, tool: ToolFacts): CalibrationKey {
  return {
    machine: machineName(),
    engine,
    version: `${tool.name} ${tool.version}, node ${process.version}`,
    shape: shapeOf(profile),
  };
}

/**
 * What of a profile decides how much work a frame is. How fast frames are sent is left out: that is what a run's own
 * rate is held against the ceiling for.
 */
function shapeOf({ workers, connections, frame, payload, match, cohorts }: Profile): string {
  const { size, message, file } = payload;
  const content = size ?? (message === null ? `file ${file}` : `${parseBytes(message).length} bytes`);
  return [
    counted(workers, 'worker'),
    `${magnitude(connections.count)} connections`,
    `frame ${frame.format}`,
    `payload ${content}`,
    `match ${match.mode}`,
    `verify ${match.verify}`,
    // Nothing is calibrated for these, so that a run of them is held against nothing.
    ...cohorts.map(({ name }) => `cohort ${name}`),
  ].join(', ');
}

/** `100 to 999`: a frame costs much the same within a power of ten. */
function magnitude(count: number): string {
  const least = 10 ** Math.floor(Math.log10(count));
  return `${least} to ${least * 10 - 1}`;
}
