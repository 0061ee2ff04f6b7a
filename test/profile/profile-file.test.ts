import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OperatingError } from '../../src/base/errors.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { builtInNames, findProfile } from '../../src/profile/profile-file.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

describe('findProfile', () => {
  it('finds a built-in profile by its name', () => {
    const found = findProfile('smoke');
    expect(found.name).toBe('smoke');
    expect(found.text).toContain('connections:');
  });

  it('reads a file by its path and names the run after it', () => {
    const file = join(scratchDirectory(), 'night.yml');
    writeFileSync(file, 'duration: 3s\n');
    expect(findProfile(file)).toEqual({ name: 'night', text: 'duration: 3s\n', file });
  });

  it('lists the built-in profiles of the folder it is given', () => {
    const directory = scratchDirectory();
    for (const name of ['b.yaml', 'a.yaml', 'profile.schema.json']) writeFileSync(join(directory, name), '');
    expect(builtInNames(directory)).toEqual(['a', 'b']);
    expect(() => findProfile('c', directory)).toThrow('built-in profiles are a, b');
  });

  it.each([
    [
      'smok',
      /^Cannot read the profile 'smok': ENOENT from open; .*; did you mean smoke\?$/,
      'a misspelt name',
    ],
    [
      './smoke',
      /^Cannot read the profile '\.\/smoke': ENOENT from open; built-in profiles are .*smoke/,
      'a path',
    ],
    ['/', /^Cannot read the profile '\/': EISDIR from read/, 'a folder'],
  ])('refuses %s: %s', (name, message) => {
    expect(() => findProfile(name)).toThrow(OperatingError);
    expect(() => findProfile(name)).toThrow(message);
  });

  it('refuses a file that is no text', () => {
    const file = join(scratchDirectory(), 'binary.yaml');
    writeFileSync(file, Uint8Array.of(0xff, 0xfe, 0x00));
    expect(() => findProfile(file)).toThrow(OperatingError);
  });
});

describe('the built-in profiles', () => {
  it.each(builtInNames())('%s loads, and names its schema for editors', (name) => {
    const found = findProfile(name);
    expect(loadProfile(found, {}, {}, []).label).toBe(name);
    expect(found.text).toMatch(/^# yaml-language-server: \$schema=profile\.schema\.json\n/);
  });

  it('smoke is ten seconds of verified echo on 50 connections', () => {
    const profile = loadProfile(findProfile('smoke'), {}, {}, []);
    expect(profile).toMatchObject({
      target: null,
      durationUs: 10_000_000,
      connections: { count: 50 },
      load: { window: 1 },
      frame: { format: 'u32be' },
      payload: { size: '64B', stamp: 'on' },
      match: { mode: 'fifo', verify: 'echo' },
    });
  });
});

describe('profile.schema.json', () => {
  it('lies beside the built-in profiles that name it', () => {
    const schema: unknown = JSON.parse(readFileSync('profiles/profile.schema.json', 'utf8'));
    expect(schema).toHaveProperty('title', 'Tidemark profile');
  });
});
