import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { waitFor } from '../../test-support/waitFor.ts';
import { readChildren } from '../core/procfs/procfs.ts';
import { createServiceLog } from './syslog.ts';

/** Prints each datagram as a line, like a system log. */
const receiver = `
use IO::Socket::UNIX;
$| = 1;
my $socket = IO::Socket::UNIX->new(Local => $ARGV[0], Type => SOCK_DGRAM) or die "no socket";
print "ready\\n";
while (defined $socket->recv(my $bytes, 8192)) { print "$bytes\\n"; }
`;

async function makeSocketPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-syslog-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'socket');
}

async function startReceiver(socketPath: string) {
  const process = spawn('perl', ['-e', receiver, socketPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void process.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: process.stdout }).on('line', (line) => lines.push(line));
  await waitFor('the log is up', () => lines.length > 0);
  const numbers = () => new Set(lines.flatMap((line) => /line (\d+) /u.exec(line)?.[1] ?? []).map(Number));
  return { process, lines, numbers };
}

const loggers = async () => (await readChildren(process.pid)).filter(({ name }) => name === 'logger');

it('when the log is stopped, runs one logger and writes all lines later', async () => {
  const socketPath = await makeSocketPath();
  const { process: log, numbers } = await startReceiver(socketPath);
  const service = createServiceLog(socketPath);
  log.kill('SIGSTOP');
  // More lines than the kernel buffers for a log that doesn't read.
  for (let index = 0; index < 600; index += 1) service.log('info', `line ${index} ${'x'.repeat(1000)}`);
  await waitFor('a logger is there', async () => (await loggers()).length > 0);
  let maxLoggers = 0;
  for (let index = 600; index < 700; index += 1) {
    service.log('info', `line ${index} end`);
    let checks = 0;
    await waitFor('it was looked', async () => {
      maxLoggers = Math.max(maxLoggers, (await loggers()).length);
      return (checks += 1) > 1;
    });
  }
  expect(maxLoggers).toBe(1);
  log.kill('SIGCONT');
  await service.drain();
  await waitFor('the last line arrives', () => numbers().has(699));
  expect([...numbers()]).toEqual(Array.from({ length: 700 }, (_, index) => index));
});

it('when a logger hangs, ends it and writes its lines with the next logger', async () => {
  const socketPath = await makeSocketPath();
  const { process: log, numbers } = await startReceiver(socketPath);
  const service = createServiceLog(socketPath);
  log.kill('SIGSTOP');
  for (let index = 0; index < 600; index += 1) service.log('info', `line ${index} ${'x'.repeat(1000)}`);
  let first = 0;
  await waitFor('a logger is there', async () => (first = (await loggers())[0]?.pid ?? 0) > 0);
  await waitFor('it is ended', async () => (await loggers()).every(({ pid }) => pid !== first));
  log.kill('SIGCONT');
  await waitFor('the last line arrives', () => numbers().has(599));
  expect(numbers().size).toBe(600);
});

it('when too many lines wait, says how many were dropped', async () => {
  const socketPath = await makeSocketPath();
  const { lines } = await startReceiver(socketPath);
  const service = createServiceLog(socketPath);
  for (let index = 0; index < 4_100; index += 1) service.log('info', `line ${index}`);
  await service.drain();
  await waitFor('the count arrives', () => lines.some((line) => line.includes('were dropped')));
  expect(lines.at(-1)).toContain('100 lines were dropped');
});

it('when the log cannot be reached, keeps the lines until it can', async () => {
  const socketPath = await makeSocketPath();
  const service = createServiceLog(socketPath);
  service.log('info', 'line 1 is kept');
  await service.drain();
  const { lines } = await startReceiver(socketPath);
  await waitFor('a line arrives', () => lines.length > 1);
  expect(lines.at(-1)).toMatch(/line 1 is kept$/u);
});
