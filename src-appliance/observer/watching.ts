import type { Socket } from 'node:net';
import type { Appliance } from '../core/appliance.ts';
import { aliveEveryMs, type WatchPosition } from '../../src-shared/model/watch/watchLines.ts';
import { followChangeSigns } from './changeSigns.ts';
import { startLooks } from './looks.ts';
import { createObservedState, observeAppliance } from './observe.ts';
import { createWatchers } from './watchers.ts';

/** Consoles that may watch at once. Each is a small process and a socket **[ours]**. */
const maxWatchers = 64;

/** Looks at the appliance while a console watches, and tells all of them what changed. */
export function createWatching(options: {
  openAppliance: () => Appliance;
  settingsFolder: string;
  connectUserId: number;
  onFailure: (error: unknown) => void;
}) {
  const { openAppliance, settingsFolder, onFailure } = options;
  const state = createObservedState();
  const watchers = createWatchers(state);
  let waiting: { socket: Socket; position: WatchPosition | null }[] = [];
  let running: { stop: () => void; lookSoon: () => void } | null = null;

  function admitWaiting(): void {
    for (const { socket, position } of waiting.splice(0)) watchers.add(socket, position);
  }

  /** A console that gets no more lines polls instead, and so shows the appliance's own error. */
  function onLookFailed(error: unknown): void {
    onFailure(error);
    for (const { socket } of waiting.splice(0)) socket.destroy();
    watchers.endAll();
  }

  function start(): { stop: () => void; lookSoon: () => void } {
    let saidAt = performance.now();
    const say = (line: string) => {
      saidAt = performance.now();
      watchers.sendAll(line);
    };
    const looks = startLooks({
      look: () => observeAppliance(openAppliance()),
      onSeen: (observed) => {
        const line = state.see(observed);
        if (line !== null) say(line);
        admitWaiting();
      },
      onFailure: onLookFailed,
      followSigns: (onSign) =>
        followChangeSigns({
          readConfig: () => openAppliance().config,
          settingsFolder,
          connectUserId: options.connectUserId,
          onSign,
          onFailure,
        }),
    });
    const timer = setInterval(() => {
      watchers.dropStalled();
      if (performance.now() - saidAt >= aliveEveryMs && state.hasSeen() && looks.isCurrent())
        say(state.aliveLine(looks.isSure()));
    }, aliveEveryMs / 5);
    return {
      lookSoon: looks.lookSoon,
      stop: () => {
        looks.stop();
        clearInterval(timer);
      },
    };
  }

  function stopIfUnwatched(): void {
    if (watchers.count() > 0 || waiting.length > 0) return;
    running?.stop();
    running = null;
  }

  return {
    isFull: () => watchers.count() + waiting.length >= maxWatchers,
    /** The socket gets its first line after the next look, so that it never starts with something old. */
    add: (socket: Socket, position: WatchPosition | null): void => {
      waiting.push({ socket, position });
      socket.once('close', () => {
        waiting = waiting.filter((one) => one.socket !== socket);
        // The watchers hear of the same end.
        setImmediate(stopIfUnwatched);
      });
      if (running === null) running = start();
      else running.lookSoon();
    },
    end: () => running?.stop(),
  };
}

export type Watching = ReturnType<typeof createWatching>;
