import { setTimeout as delay } from 'node:timers/promises';
import { mapInBatches } from '../../../src-shared/base/batches.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { signalUnlessEnded } from '../../../src-shared/node/signalUnlessEnded.ts';
import { isRunning, readProcesses, readStat, type ProcessStat } from './procfs.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/**
 * How long sshd may take to write its last log line after SIGTERM, before SIGKILL. Ending a session must take
 * less than 1 s.
 */
const terminateTimeoutMs = 300;
/**
 * How long to wait for killed processes. A busy machine removes them slowly, and a change that worked must
 * not be reported as failed.
 */
const killTimeoutMs = 10 * secondMs;
const pollMs = 15;

export function descendantsOf(
  processes: readonly ProcessStat[],
  ancestors: readonly ProcessStat[],
): ProcessStat[] {
  const below = (pid: number): ProcessStat[] =>
    processes.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return [...new Set(ancestors.flatMap((ancestor) => below(ancestor.pid)))];
}

async function filterRunning(processes: readonly ProcessStat[]): Promise<ProcessStat[]> {
  const running = await mapInBatches(processes, isRunning);
  return processes.filter((_, index) => running[index]);
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP'): void {
  try {
    signalUnlessEnded(pid, name);
  } catch (error) {
    throw new AppError('NOT_PERMITTED', `sshd ${pid} cannot be ended; use sudo`, { cause: error });
  }
}

async function signalRunning(processes: readonly ProcessStat[], name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  for (const { pid } of await filterRunning(processes)) signal(pid, name);
}

/**
 * Waits until all processes have ended, at most `timeoutMs`. Resolves with those that are still running.
 */
async function waitForEnd(processes: readonly ProcessStat[], timeoutMs: number): Promise<ProcessStat[]> {
  const deadline = performance.now() + timeoutMs;
  let left = await filterRunning(processes);
  while (left.length > 0 && performance.now() < deadline) {
    await delay(pollMs);
    left = await filterRunning(left);
  }
  return left;
}

async function assertEnded(killed: readonly ProcessStat[]): Promise<void> {
  const [left] = await waitForEnd(killed, killTimeoutMs);
  if (left !== undefined) throw new AppError('COMMAND_FAILED', `sshd ${left.pid} is still running`);
}

/**
 * Ends processes with SIGTERM, then SIGKILL. Rejects with NOT_PERMITTED, or with COMMAND_FAILED if a process
 * still runs after 10 s.
 */
export async function terminateProcesses(processes: readonly ProcessStat[]): Promise<void> {
  await signalRunning(processes, 'SIGTERM');
  const left = await waitForEnd(processes, terminateTimeoutMs);
  for (const { pid } of left) signal(pid, 'SIGKILL');
  await assertEnded(left);
}

/**
 * Ends logins that have no session yet. Stops each monitor before killing it and its children, because it
 * could otherwise start a session that survives it.
 */
export async function killLogins(monitors: readonly ProcessStat[]): Promise<void> {
  for (const { pid } of monitors) signal(pid, 'SIGSTOP');
  await waitForStop(monitors);
  const doomed = [...monitors, ...descendantsOf(await readProcesses(), monitors)];
  await signalRunning(doomed, 'SIGKILL');
  await assertEnded(doomed);
}

/**
 * Waits until the monitors are stopped. A process that hangs in the kernel can't be stopped, so this ends
 * after a timeout.
 */
async function waitForStop(monitors: readonly ProcessStat[]): Promise<void> {
  const deadline = performance.now() + terminateTimeoutMs;
  let running = await filterRunning(monitors);
  while (running.length > 0 && performance.now() < deadline) {
    const now = await mapInBatches(running, ({ pid }) => readStat(pid));
    running = running.filter(
      ({ startTicks }, index) => now[index]?.startTicks === startTicks && !now[index].isStopped,
    );
    if (running.length > 0) await delay(pollMs);
  }
}
