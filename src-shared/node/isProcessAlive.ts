import { systemErrorCode } from './systemErrorCode.ts';

/** Whether a process with this ID exists. It may be another program that got the ID later. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of another user may not be signalled, but it exists.
    return systemErrorCode(thrown) === 'EPERM';
  }
}
