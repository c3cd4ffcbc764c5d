import type { LogTrouble } from '../../src-shared/contract/syslog.ts';

const readableAgain = 'The log can be read again.';
const unreadableStart = 'The log can’t be read: ';

/** Tracks why the log of an appliance can't be read. */
export function createReadTrouble(options: {
  applianceId: string;
  /** Called when the result of `current` has changed. */
  onTrouble: () => void;
  /** Called for each new reason and for its end, so that they are shown between the lines. */
  onGap: (message: string) => void;
  clock: () => number;
}) {
  let trouble: LogTrouble | null = null;
  let lastReason: string | null = null;

  function set(next: LogTrouble | null): void {
    if (trouble?.reason === next?.reason) return;
    trouble = next;
    options.onTrouble();
  }

  return {
    current: () => trouble,
    /** Call this when the state of the log is unknown, because the link is down. */
    clear: () => set(null),
    /** Call this when the log can be read. Adds a gap if it could not be read before. */
    recover: (): void => {
      if (trouble === null) return;
      set(null);
      lastReason = null;
      options.onGap(readableAgain);
    },
    /** Sets the trouble, and adds a gap unless the last gap has the same reason and no line arrived since. */
    report: (why: string): void => {
      const reason = why.startsWith(unreadableStart) ? why : `${unreadableStart}${why}`;
      set({ applianceId: options.applianceId, reason, since: new Date(options.clock()).toISOString() });
      if (reason === lastReason) return;
      lastReason = reason;
      options.onGap(reason);
    },
    noteLine: (): void => {
      lastReason = null;
    },
  };
}
