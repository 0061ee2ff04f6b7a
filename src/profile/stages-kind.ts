import {
  formatCount,
  formatDuration,
  formatRate,
  parseCount,
  parseDuration,
  parseRate,
} from '../base/units.ts';
import { entryListKind, groupOf, textAt } from './entry-list.ts';
import type { KeyKind } from './key-kinds.ts';
import { CONNECTIONS_MAX, STAGES_MAX } from './profile-limits.ts';
import type { StageProfile } from './profile.ts';
import type { RawValue } from './raw-tree.ts';
import { ValueError } from './value-error.ts';

const FORM =
  'a stage reads like 30s:10k/s (to this rate over all connections), 30s:500 (to so many connections) or 30s:500:10k/s';
const PROPERTIES = {
  duration: { type: 'string', description: 'How long the stage takes; 0s: it jumps' },
  rate: { type: 'string', description: 'Frames a second over all connections at its end' },
  connections: { type: ['integer', 'string'], description: 'Connections at its end' },
};

/**
 * A list of stages. In a file each is a text such as `30s:10k/s` or a group `{duration: 30s, rate: 10k/s}`; flags give
 * one text each, and a variable separates them by commas.
 */
export function stagesKind(): KeyKind<StageProfile[]> {
  return {
    ...entryListKind({
      max: STAGES_MAX,
      plural: 'stages',
      properties: PROPERTIES,
      required: 'duration',
      prefix: (index) => `stage ${index + 1}: `,
      readText: parseStage,
      readGroup: readStageGroup,
    }),
    write: (stages) => (stages.length === 0 ? null : stages.map(writeStage)),
  };
}

/** @throws {Error} when the text is no stage, with the accepted forms */
function parseStage(text: string): StageProfile {
  const [duration = '', ...targets] = text.split(':');
  const rates = targets.filter((target) => target.includes('/'));
  const counts = targets.filter((target) => !target.includes('/'));
  if (targets.length === 0 || rates.length > 1 || counts.length > 1) {
    throw new ValueError(`${JSON.stringify(text)} is not a stage; ${FORM}`);
  }
  const [rate = null] = rates;
  const [connections = null] = counts;
  return stageOf({ duration, rate, connections });
}

function readStageGroup(entry: RawValue): StageProfile {
  const group = groupOf(entry, Object.keys(PROPERTIES), { what: 'a stage', form: `; ${FORM}` });
  const duration = textAt(group, 'duration');
  if (duration === null) throw new ValueError('has no duration; give one, for example duration: 30s');
  return stageOf({ duration, rate: textAt(group, 'rate'), connections: textAt(group, 'connections') });
}

function stageOf(texts: { duration: string; rate: string | null; connections: string | null }): StageProfile {
  const { duration, rate, connections } = texts;
  if (rate === null && connections === null) {
    throw new ValueError('leads nowhere; give it a rate, a count of connections or both');
  }
  return {
    durationUs: parseDuration(duration),
    ratePerSecond: rate === null ? null : parseRate(rate),
    connections: connections === null ? null : connectionsOf(connections),
  };
}

function connectionsOf(text: string): number {
  const connections = parseCount(text);
  if (connections <= CONNECTIONS_MAX) return connections;
  throw new ValueError(`must have at most ${CONNECTIONS_MAX} connections, current value is ${text}`);
}

function writeStage({ durationUs, ratePerSecond, connections }: StageProfile): string {
  const parts = [formatDuration(durationUs)];
  if (connections !== null) parts.push(formatCount(connections));
  if (ratePerSecond !== null) parts.push(formatRate(ratePerSecond));
  return parts.join(':');
}
