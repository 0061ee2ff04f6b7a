import {
  formatCount,
  formatDuration,
  formatRate,
  parseCount,
  parseDuration,
  parseRate,
  UnitError,
} from '../base/units.ts';
import type { KeyKind } from './key-kinds.ts';
import { CONNECTIONS_MAX, STAGES_MAX } from './profile-limits.ts';
import type { StageProfile } from './profile.ts';
import { isGroup, type RawGroup, type RawValue } from './raw-tree.ts';
import { ValueError } from './value-error.ts';

const FORM =
  'a stage reads like 30s:10k/s (to this rate over all connections), 30s:500 (to so many connections) or 30s:500:10k/s';
const KEYS = ['duration', 'rate', 'connections'];

/**
 * A list of stages. In a file each is a text such as `30s:10k/s` or a group `{duration: 30s, rate: 10k/s}`; flags give
 * one text each, and a variable separates them by commas.
 */
export function stagesKind(): KeyKind<StageProfile[]> {
  return {
    read: (text) => readStages(text === '' ? [] : text.split(',')),
    readItems: readStages,
    readEntries: readStages,
    write: (stages) => (stages.length === 0 ? null : stages.map(writeStage)),
    canBeUnset: true,
    json: {
      type: ['array', 'string', 'null'],
      items: {
        anyOf: [
          { type: 'string' },
          {
            type: 'object',
            additionalProperties: false,
            required: ['duration'],
            properties: {
              duration: { type: 'string', description: 'How long the stage takes; 0s: it jumps' },
              rate: { type: 'string', description: 'Frames a second over all connections at its end' },
              connections: { type: ['integer', 'string'], description: 'Connections at its end' },
            },
          },
        ],
      },
    },
  };
}

function readStages(entries: readonly RawValue[]): StageProfile[] {
  if (entries.length > STAGES_MAX) {
    throw new ValueError(`must hold at most ${STAGES_MAX} stages, current value has ${entries.length}`);
  }
  return entries.map((entry, index) => {
    try {
      return typeof entry === 'string' ? parseStage(entry) : readStageGroup(entry);
    } catch (error) {
      if (!(error instanceof ValueError || error instanceof UnitError)) throw error;
      throw new ValueError(`stage ${index + 1}: ${error.message}`);
    }
  });
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
  if (!isGroup(entry)) throw new ValueError(`must be a text or a group of keys; ${FORM}`);
  const unknown = Object.keys(entry).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new ValueError(`${unknown} is no key of a stage; its keys are ${KEYS.join(', ')}`);
  }
  const duration = textAt(entry, 'duration');
  if (duration === null) throw new ValueError('has no duration; give one, for example duration: 30s');
  return stageOf({ duration, rate: textAt(entry, 'rate'), connections: textAt(entry, 'connections') });
}

function textAt(entry: RawGroup, key: string): string | null {
  const value = Object.hasOwn(entry, key) ? (entry[key] ?? null) : null;
  if (value === null || typeof value === 'string') return value;
  throw new ValueError(`${key} must be a single value`);
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
