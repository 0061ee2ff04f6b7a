import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { RUN_FILES } from '../../src/store/run-files.ts';
import { createRun } from '../../src/store/run-writer.ts';
import type { Ended } from '../support/captured-process.ts';
import { histogramsOf, sampleInterval, sampleManifest, sampleSummary } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark, runTidemarkAfter } from '../support/tidemark.ts';
import { allOf, expectRefusal, honestTarget, readDocument } from './json-run.ts';

/** A file of the given content, for one test. */
function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(scratchDirectory(), name);
  writeFileSync(path, content);
  return path;
}

/** Files that bad input names; made once, since the table's commands run side by side. */
const files = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
afterAll(() => rmSync(files, { recursive: true, force: true }));

function sized(bytes: number): string {
  const path = join(files, `${bytes}.bin`);
  writeFileSync(path, new Uint8Array(bytes));
  return path;
}

const REFUSED: [what: string, args: string[], message: string | RegExp][] = [
  [
    'a number without its unit',
    ['--connect-timeout', '3'],
    '--connect-timeout: "3" has no unit; a duration reads like 250ms',
  ],
  ['a rate without its unit', ['-R', '500'], '--total-rate: "500" has no unit; a rate reads like 500/s'],
  [
    'a port of 70000',
    ['--target', '127.0.0.1:70000'],
    'has a port that must be between 1 and 65535, current value is 70000',
  ],
  [
    'a target without a port',
    ['--target', 'localhost'],
    '"localhost" has no port; a target reads like host:port',
  ],
  [
    'an unresolvable host',
    ['--target', 'nohost.invalid:80'],
    /^Cannot resolve the target nohost\.invalid:80: the name nohost\.invalid has no address/,
  ],
  [
    'a public target',
    ['--target', '192.0.2.1:80'],
    'Refused to load 192.0.2.1:80: 192.0.2.1:80 is outside loopback and private ranges',
  ],
  [
    'a source address that stands for all',
    ['--source-ip', '127.0.0.2,0.0.0.0'],
    '--source-ip: "0.0.0.0" holds the wildcard address, from which nothing is dialled',
  ],
  [
    'a multicast address as a source',
    ['--source-ip', '224.0.0.1'],
    '"224.0.0.1" holds a multicast address, from which nothing is dialled',
  ],
  ['an unknown frame form', ['--frame', 'u24be'], 'Cannot read frame form "u24be"'],
  ['a message file that is missing', ['--message-file', '/nonexistent/message.bin'], 'ENOENT'],
  ['a message file that is a directory', ['--message-file', files], 'must be a regular file'],
  [
    'a message file beyond the frame limit',
    ['--frame-max', '1KiB', '--message-file', sized(1025)],
    'must have at most 1KiB',
  ],
  [
    'a message file beyond the length field',
    ['--frame', 'u8', '--message-file', sized(256)],
    'must have at most 255B',
  ],
  [
    'a message that holds the delimiter',
    ['--frame', 'delim:\\n', '--message', 'a\\nb'],
    'must not hold the delimiter',
  ],
  ['two rates', ['-r', '1/s', '-R', '1/s'], 'load.rate'],
  ['more workers than connections', ['-c', '2', '-w', '4'], 'each worker needs a connection'],
  [
    'an engine that has no TLS',
    ['--target', '127.0.0.1:1', '--tls', '--engine', 'epoll'],
    "Cannot use the engine 'epoll': it has no TLS",
  ],
  ['TLS without a target', ['--tls'], 'Cannot use TLS (--tls) without a target'],
  [
    'a CA file that is missing',
    ['--target', '127.0.0.1:1', '--tls', '--tls-ca', '/nonexistent/ca.pem'],
    'Cannot read the certificate authority /nonexistent/ca.pem: ENOENT',
  ],
  [
    'stages longer than the duration',
    ['--stage', '30s:10k/s', '-T', '10s'],
    'drop duration, which is then as long as the stages, or shorten them',
  ],
  [
    'Poisson arrivals without a rate',
    ['--arrivals', 'poisson'],
    'give a rate (--rate, --total-rate, --stage), or drop load.arrivals',
  ],
  [
    'pauses for dials that are not repeated',
    ['--backoff', '100ms..10s'],
    'set that to backoff, or drop connections.backoff',
  ],
  ['a count that every cohort has of its own', ['mixed', '-c', '5'], 'or drop --connections'],
  ['a threshold on a cohort that is not', ['mixed', '--threshold', 'stedy:dials.refused == 0'], 'steady?'],
  [
    'frames in flight of connections that only listen',
    ['push', '--window', '4'],
    'cannot be off beside load.window (--window)',
  ],
  ['a profile that does not exist', ['smok'], "Cannot read the profile 'smok'"],
  ['an unknown flag', ['--conections', '3'], "unknown option '--conections'"],
  ['a second profile', ['smoke', 'smoke'], 'too many arguments'],
  ['a setting without a value', ['--set', 'load.window'], 'must read path=value'],
];

