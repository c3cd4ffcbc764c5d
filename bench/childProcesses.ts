import { readFileSync } from 'node:fs';

/** Clock ticks of `/proc/PID/stat` in a second, the same on all Linux systems that Node runs on. */
const ticksPerSecond = 100;

function pidsOfChildren(): string[] {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  return pids === '' ? [] : pids.split(' ');
}

function memoryMbOf(pid: string | number, field: 'VmRSS' | 'VmHWM'): number {
  const pattern = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'mu');
  return Number(pattern.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
export const residentMbOf = (pid: number): number => memoryMbOf(pid, 'VmRSS');
/** The most that a process had so far. */
export const peakMbOf = (pid: number): number => memoryMbOf(pid, 'VmHWM');

/** Ticks of a process by their places in its line of `/proc`: its own, and those of its children that have ended. */
const ownTicks = [11, 12] as const;
const endedTicks = [13, 14] as const;

function secondsOf(pid: string | number, places: readonly number[]): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /su, '')
    .split(' ');
  return places.reduce((ticks, place) => ticks + Number(fields[place]), 0) / ticksPerSecond;
}

/** Seconds of processor time that a process has used. */
export const cpuSecondsOf = (pid: string | number): number => secondsOf(pid, ownTicks);
/** The same, with its children that have ended. */
export const cpuSecondsWithEnded = (pid: string | number): number =>
  secondsOf(pid, [...ownTicks, ...endedTicks]);

/** Resident megabytes of a process with all that it started. 0 if it has ended. */
export function residentMbOfTree(pid: string | number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const started = children === '' ? [] : children.split(' ');
    return started.reduce((sum, child) => sum + residentMbOfTree(child), memoryMbOf(pid, 'VmRSS'));
  } catch {
    return 0;
  }
}

const sumOfChildren = (measure: (pid: string) => number): number =>
  pidsOfChildren().reduce((sum, pid) => sum + measure(pid), 0);

/** Resident megabytes of the processes that this one started, now and at most. */
export const residentMbOfChildren = (): number => sumOfChildren((pid) => memoryMbOf(pid, 'VmRSS'));
export const peakMbOfChildren = (): number => sumOfChildren((pid) => memoryMbOf(pid, 'VmHWM'));

/** Seconds of processor time that the processes used which this one started. */
export const cpuSecondsOfChildren = (): number => sumOfChildren(cpuSecondsOf);
