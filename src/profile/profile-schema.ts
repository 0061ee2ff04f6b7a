import { z } from 'zod';
import { ByteTextError } from '../base/byte-text.ts';
import { UnitError } from '../base/units.ts';
import { FrameFormatError } from '../framing/frame-format.ts';
import { PayloadSizeError } from '../framing/payload-size.ts';
import { PushStampError } from '../framing/push-stamp.ts';
import { COHORT_SECTIONS } from './cohorts.ts';
import { PROFILE_KEYS, PROFILE_PATHS, isProfilePath } from './profile-keys.ts';
import type { ProfilePath, ProfileValues } from './profile-values.ts';
import { isGroup, ownGroup, withoutPath, type RawGroup, type RawValue } from './raw-tree.ts';
import { EntriesError, ValueError } from './value-error.ts';

/**
 * The shape of a profile, made from the table of keys: nested groups for reading, JSON Schema for editors. A source
 * is read as text throughout, so that YAML, flags and the environment share one grammar, and a YAML number such as
 * `1e3` or `010` is judged as it was written.
 */

/** What one source gives, by path; null takes back what a weaker source gave. */
export type SourceValues = { [P in ProfilePath]?: ProfileValues[P] | null };

/** A fault in a tree; the place of its key or of its value is looked up by whoever knows where the tree came from. */
export interface ShapeFault {
  path: readonly string[];
  /** Of a list, the entry at fault, from 0. */
  entry?: string;
  kind: 'unknown key' | 'bad value' | 'no group';
  message: string;
}

/** What each group of keys is about. */
const GROUP_HELP: ReadonlyMap<string, string> = new Map([
  ['connections', 'How many connections there are, and how they are opened'],
  ['load', 'How frames are sent: closed model (window, think) or open model (rate, totalRate)'],
  ['frame', 'How frames are told apart'],
  ['payload', 'What frames carry'],
  ['preface', 'Bytes exchanged once, before frames'],
  ['match', 'How replies are told apart and checked'],
  ['timeouts', 'How long each phase may take'],
  ['heartbeat', 'Frames that find out whether a quiet target lives'],
  ['socket', 'Options of the sockets'],
  ['tls', 'Encryption of the connections'],
  ['health', 'How far the generator itself may stand in the way of a measurement'],
  ['record', 'What is stored of the run while it goes on'],
  ['safety', 'What keeps a load test from reaching somebody else'],
]);

/** The refusals of a grammar; anything else that is thrown while reading a value is a bug and must not look like one. */
const REFUSALS = [
  ValueError,
  UnitError,
  ByteTextError,
  FrameFormatError,
  PayloadSizeError,
  PushStampError,
] as const;

const profileSchema = buildSchema();

/** The values of a tree's sound keys, and the faults of the others. */
export function readTree(tree: RawGroup): { values: SourceValues; faults: ShapeFault[] } {
  const usable = withoutEmptyGroups(tree);
  const result = profileSchema.safeParse(usable);
  if (result.success) return { values: flatten(result.data), faults: [] };
  const faults = result.error.issues.flatMap(issueFaults);
  const sound = faults.reduce((rest, fault) => withoutPath(rest, fault.path), usable);
  return { values: flatten(profileSchema.parse(sound)), faults };
}

/** The JSON Schema (draft 7) of profile files, by which editors complete and explain keys. */
export function profileJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(profileSchema, {
    io: 'input',
    target: 'draft-07',
    unrepresentable: 'any',
    override: ({ jsonSchema, path }) => {
      const keyPath = path.filter((part) => part !== 'properties').join('.');
      if (isProfilePath(keyPath)) Object.assign(jsonSchema, describeKey(keyPath));
      // A group whose keys are all commented out is empty, which YAML reads as null.
      const help = GROUP_HELP.get(keyPath);
      if (help !== undefined) Object.assign(jsonSchema, { description: help, type: ['object', 'null'] });
    },
  });
  const { $schema, properties = {}, ...shape } = schema;
  const head = { $schema, title: 'Tidemark profile', description: 'The plan of a load test' };
  return { ...head, ...shape, properties: { ...properties, cohorts: cohortsJsonSchema(properties) } };
}