describe('tidemark run refuses with 104, one paragraph and nothing on stdout', () => {
  const out = join(files, 'runs');
  let refusals: Ended[] = [];
  beforeAll(async () => {
    refusals = await allOf(
      REFUSED.map(
        ([, args]) =>
          () =>
            runTidemark(['run', ...args, '--out', out]),
      ),
    );
  }, 60_000);

  test.each(REFUSED.map(([what, , message], index) => ({ what, message, index })))(
    '$what',
    ({ message, index }) => {
      const ended = refusals[index];
      if (ended === undefined) throw new Error('The command was not run');
      expect(expectRefusal(ended)).toMatch(message);
    },
  );

  test('before anything is stored', () => {
    expect(refusals).toHaveLength(REFUSED.length);
    expect(existsSync(out)).toBe(false);
  });

  test('a profile with several faults: all of them, each with line and column', async () => {
    const profile = fileOf(
      'bad.yaml',
      ['duration: 3', 'conections:', '  count: 5', 'load:', '  window: 0', '  rates: 1/s', ''].join('\n'),
    );
    const stderr = expectRefusal(await runTidemark(['run', profile, '--connect-timeout', '3']));
    const [headline, ...faults] = stderr.trimEnd().split('\n');
    expect(headline).toBe("Cannot use the profile 'bad', which has 5 faults:");
    expect(faults.map((fault) => fault.trim().split(' ').slice(0, 2).join(' '))).toEqual([
      `${profile}:1:11 duration:`,
      `${profile}:2:1 conections:`,
      `${profile}:5:11 load.window:`,
      `${profile}:6:3 load.rates:`,
      '--connect-timeout: "3"',
    ]);
    expect(stderr).toContain('did you mean connections?');
  });

  test('an --out that cannot be written', async () => {
    const file = fileOf('occupied', '');
    const stderr = expectRefusal(await runTidemark(['run', '-T', '1s', '--out', join(file, 'runs')]));
    expect(stderr).toContain(
      `Cannot create the directory for runs ${join(file, 'runs')}: ENOTDIR from mkdir`,
    );
  });

  test('more connections than it may have descriptors, and says what to type', async () => {
    const outside = join(scratchDirectory(), 'runs');
    const args = ['run', '-c', '500', '-T', '1s', '--out', outside];
    const stderr = expectRefusal(await runTidemarkAfter('ulimit -n 200', args));
    expect(stderr).toMatch(
      /^Cannot open 500 connections: they need \d+ descriptors, and this process may have 200\. Type `ulimit -Hn \d+`/,
    );
    expect(existsSync(outside)).toBe(false);
  });

  test('a misspelt variable and one that cannot be read', async () => {
    const env = { TIDEMARK_CONECTIONS: '5', TIDEMARK_DURATION: '5' };
    const stderr = expectRefusal(await runTidemark(['run', '--print-profile'], env));
    expect(stderr).toContain(
      'TIDEMARK_CONECTIONS: is no variable of Tidemark; did you mean TIDEMARK_CONNECTIONS?',
    );
    expect(stderr).toContain('TIDEMARK_DURATION: "5" has no unit');
  });
});

describe('tidemark run against a target that is not there', () => {
  test.each([
    ['a refused port', '127.0.0.1:1', 'refused', 'ECONNREFUSED'],
    ['a unix socket without a server', 'unix:/nonexistent/echo.sock', 'other', 'ENOENT'],
  ])('ends with 123 for %s, with its dial classed', async (_, target, outcome, errno) => {
    const out = scratchDirectory();
    const args = ['run', '--target', target, '-c', '100', '--json', '--quiet', '--out', out];
    const ended = await runTidemark(args);
    expect(ended.exitCode).toBe(123);
    const summary = readDocument(ended);
    expect(summary.dials).toMatchObject({ attempted: 1, connected: 0, [outcome]: 1 });
    expect(summary.errors).toMatchObject([{ phase: 'dial', outcome, errno, count: 1 }]);
    expect(summary.verdict).toMatchObject({ ok: false, reasons: ['no connection could be made'] });
    const page = await runTidemark(['report', 'latest', '--out', out]);
    expect(page).toMatchObject({ exitCode: 0, stderr: '' });
    expect(page.stdout).toMatch(/^FAILED/);
    expect(page.stdout).toContain(
      `could not be reached by a trial dial (${target}: ${outcome}, ${errno} from connect)`,
    );
  });
});

