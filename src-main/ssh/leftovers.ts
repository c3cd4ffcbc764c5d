import type { RemoteProcess } from './types.ts';

/** How long a command may take to go after its channel was closed **[ours]**. */
const graceMs = 3000;
/** Stock sshd opens ten channels; the session uses eight, so two may be lost before commands are refused **[ours]**. */
const leftoverLimit = 2;

/**
 * Counts commands of one connection that go on although their channel was closed: without a terminal sshd lets them, and
 * keeps their place until they end. A new connection starts with none.
 */
export type Leftovers = {
  /** `process`, whose `kill` also gives its slots back when the command does not go. */
  track: (process: RemoteProcess, giveBack: () => void) => RemoteProcess;
};

export function createLeftovers(onTooMany: () => void): Leftovers {
  let count = 0;
  return {
    track(process, giveBack) {
      let isGone = false;
      let isKilled = false;
      void markWhenGone();
      async function markWhenGone(): Promise<void> {
        await process.exited;
        isGone = true;
      }
      const leave = () => {
        if (isGone) return;
        count += 1;
        giveBack();
        if (count > leftoverLimit) onTooMany();
      };
      return {
        ...process,
        kill() {
          if (isKilled) return;
          isKilled = true;
          process.kill();
          setTimeout(leave, graceMs).unref();
        },
      };
    },
  };
}