/** Cohorts repeat the sections that they may have of their own. */
function cohortsJsonSchema(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    description: 'Groups of connections that behave alike, by name; what one does not say stands at the top',
    type: ['object', 'null'],
    additionalProperties: {
      type: ['object', 'null'],
      properties: Object.fromEntries(COHORT_SECTIONS.map((section) => [section, properties[section]])),
      additionalProperties: false,
    },
  };
}

function describeKey(path: ProfilePath): Record<string, unknown> {
  const { kind, help, defaultText, example } = PROFILE_KEYS[path];
  const standard = defaultText === null ? '' : ` (default ${defaultText})`;
  return { description: `${help}${standard}`, ...kind.json, examples: [example] };
}

function buildSchema(): z.ZodType<Record<string, unknown>> {
  const top: Record<string, z.ZodType> = {};
  const groups = new Map<string, Record<string, z.ZodType>>();
  for (const path of PROFILE_PATHS) {
    const [group = '', name] = path.split('.');
    if (name === undefined) {
      top[group] = keySchema(path);
    } else {
      groups.set(group, { ...groups.get(group), [name]: keySchema(path) });
    }
  }
  for (const [group, keys] of groups) top[group] = z.strictObject(keys).optional();
  return z.strictObject(top);
}

function keySchema(path: ProfilePath): z.ZodType {
  return z
    .unknown()
    .transform((raw, context) => {
      try {
        return readKey(path, raw as RawValue);
      } catch (error) {
        if (!(error instanceof Error) || !REFUSALS.some((refusal) => error instanceof refusal)) throw error;
        if (error instanceof EntriesError) {
          for (const { index, message } of error.faults)
            context.addIssue({ code: 'custom', path: [index], message });
        } else {
          context.addIssue({ code: 'custom', message: error.message });
        }
        return z.NEVER;
      }
    })
    .optional();
}

/** @throws {Error} one of REFUSALS, when the value does not fit the key */
function readKey(path: ProfilePath, raw: RawValue): unknown {
  const { kind, example } = PROFILE_KEYS[path];
  const sample = `for example ${path.split('.').at(-1)}: ${example}`;
  if (typeof raw === 'string') return kind.read(raw);
  if (raw === null) {
    if (kind.canBeUnset) return null;
    throw new ValueError(`has no value; give one, ${sample}`);
  }
  if (kind.readEntries !== undefined) return kind.readEntries(isGroup(raw) ? [raw] : raw);
  if (kind.readItems === null) {
    throw new ValueError(
      `must be a single value, not a ${isGroup(raw) ? 'group of keys' : 'list'}; ${sample}`,
    );
  }
  const items = isGroup(raw) ? [null] : [...raw];
  if (!items.every((item) => typeof item === 'string')) {
    throw new ValueError(`must be a list of words; ${sample}`);
  }
  return kind.readItems(items);
}

type Issue = z.core.$ZodIssue;

function issueFaults(issue: Issue): ShapeFault[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key]));
  if (issue.code === 'custom') return [badValue(path, issue.message)];
  const keys = PROFILE_PATHS.filter((known) => known.startsWith(`${path.join('.')}.`));
  return [{ path, kind: 'no group', message: `must be a group of keys: ${keys.join(', ')}` }];
}

/** @param path of the key, and of the entry where it holds a list */
function badValue(path: readonly string[], message: string): ShapeFault {
  const length = path.findIndex((_, index) => isProfilePath(path.slice(0, index + 1).join('.'))) + 1;
  const entry = path[length];
  return {
    path: path.slice(0, length),
    ...(entry === undefined ? {} : { entry }),
    kind: 'bad value',
    message,
  };
}

function unknownKey(path: readonly string[]): ShapeFault {
  return { path, kind: 'unknown key', message: 'is no key of a profile' };
}

function flatten(data: Readonly<Record<string, unknown>>): SourceValues {
  const entries = Object.entries(data).flatMap(([name, value]): [string, unknown][] => {
    if (!GROUP_HELP.has(name)) return [[name, value]];
    return Object.entries(value ?? {}).map(([key, inner]) => [`${name}.${key}`, inner]);
  });
  return Object.fromEntries(entries);
}

function withoutEmptyGroups(tree: RawGroup): RawGroup {
  return ownGroup(Object.entries(tree).filter(([name, value]) => value !== null || !GROUP_HELP.has(name)));
}
