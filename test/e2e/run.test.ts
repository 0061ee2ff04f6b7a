import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { readRun } from '../../src/store/run-store.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark, runTidemarkAfter } from '../support/tidemark.ts';
import { expectClean, honestTarget, readDocument, runJson, start } from './json-run.ts';
import { tlsFile, tlsText } from '../support/tls-fixtures.ts';

const SHORT = ['-T', '300ms'];

describe('tidemark run', () => {
  test('starts the built-in target where none is given, and tells the whole run in one document', async () => {
    const run = await runJson(['-c', '10', '-T', '500ms', '--warmup', '200ms']);
    expectClean(run, 10);
    const { summary } = run;
    expect(summary.run).toMatchObject({ label: 'run', workers: 1, loadModel: 'closed', endedEarly: null });
    expect(summary.run.seconds).toBeGreaterThanOrEqual(0.5);
    expect(summary.frames.matchedInWarmup).toBeGreaterThan(0);
    expect(summary.frames.matchedInWarmup).toBeLessThan(summary.frames.matched);
    expect(summary.throughput.seconds).toBeCloseTo(0.3, 6);
    expect(summary.bytes.sent).toBe(summary.frames.sent * 68);
    expect(summary.bytes.received).toBe(summary.bytes.sent);
  });

  test('leaves a complete directory, from which report prints the same document and the page', async () => {
    const run = await runJson(['-c', '3', ...SHORT, '--label', 'release-1.2']);
    const [id = ''] = readdirSync(run.out);
    expect(id).toBe(run.summary.run.id);
    const directory = join(run.out, id);
    expect(readdirSync(directory)).toEqual(
      expect.arrayContaining(['intervals.jsonl', 'latency.hlog', 'run.json', 'summary.json']),
    );
    expect(readFileSync(join(directory, 'summary.json'), 'utf8')).toBe(run.stdout);
    const stored = readRun(directory);
    const lines = [...stored.intervals()];
    expect(lines).toHaveLength(run.summary.intervals.count);
    expect(lines.reduce((sum, line) => sum + (line.counters.framesMatched ?? 0), 0)).toBe(
      run.summary.frames.matched,
    );
    const logged = [...stored.histogramLog()].filter(({ tag }) => tag === 'response');
    expect(logged.reduce((sum, line) => sum + line.histogram().count, 0)).toBe(
      run.summary.histograms.response.count,
    );

    const [again, page, list] = await Promise.all([
      runTidemark(['report', 'latest', '--json', '--out', run.out]),
      runTidemark(['report', id.slice(0, -2), '--out', run.out]),
      runTidemark(['runs', '--json', '--out', run.out]),
    ]);
    expect(again).toEqual({ exitCode: 0, stdout: run.stdout, stderr: '' });
    expect(page.exitCode).toBe(0);
    expect(page.stdout).toMatch(/^PASSED {2}release-1\.2 against 127\.0\.0\.1:\d+ /);
    expect(page.stdout).toContain('closed model: each connection waits for its reply');
    expect(JSON.parse(list.stdout)).toMatchObject([{ id, state: 'finished', ok: true, valid: true }]);
  });

  test('prints progress to stderr, a line an interval, and the page to stdout', async () => {
    const { address } = await honestTarget();
    const args = ['--target', address, '-c', '2', '-T', '1200ms', '--out', scratchDirectory()];
    const { exitCode, stdout, stderr } = await runTidemark(['run', ...args]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      new RegExp(
        `^run: 2 connections from 1 worker against ${address}, (epoll|node) engine \\(.+\\), stored in `,
      ),
    );
    expect(stderr).toMatch(/^\S+ of 1\.2s \| 2 open \| .* frames\/s \| .*\b0 errors\b/m);
    expect(stdout).toMatch(/^PASSED/);
    expect(stdout).not.toContain(' open | ');
  });

  test('splits the run over workers without losing a connection or a frame', async () => {
    const { address, counters } = await honestTarget();
    const run = await runJson(['--target', address, '-w', '2', '-c', '7', ...SHORT]);
    expectClean(run, 7);
    expect(run.summary.shards.map(({ state }) => state)).toEqual(['finished', 'finished']);
    // The trial dial is one connection more, and sends nothing.
    expect(counters().connections.accepted).toBe(8);
    expect(counters().frames.received).toBe(run.summary.frames.sent);
  });

  test('holds a thousand connections', async () => {
    const run = await runJson(['-c', '1000', '-T', '2s', '--think', '200ms', '--connect-timeout', '30s']);
    expectClean(run, 1000);
    expect(run.summary.connections).toMatchObject({ opened: 1000, peakOpen: 1000, openAtEnd: 0 });
    expect(run.summary.histograms.dial.count).toBe(1000);
  });

  test('keeps to the total rate of the open model, and accounts for every planned frame', async () => {
    const { address } = await honestTarget();
    const run = await runJson(['--target', address, '-c', '4', '-R', '400/s', '-T', '500ms']);
    expect(run.exitCode).toBe(0);
    const { frames, run: facts, histograms } = run.summary;
    expect(facts.loadModel).toBe('open');
    expect(frames.sent + frames.unsent).toBe(200);
    expect(frames.sent).toBeGreaterThan(100);
    expect(histograms.sendLag.count).toBe(frames.sent);
  });

  test('opens connections at the planned rate', async () => {
    const { address } = await honestTarget();
    const run = await runJson(['--target', address, '-c', '5', '--connect-rate', '20/s', '-T', '600ms']);
    expectClean(run, 5);
  });
});