describe('tidemark report refuses', () => {
  /** A stored run, as a run that ended leaves it; its directory. */
  function storedRun(out: string): string {
    const writer = createRun(out, sampleManifest());
    writer.append(sampleInterval(0), histogramsOf({ response: [100, 200] }));
    writer.finish(sampleSummary());
    return writer.directory;
  }

  test.each<[what: string, file: keyof typeof RUN_FILES, content: string, message: string]>([
    [
      'a run.json that is cut short',
      'manifest',
      '{"version":1,"id":"2026',
      'it must be JSON, but it is damaged or cut short (23 characters)',
    ],
    ['a run.json of something else', 'manifest', '{"version":7}', 'run.json: version: '],
    [
      'a summary.json that is cut short',
      'summary',
      '{"version":1,',
      'it must be JSON, but it is damaged or cut short',
    ],
    ['a summary.json without what a page shows', 'summary', '{"version":1}', 'summary.json: tool: '],
    [
      'an empty summary.json',
      'summary',
      '',
      'it must be JSON, but it is damaged or cut short (0 characters)',
    ],
  ])('%s', async (_, file, content, message) => {
    const out = scratchDirectory();
    const directory = storedRun(out);
    writeFileSync(join(directory, RUN_FILES[file]), content);
    const [report, list] = await Promise.all([
      runTidemark(['report', directory]),
      runTidemark(['runs', '--json', '--out', out]),
    ]);
    const stderr = expectRefusal(report);
    expect(stderr).toContain(`Cannot read ${join(directory, RUN_FILES[file])}: `);
    expect(stderr).toContain(message);
    expect(JSON.parse(list.stdout)).toMatchObject([
      { state: 'damaged', fault: expect.stringContaining(message) },
    ]);
    expect(readdirSync(directory)).toContain(RUN_FILES[file]);
  });

  test('drift of a run that did not end and whose intervals are damaged, naming the line; report tells the rest', async () => {
    const out = scratchDirectory();
    const writer = createRun(out, sampleManifest());
    writer.append(sampleInterval(0), histogramsOf({ response: [100] }));
    writer.close();
    writeFileSync(join(writer.directory, RUN_FILES.intervals), '{"index":0}\n{"index":1,"sta', { flag: 'a' });
    const place = `${join(writer.directory, RUN_FILES.intervals)}:2: `;
    expect(expectRefusal(await runTidemark(['drift', 'latest', '--out', out]))).toContain(place);
    const report = await runTidemark(['report', 'latest', '--out', out]);
    expect(report.exitCode).toBe(0);
    expect(report.stdout).toMatch(/^BROKE OFF/);
    expect(report.stdout).toContain('what is damaged of its logs is left out');
    expect(report.stderr).toContain(`drift is not judged: Cannot read ${place}`);
  });

  test.each<[what: string, reference: string, message: string]>([
    [
      'an unknown run',
      'nobody',
      "Cannot find run 'nobody': it must be an id, a unique prefix of one, a path or 'latest', and",
    ],
    ['the latest of none', 'latest', "Cannot find run 'latest'"],
    [
      'a path that does not exist',
      '/nonexistent/run',
      'Cannot read run /nonexistent/run: there is no such directory',
    ],
  ])('%s', async (_, reference, message) => {
    const out = scratchDirectory();
    expect(expectRefusal(await runTidemark(['report', reference, '--out', out]))).toContain(message);
  });

  test('a directory that is no run', async () => {
    const directory = join(scratchDirectory(), 'empty');
    mkdirSync(directory);
    const stderr = expectRefusal(await runTidemark(['report', directory]));
    expect(stderr).toContain('a run is a directory with run.json in it');
  });
});

test('tidemark without a command shows its help and exits with 104', async () => {
  const { exitCode, stdout, stderr } = await runTidemark([]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 104, stdout: '' });
  expect(stderr).toContain('Usage: tidemark');
});

test('tidemark run --help names every flag and the units, and exits with 0', async () => {
  const { exitCode, stdout, stderr } = await runTidemark(['run', '--help']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  for (const words of [
    '--connect-timeout <duration>',
    '-R, --total-rate <rate>',
    'a number without its unit',
  ]) {
    expect(stdout).toContain(words);
  }
});

test('a run that is refused does not touch its target', async () => {
  const { address, counters } = await honestTarget();
  expectRefusal(await runTidemark(['run', '--target', address, '--tls', '--engine', 'epoll']));
  expect(counters().connections.accepted).toBe(0);
});
