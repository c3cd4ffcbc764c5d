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

/** Seconds of processor time that a process has used. */
export function cpuSecondsOf(pid: string | number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /su, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

const sumOfChildren = (measure: (pid: string) => number): number =>
  pidsOfChildren().reduce((sum, pid) => sum + measure(pid), 0);

/** Resident megabytes of the processes that this one started, now and at most. */
export const residentMbOfChildren = (): number => sumOfChildren((pid) => memoryMbOf(pid, 'VmRSS'));
export const peakMbOfChildren = (): number => sumOfChildren((pid) => memoryMbOf(pid, 'VmHWM'));

/** Seconds of processor time that the processes used which this one started. */
export const cpuSecondsOfChildren = (): number => sumOfChildren(cpuSecondsOf);
