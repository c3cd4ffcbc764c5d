const parts = [
  'prompts',
  'audit',
  'ports',
  'notifications',
  'licences',
  'policy',
  'secrets',
  'runs',
] as const;
type Part = (typeof parts)[number];

/** The changes that a watcher has not received yet. `isMarked`: whether all parts have changed. */
export const createChanges = (isMarked: boolean, appliances: Iterable<string> = []) => ({
  appliances: new Set(appliances),
  removed: new Set<string>(),
  prompts: isMarked,
  audit: isMarked,
  ports: isMarked,
  notifications: isMarked,
  licences: isMarked,
  policy: isMarked,
  secrets: isMarked,
  runs: isMarked,
});
type PendingChanges = ReturnType<typeof createChanges>;

const isEmpty = (pending: PendingChanges) =>
  pending.appliances.size === 0 && pending.removed.size === 0 && parts.every((part) => !pending[part]);

export type ChangeFeed = {
  mark: (change: Partial<{ appliance: string; removed: string } & Record<Part, boolean>>) => void;
  /**
   * Yields `first`, then all changes since the last event, at most once every `batchMs`. A slow reader gets
   * larger batches. No change after `first` is lost.
   */
  watch: (options: {
    first: PendingChanges;
    signal: AbortSignal;
  }) => AsyncGenerator<PendingChanges, void, void>;
  close: () => void;
};

/** The part of the feed that services use to report changes. */
export type ChangeMarks = Pick<ChangeFeed, 'mark'>;

export function createChangeFeed(options: { batchMs: number }): ChangeFeed {
  const watchers = new Set<{ dirt: PendingChanges; wake: () => void }>();
  const closing = new AbortController();

  return {
    mark: (change) => {
      for (const watcher of watchers) {
        if (change.appliance !== undefined) watcher.dirt.appliances.add(change.appliance);
        if (change.removed !== undefined) {
          watcher.dirt.removed.add(change.removed);
          watcher.dirt.appliances.delete(change.removed);
        }
        for (const part of parts) watcher.dirt[part] ||= change[part] ?? false;
        watcher.wake();
      }
    },
    watch: async function* watch({ first, signal }) {
      const ended = AbortSignal.any([signal, closing.signal]);
      const watcher = { dirt: first, wake: () => {} };
      watchers.add(watcher);
      const onEnd = () => watcher.wake();
      ended.addEventListener('abort', onEnd);
      try {
        while (!ended.aborted) {
          if (isEmpty(watcher.dirt)) {
            await new Promise<void>((resolve) => {
              watcher.wake = resolve;
            });
            continue;
          }
          const { dirt } = watcher;
          watcher.dirt = createChanges(false);
          yield dirt;
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, options.batchMs);
            watcher.wake = () => {
              if (!ended.aborted) return;
              clearTimeout(timer);
              resolve();
            };
          });
          watcher.wake = () => {};
        }
      } finally {
        watchers.delete(watcher);
        ended.removeEventListener('abort', onEnd);
      }
    },
    close: () => closing.abort(),
  };
}
