import type { RemoteProcess } from '../types.ts';

/** How long a command may run after its channel was closed **[ours]**. */
const graceMs = 3000;
/**
 * How many orphaned commands are tolerated: stock sshd allows ten channels, and the session uses eight
 * **[ours]**.
 */
const maxOrphaned = 2;

/**
 * Counts the commands of a connection that keep running after this side has closed their channel. sshd does
 * not end commands without a terminal, and they occupy a channel until they end.
 */
export type OrphanedCommands = {
  /** Wraps `process`, so that its slots are also released if the command does not end after `kill`. */
  trackProcess: (process: RemoteProcess, releaseSlots: () => void) => RemoteProcess;
  /** Releases the slots when `closed` resolves, or after a time limit. */
  expectEnd: (closed: Promise<unknown>, releaseSlots: () => void) => void;
};

export function createOrphanedCommands(onTooMany: () => void): OrphanedCommands {
  let count = 0;

  function leave(releaseSlots: () => void): void {
    count += 1;
    releaseSlots();
    if (count > maxOrphaned) onTooMany();
  }

  function expectEnd(closed: Promise<unknown>, releaseSlots: () => void): void {
    let isLeft = false;
    const timer = setTimeout(() => {
      isLeft = true;
      leave(releaseSlots);
    }, graceMs).unref();
    const ended = () => {
      clearTimeout(timer);
      // The command has ended after the time limit, so it occupies no channel any more.
      if (isLeft) count -= 1;
      else releaseSlots();
    };
    closed.then(ended, ended);
  }

  return {
    expectEnd,
    trackProcess(process, releaseSlots) {
      let isKilled = false;
      return {
        ...process,
        kill() {
          if (isKilled) return;
          isKilled = true;
          process.kill();
          expectEnd(process.exited, releaseSlots);
        },
      };
    },
  };
}
