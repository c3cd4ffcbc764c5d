import { systemErrorCode } from './systemErrorCode.ts';

/**
 * Sends a signal to a process, or to the whole group `-pid` if it is negative. Does nothing if they have ended. Throws
 * the system's error if this user may not signal them.
 */
export function signalUnlessEnded(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}
