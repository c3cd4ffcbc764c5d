import type { Socket } from 'node:net';
import type { WatchPosition } from '../../src-shared/model/watch/watchLines.ts';
import type { ObservedState } from './observe.ts';

/** Lines that a watcher has not read yet, in bytes. With more, it gets no changes but a new snapshot later **[ours]**. */
const maxUnreadBytes = 256 * 1024;
/** A watcher that reads nothing for this time is gone, or hangs **[ours]**. */
const maxStallMs = 30_000;

type Watcher = { socket: Socket; isBehind: boolean; stalledSince: number | null };

/** Sends each line to all watchers. One that does not read costs a bounded buffer and delays no other one. */
export function createWatchers(state: Pick<ObservedState, 'snapshotLine' | 'linesSince'>) {
  const watchers = new Set<Watcher>();

  function send(watcher: Watcher, line: string): void {
    const { socket } = watcher;
    if (watcher.isBehind) return;
    // Always writes at least one line: a snapshot may be larger than the limit.
    if (socket.writableLength > maxUnreadBytes) {
      watcher.isBehind = true;
      return;
    }
    if (!socket.write(line)) watcher.stalledSince ??= performance.now();
  }

  function onDrain(watcher: Watcher): void {
    watcher.stalledSince = null;
    if (!watcher.isBehind) return;
    watcher.isBehind = false;
    send(watcher, state.snapshotLine());
  }

  return {
    /** Adds a watcher, which gets what it missed since `position`, or a snapshot. */
    add: (socket: Socket, position: WatchPosition | null): void => {
      const watcher: Watcher = { socket, isBehind: false, stalledSince: null };
      watchers.add(watcher);
      socket.on('drain', () => onDrain(watcher));
      socket.once('close', () => watchers.delete(watcher));
      const missed = position === null ? null : state.linesSince(position);
      for (const line of missed ?? [state.snapshotLine()]) send(watcher, line);
    },
    sendAll: (line: string): void => {
      for (const watcher of watchers) send(watcher, line);
    },
    dropStalled: (): void => {
      for (const { socket, stalledSince } of watchers)
        if (stalledSince !== null && performance.now() - stalledSince > maxStallMs) socket.destroy();
    },
    endAll: (): void => {
      for (const { socket } of watchers) socket.destroy();
    },
    count: () => watchers.size,
  };
}
