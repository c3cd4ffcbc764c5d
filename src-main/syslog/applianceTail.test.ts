import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { SyslogLine } from '../../src-shared/model/syslog/syslogLine.ts';
import type { RemoteProcess } from '../ssh/types.ts';
import { createApplianceTail, type ApplianceTail } from './applianceTail.ts';

let folder: string;
let log: string;
let seen: SyslogLine[];
let troubles: (string | null)[];
let linkUp: (() => void) | null;
let isUp: boolean;
let running: ReturnType<typeof spawn> | null;
let tail: ApplianceTail;
let refusal: string | null;
let failure: AppError | null;
let findProblem: () => Promise<string | null>;

/** Starts the real tail(1) on this computer instead of on an appliance. */
async function startTail(lines: number): Promise<RemoteProcess | null> {
  if (!isUp) return null;
  if (failure !== null) throw failure;
  const child =
    refusal === null
      ? spawn('tail', ['-n', String(lines), '-F', log], { stdio: 'pipe', env: { LC_ALL: 'C' } })
      : spawn('sh', ['-c', `echo "${refusal}" >&2; exit 1`], { stdio: 'pipe' });
  running = child;
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited: once(child, 'close').then(() => ({ exitCode: child.exitCode, signal: child.signalCode })),
    kill: () => void child.kill('SIGKILL'),
  };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-tail-'));
  log = join(folder, 'syslog');
  seen = [];
  troubles = [];
  linkUp = null;
  isUp = true;
  running = null;
  refusal = null;
  failure = null;
  findProblem = () => Promise.reject(new Error('not possible now'));
});
afterEach(() => {
  tail.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(history = 100): void {
  tail = createApplianceTail({
    applianceId: '9b2f1a38-6f4e-4f0e-9c39-0d6a8d7a7d10',
    history,
    start: startTail,
    findProblem: () => findProblem(),
    onLinkUp: (listener) => {
      linkUp = listener;
      return () => {
        linkUp = null;
      };
    },
    onLines: (lines) => seen.push(...lines),
    onTrouble: () => troubles.push(tail.trouble()?.reason ?? null),
    clock: Date.now,
  });
}

const messages = () => seen.map((line) => (line.kind === 'gap' ? 'GAP' : line.message));
const write = (...lines: string[]) => appendFileSync(log, lines.map((line) => `${line}\n`).join(''));
const patience = { timeout: 120_000, interval: 20 };

/** Ends the process without an exit code, as a lost link does. */
async function cut(): Promise<void> {
  isUp = false;
  running?.kill('SIGKILL');
  if (running !== null) await once(running, 'close');
}

function reconnect(): void {
  isUp = true;
  linkUp?.();
}

test('passes on the old lines, then new ones', async () => {
  writeFileSync(log, 'a\nb\nc\n');
  start(2);
  await tail.historyRead;
  expect(messages()).toEqual(['b', 'c']);
  write('d');
  await vi.waitFor(() => expect(messages()).toEqual(['b', 'c', 'd']), patience);
  expect(seen.map((line) => line.seq)).toEqual([0, 1, 2]);
  expect(tail.lines()).toEqual(seen);
});

test('after a cut, continues with exactly the lines written in the meantime', async () => {
  writeFileSync(log, 'a\nb\n');
  start();
  await tail.historyRead;
  await cut();
  write('b', 'c');
  reconnect();
  await vi.waitFor(() => expect(messages()).toEqual(['a', 'b', 'b', 'c']), patience);
});

test('when nothing was written during a cut, adds nothing', async () => {
  writeFileSync(log, 'a\nb\n');
  start();
  await tail.historyRead;
  await cut();
  reconnect();
  await vi.waitFor(() => expect(running?.exitCode).toBeNull(), patience);
  write('c');
  await vi.waitFor(() => expect(messages()).toEqual(['a', 'b', 'c']), patience);
});

test('when the log was replaced during a cut, adds a gap with its times', async () => {
  writeFileSync(log, 'a\nb\n');
  start();
  await tail.historyRead;
  await cut();
  renameSync(log, `${log}.1`);
  writeFileSync(log, 'x\n');
  reconnect();
  await vi.waitFor(() => expect(messages()).toEqual(['a', 'b', 'GAP', 'x']), patience);
  const gap = seen.find((line) => line.kind === 'gap');
  expect(gap?.message).toMatch(/from \d{4}-\S+Z to \d{4}-\S+Z/u);
});

test('when the log is renamed, continues without a word', async () => {
  writeFileSync(log, 'a\nb\n');
  start();
  await tail.historyRead;
  renameSync(log, `${log}.1`);
  write('c');
  await vi.waitFor(() => expect(messages()).toEqual(['a', 'b', 'c']), patience);
});

test('when the log is truncated, shows a possible gap and continues', async () => {
  writeFileSync(log, 'a\nb\n');
  start();
  await tail.historyRead;
  truncateSync(log);
  write('c');
  // Both outputs of tail are read independently, so the gap may come after the line.
  await vi.waitFor(() => expect(messages().toSorted()).toEqual(['GAP', 'a', 'b', 'c']), patience);
  expect(seen.find((line) => line.kind === 'gap')?.message).toMatch(
    /^The log was truncated\. Lines may be missing here: tail: .*file truncated$/u,
  );
  expect(troubles).toEqual([]);
});

test('when there is no log yet, says so at once, and follows it later', async () => {
  start();
  await tail.historyRead;
  const reason = `The log can’t be read: tail: cannot open '${log}' for reading: No such file or directory`;
  expect(seen.map((line) => line.message)).toEqual([reason]);
  expect(tail.trouble()?.reason).toBe(reason);
  expect(tail.linesPerSecond()).toBeNull();
  write('first');
  await vi.waitFor(() => expect(messages()).toEqual(['GAP', 'GAP', 'first']), patience);
  expect(seen[1]?.message).toBe('The log can be read again.');
  expect(troubles).toEqual([reason, null]);
});

test('when tail is refused, gives the reason once, however often it is tried', async () => {
  refusal = 'tail: cannot open: Permission denied';
  start();
  await tail.historyRead;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = running;
    await vi.waitFor(() => {
      linkUp?.();
      expect(running).not.toBe(before);
    }, patience);
    if (running !== null && running.exitCode === null) await once(running, 'close');
  }
  expect(seen.map((line) => [line.kind, line.message])).toEqual([
    ['gap', `The log can’t be read: ${refusal}`],
  ]);
  expect(tail.trouble()?.reason).toBe(`The log can’t be read: ${refusal}`);
});

test('when the log disappears while it is followed, shows a problem until it is back', async () => {
  writeFileSync(log, 'a\n');
  start();
  await tail.historyRead;
  expect(tail.trouble()).toBeNull();
  renameSync(log, `${log}.gone`);
  await vi.waitFor(
    () => expect(tail.trouble()?.reason).toMatch(/^The log can’t be read: tail: .*No such file/u),
    patience,
  );
  expect(messages()).toEqual(['a', 'GAP']);
  write('b');
  await vi.waitFor(() => expect(tail.trouble()).toBeNull(), patience);
  await vi.waitFor(() => expect(messages()).toEqual(['a', 'GAP', 'GAP', 'b']), patience);
});

test('when the log can’t be read, gives the reason that a check finds now', async () => {
  findProblem = async () => 'Permission denied, whatever was before.';
  start();
  await tail.historyRead;
  expect(seen.map((line) => line.message)).toEqual([
    'The log can’t be read: Permission denied, whatever was before.',
  ]);
});

test('when the log can be read in another way, starts again without a problem', async () => {
  const other = join(folder, 'other');
  writeFileSync(other, 'a\n');
  findProblem = async () => {
    log = other;
    return null;
  };
  start();
  await tail.historyRead;
  expect(messages()).toEqual(['a']);
  expect([troubles, tail.trouble()]).toEqual([[], null]);
});

test('when the log is rotated, shows no problem', async () => {
  writeFileSync(log, 'a\n');
  start();
  await tail.historyRead;
  renameSync(log, `${log}.1`);
  write('b');
  await vi.waitFor(() => expect(messages()).toEqual(['a', 'b']), patience);
  expect(troubles).toEqual([]);
});

test('when the link is lost while the tail starts, does not call the log unreadable', async () => {
  failure = new AppError('LINK_LOST', 'The link is gone.');
  start();
  await tail.historyRead;
  expect([tail.trouble(), seen]).toEqual([null, []]);
  failure = new AppError('LOG_UNREADABLE', 'The log can’t be read: this appliance has no ke_syslog.');
  linkUp?.();
  await vi.waitFor(() => expect(tail.trouble()?.reason).toBe(failure?.message), patience);
  expect(messages()).toEqual(['GAP']);
});
