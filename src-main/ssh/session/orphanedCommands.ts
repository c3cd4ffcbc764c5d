import type { RemoteProcess } from '../types.ts';

/** How long a command may take to end after its channel was closed **[ours]**. */
const graceMs = 3000;
/**
 * Stock sshd allows ten channels and the session uses eight, so two may be lost before commands are refused **[ours]**.
 */
const maxOrphaned = 2;

/**
 * Counts commands of a connection that keep running although their channel was closed here. Without a terminal, sshd
 * lets them run and they keep their channel until they end. A new connection starts at zero.
 */
export type OrphanedCommands = {
  /** Returns `process`; its `kill` also releases the slots if the command does not end. */
  track: (process: RemoteProcess, giveBack: () => void) => RemoteProcess;
  /** Releases the slots of a closed channel once `closed` resolves, or after a timeout. */
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
      // It ended, only late.
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