describe('tidemark run reaches', () => {
  test('a unix socket', async () => {
    const { address } = await honestTarget({ listen: { path: join(scratchDirectory(), 'echo.sock') } });
    const run = await runJson(['--target', address, '-c', '3', ...SHORT]);
    expectClean(run, 3);
    expect(run.summary.addresses).toEqual([{ address, attempted: 3, connected: 3 }]);
  });

  test('an IPv6 address', async () => {
    const { address } = await honestTarget({ listen: { host: '::1', port: 0 } });
    expect(address).toMatch(/^\[::1\]:/);
    expectClean(await runJson(['--target', address, '-c', '3', ...SHORT]), 3);
  });

  test('a name', async () => {
    const { address } = await honestTarget();
    const target = address.replace('127.0.0.1', 'localhost');
    const run = await runJson(['--target', target, '-c', '2', ...SHORT]);
    expect(run.summary.run.target).toBe(target);
    expect(run.summary.addresses.map((row) => row.address)).toContain(address);
    expect(run.summary.dials.connected).toBeGreaterThan(0);
  });

  test('every address of a name, and says how many connections went where', async (context) => {
    // A private /etc/hosts, without which no name has more than one address for certain.
    const hosts = join(scratchDirectory(), 'hosts');
    writeFileSync(hosts, '127.0.0.1 many.test\n127.0.0.2 many.test\n');
    const mount = `mount --bind ${hosts} /etc/hosts`;
    const may = spawnSync('unshare', ['-rm', 'sh', '-c', mount]).status === 0;
    context.skip(!may, 'this user may not have a mount namespace of its own');
    const { address } = await honestTarget({ listen: { host: '0.0.0.0', port: 0 } });
    const port = address.split(':').at(-1) ?? '';
    const out = scratchDirectory();
    const run = [
      'run',
      '--target',
      `many.test:${port}`,
      '-c',
      '5',
      ...SHORT,
      '--json',
      '--quiet',
      '--out',
      out,
    ];
    const summary = readDocument(await runTidemarkAfter(mount, run, ['unshare', '-rm']));
    expect(summary.addresses).toEqual([
      { address: `127.0.0.1:${port}`, attempted: 3, connected: 3 },
      { address: `127.0.0.2:${port}`, attempted: 2, connected: 2 },
    ]);
  });
});

describe('tidemark run with TLS', () => {
  const tls = { cert: tlsText('server.pem'), key: tlsText('server-key.pem'), clientCa: null, alpn: [] };

  test('verifies the target against the authority that it is given', async () => {
    const { address } = await honestTarget({ tls });
    const run = await runJson([
      '--target',
      address,
      '-c',
      '2',
      ...SHORT,
      '--tls',
      '--tls-ca',
      tlsFile('ca.pem'),
    ]);
    expectClean(run, 2);
    expect(run.summary.histograms.tls.count).toBe(2);
    expect(run.summary.notes.join()).not.toContain('--tls-insecure');
  });

  test('fails every session against a target that the system does not trust', async () => {
    const { address, counters } = await honestTarget({ tls });
    const run = await runJson(['--target', address, '-c', '2', ...SHORT, '--tls']);
    expect(run.summary.sessions['tls-failed']).toBe(2);
    expect(run.summary.errors).toMatchObject([{ phase: 'tls', outcome: 'tls-failed', syscall: 'handshake' }]);
    expect(counters().frames.received).toBe(0);
  });

  test('accepts any certificate with --tls-insecure, and says what that gives up', async () => {
    const { address } = await honestTarget({ tls });
    const run = await runJson(['--target', address, '-c', '2', ...SHORT, '--tls', '--tls-insecure']);
    expectClean(run, 2);
    expect(run.summary.notes.join()).toContain('--tls-insecure: any certificate was accepted');
  });

  test('shows its certificate and its protocols to a target that demands them', async () => {
    const { address } = await honestTarget({
      tls: { ...tls, clientCa: tlsText('ca.pem'), alpn: ['tide/1'] },
    });
    const common = ['--target', address, '-c', '2', ...SHORT, '--tls', '--tls-ca', tlsFile('ca.pem')];
    const certificate = ['--tls-cert', tlsFile('client.pem'), '--tls-key', tlsFile('client-key.pem')];
    const [right, without, wrongProtocol] = await Promise.all([
      runJson([...common, ...certificate, '--tls-alpn', 'tide/2,tide/1']),
      runJson([...common, '--tls-alpn', 'tide/1']),
      runJson([...common, ...certificate, '--tls-alpn', 'other/1']),
    ]);
    expectClean(right, 2);
    expect(without.summary.sessions['tls-failed']).toBe(2);
    expect(wrongProtocol.summary.sessions['tls-failed']).toBe(2);
  });

  test('checks the name that it is told to', async () => {
    const { address } = await honestTarget({ tls });
    const flags = ['--tls', '--tls-ca', tlsFile('ca.pem'), '--tls-servername'];
    const common = ['--target', address, '-c', '1', ...SHORT, ...flags];
    const [right, other] = await Promise.all([
      runJson([...common, 'localhost']),
      runJson([...common, 'other.example']),
    ]);
    expectClean(right, 1);
    expect(other.summary.errors).toMatchObject([{ errno: 'ERR_TLS_CERT_ALTNAME_INVALID' }]);
  });
});

test('tidemark run goes on without a reader of its output', async () => {
  const out = scratchDirectory();
  const running = start(['run', '-c', '1', ...SHORT, '--out', out]);
  running.child.stdout.destroy();
  running.child.stderr.destroy();
  const { exitCode } = await running.ended;
  expect(exitCode).toBe(0);
  expect(readRun(join(out, readdirSync(out)[0] ?? '')).summary.verdict.ok).toBe(true);
});
