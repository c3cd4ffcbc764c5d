import { readFileSync } from 'node:fs';

/** Clock ticks of `/proc/PID/stat` in a second, the same on all Linux systems that Node runs on. */
const ticksPerSecond = 100;

function pidsOfChildren(): string[] {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  return pids === '' ? [] : pids.split(' ');
}

/** Resident megabytes of the processes that this one started. */
export function residentMbOfChildren(): number {
  return pidsOfChildren()
    .map((pid) => /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    .reduce((sum, kilobytes) => sum + Number(kilobytes ?? 0) / 1024, 0);
}

/** Seconds of processor time that the processes used which this one started. */
export function cpuSecondsOfChildren(): number {
  return pidsOfChildren()
    .map((pid) =>
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /su, '')
        .split(' '),
    )
    .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, 0);
}
