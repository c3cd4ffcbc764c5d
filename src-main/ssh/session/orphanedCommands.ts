import type { RemoteProcess } from '../types.ts';

/** How long a command may run after its channel was closed **[ours]**. */
const graceMs = 3000;
/**
 * How many orphaned commands are tolerated: stock sshd allows ten channels, and the session uses eight
 * **[ours]**.
 */
const maxOrphaned = 2;

/**
 * Counts the commands of a connection that run on after this side has closed their channel. sshd does not end
 * commands without a terminal, and they occupy a channel until they end.
 */
export type OrphanedCommands = {
  /** Wraps `process`, so that its slots are also released if the command does not end after `kill`. */
  track: (process: RemoteProcess, giveBack: () => void) => RemoteProcess;
  /** Releases the slots when `closed` resolves, or after a time limit. */
  expectEnd: (closed: Promise<unknown>, giveBack: () => void) => void;
};

export function createOrphanedCommands(onTooMany: () => void): OrphanedCommands {
  let count = 0;

  function leave(giveBack: () => void): void {
    count += 1;
    giveBack();
    if (count > maxOrphaned) onTooMany();
  }

  function expectEnd(closed: Promise<unknown>, giveBack: () => void): void {
    let isLeft = false;
    const timer = setTimeout(() => {
      isLeft = true;
      leave(giveBack);
    }, graceMs).unref();
    const ended = () => {
      clearTimeout(timer);
      // The command has ended after the time limit, so it occupies no channel any more.
      if (isLeft) count -= 1;
      else giveBack();
    };
    closed.then(ended, ended);
  }

  return {
    expectEnd,
    track(process, giveBack) {
      let isKilled = false;
      return {
        ...process,
        kill() {
          if (isKilled) return;
          isKilled = true;
          process.kill();
          expectEnd(process.exited, giveBack);
        },
      };
    },
  };
}
