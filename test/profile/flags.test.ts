import { describe, expect, it } from 'vitest';
import { FLAGS, flagAttribute, flagSyntax, flagVariable, keyName } from '../../src/profile/flags.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { PROFILE_KEYS } from '../../src/profile/profile-keys.ts';

const flagNamed = (name: string) => {
  const found = FLAGS.find((flag) => flag.name === name);
  if (found === undefined) throw new Error(`no flag ${name}`);
  return found;
};

describe('FLAGS', () => {
  it('names every flag, letter and key once', () => {
    const letters = FLAGS.map((flag) => flag.short).filter((letter) => letter !== null);
    for (const names of [FLAGS.map((flag) => flag.name), letters, FLAGS.map((flag) => flag.path)]) {
      expect(names).toEqual([...new Set(names)]);
    }
    expect(letters).toEqual(['c', 'T', 'r', 'R', 'w', 'm', 'f']);
  });

  it('has an example that its key accepts', () => {
    for (const flag of FLAGS)
      expect(PROFILE_KEYS[flag.path].kind.read(PROFILE_KEYS[flag.path].example)).toBeDefined();
  });

  it('sets its key whether given as a flag or as a variable', () => {
    for (const flag of FLAGS) {
      const { example } = PROFILE_KEYS[flag.path];
      // What else must be given for the example to make sense.
      const around = {
        duration: '1h',
        connections: '10k',
        frame: flag.name === 'frame-header' ? 'u32be@4' : 'u32be',
        ...(flag.path.startsWith('tls.') ? { tls: true } : {}),
        ...(flag.path.startsWith('heartbeat.') ? { heartbeat: '10s' } : {}),
        ...(flag.name === 'backoff' ? { reconnect: 'backoff' } : {}),
        ...(flag.name === 'arrivals' ? { rate: '5/s' } : {}),
        ...(flag.name === 'tls-cert' ? { tlsKey: 'k' } : {}),
        ...(flag.name === 'tls-key' ? { tlsCert: 'c' } : {}),
      };
      if (flag.path === 'payload.file') continue;
      const { [flagAttribute(flag) as 'duration']: _, ...others } = around;
      const source = { name: 'plan', text: null, file: null };
      const value = flag.placeholder === null ? true : example;
      const byFlag = loadProfile(source, {}, { ...others, [flagAttribute(flag)]: value }, []);
      const byVariable = loadProfile(source, { [flagVariable(flag)]: String(value) }, others, []);
      expect(byFlag).toEqual(byVariable);
    }
  });
});

describe('flagSyntax', () => {
  it.each([
    ['connections', '-c, --connections <n>'],
    ['connect-timeout', '--connect-timeout <duration>'],
    ['nodelay', '--nodelay <on|off>'],
    ['connection-lifetime', '--connection-lifetime <lifetime>'],
    ['keepalive', '--keepalive <idle/interval/count>'],
    ['tls', '--tls'],
  ])('spells %s as commander reads it', (name, syntax) => {
    expect(flagSyntax(flagNamed(name))).toBe(syntax);
  });
});

describe('flagAttribute and flagVariable', () => {
  it('derive from the long name', () => {
    expect(flagAttribute(flagNamed('connect-timeout'))).toBe('connectTimeout');
    expect(flagVariable(flagNamed('connect-timeout'))).toBe('TIDEMARK_CONNECT_TIMEOUT');
  });
});

describe('keyName', () => {
  it('adds the flag where there is one', () => {
    expect(keyName('load.rate')).toBe('load.rate (--rate)');
    expect(keyName('safety.allowedTargets')).toBe('safety.allowedTargets');
  });
});
