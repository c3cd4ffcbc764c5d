/**
 * Lets at most `max` links be up or coming up. If all are taken, the least recently used link that nothing needs now is
 * closed; without such a link, the new one waits in order of arrival.
 */
export function createLinkSlots(options: {
  /** Null for no limit. */
  max: () => number | null;
  /** Whether the link may be closed for another one. */
  mayClose: (id: string) => boolean;
  closeLink: (id: string) => void;
  /** Starts a link that has waited. */
  startLink: (id: string) => void;
  /** Called when a link begins to wait, or waits no longer without being started. */
  onWaiting: (id: string) => void;
}) {
  /** In order of their last use. */
  const taken = new Set<string>();
  const waiting = new Set<string>();

  /** Whether a slot is free now, if need be by closing another link. */
  function makeRoom(): boolean {
    const max = options.max();
    if (max === null || taken.size < max) return true;
    const unused = [...taken].find(options.mayClose);
    if (unused === undefined) return false;
    taken.delete(unused);
    options.closeLink(unused);
    return true;
  }

  /** Starts links that wait, as long as there is room. */
  function serve(): void {
    for (const id of waiting) {
      if (!makeRoom()) return;
      waiting.delete(id);
      taken.add(id);
      options.startLink(id);
    }
  }

  return {
    serve,
    /** Whether the link may start now. Otherwise it waits, and is started later. */
    take: (id: string): boolean => {
      // Deleted first, so that it becomes the most recently used one.
      if (taken.delete(id) || makeRoom()) {
        taken.add(id);
        waiting.delete(id);
        return true;
      }
      if (!waiting.has(id)) {
        waiting.add(id);
        options.onWaiting(id);
      }
      return false;
    },
    /** Gives back the slot of a link that ended, or its place in the queue. */
    free: (id: string): void => {
      if (waiting.delete(id)) options.onWaiting(id);
      if (taken.delete(id)) serve();
    },
    isWaiting: (id: string): boolean => waiting.has(id),
    counts: () => ({ taken: taken.size, waiting: waiting.size }),
  };
}
