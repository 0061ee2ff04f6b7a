import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROFILE_KEYS, PROFILE_PATHS } from '../../src/profile/profile-keys.ts';
import { profileJsonSchema, readTree } from '../../src/profile/profile-schema.ts';

interface SchemaNode {
  description?: string;
  type?: string | string[];
  properties?: Record<string, SchemaNode>;
  additionalProperties?: boolean;
}

describe('profileJsonSchema', () => {
  it('is what is committed; `npm run schema` brings it up to date', () => {
    const committed = readFileSync(new URL('../../profiles/profile.schema.json', import.meta.url), 'utf8');
    expect(committed).toBe(`${JSON.stringify(profileJsonSchema(), null, 2)}\n`);
  });

  it('describes every key and group, and allows no other', () => {
    const schema = profileJsonSchema() as SchemaNode;
    for (const path of PROFILE_PATHS) {
      let node: SchemaNode | undefined = schema;
      for (const name of path.split('.')) {
        expect(node).toHaveProperty('additionalProperties', false);
        node = node?.properties?.[name];
        expect(node?.description).toMatch(/^[A-Z]/);
      }
      expect(node).toHaveProperty('type');
    }
  });
});

describe('PROFILE_KEYS', () => {
  it('has defaults and examples that their own keys accept', () => {
    for (const path of PROFILE_PATHS) {
      const { kind, example, defaultText } = PROFILE_KEYS[path];
      expect(() => kind.read(example)).not.toThrow();
      if (defaultText !== null) expect(() => kind.read(defaultText)).not.toThrow();
    }
  });
});

describe('readTree', () => {
  it('reads the sound keys beside the faulty ones', () => {
    const { values, faults } = readTree({ duration: '3s', load: { think: '3', rate: '5/s' }, nonsense: 'x' });
    expect(values).toEqual({ duration: 3_000_000, 'load.rate': 5 });
    expect(faults.map(({ path, kind }) => [path.join('.'), kind])).toEqual([
      ['load.think', 'bad value'],
      ['nonsense', 'unknown key'],
    ]);
  });

  it('tells a value that takes back another one from none at all', () => {
    expect(readTree({ label: null, load: { rate: null } }).values).toEqual({
      label: null,
      'load.rate': null,
    });
    expect(readTree({}).values).toEqual({});
  });
});
