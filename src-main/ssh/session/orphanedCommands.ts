import type { RemoteProcess } from '../types.ts';

/** How long a command may take to go after its channel was closed **[ours]**. */
const graceMs = 3000;
/** Stock sshd opens ten channels; the session uses eight, so two may be lost before commands are refused **[ours]**. */
const leftoverLimit = 2;

/**
 * Counts what goes on of one connection although its channel was closed here: without a terminal sshd lets commands, and
 * keeps their place until they end. A new connection starts with none.
 */
export type OrphanedCommands = {
  /** `process`, whose `kill` also gives its slots back when the command does not go. */
  track: (process: RemoteProcess, giveBack: () => void) => RemoteProcess;
  /** Gives the slots of a channel that was closed here back once `closed` resolves, or when it does not in time. */
  expectEnd: (closed: Promise<unknown>, giveBack: () => void) => void;
};

export function createOrphanedCommands(onTooMany: () => void): OrphanedCommands {
  let count = 0;

  function leave(giveBack: () => void): void {
    count += 1;
    giveBack();
    if (count > leftoverLimit) onTooMany();
  }

  function expectEnd(closed: Promise<unknown>, giveBack: () => void): void {
    let isLeft = false;
    const timer = setTimeout(() => {
      isLeft = true;
      leave(giveBack);
    }, graceMs).unref();
    const ended = () => {
      clearTimeout(timer);
      // It was only slow.
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
