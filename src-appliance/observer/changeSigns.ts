import { closeSync, openSync, readSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { ApplianceConfig } from '../core/config.ts';
import { createListeningPorts } from '../service/listeningPorts.ts';

/** How often the count of sockets is read. It finds a tunnel that was killed, which writes no file **[ours]**. */
const socketsEveryMs = 400;

/**
 * Files change in these folders when a tenant, the licence, a session or an announcement changes. Not those that change
 * every few seconds without any event: the records of heartbeats and of the service.
 */
const watchedFolders = (config: ApplianceConfig, settingsFolder: string) => [
  settingsFolder,
  config.stateFolder,
  ...['auth', 'announcements', 'dial-failures', 'endings'].map((name) => join(config.runFolder, name)),
];

/** `soon`: other sockets than those of tunnels were opened or closed, which may mean nothing. */
export type Urgency = 'now' | 'soon';

/**
 * Reads the same files of /proc again and again. Many reads a minute through Node's thread pool would take more than
 * half of the processor time that watching costs.
 */
function createSocketCounts(): { read: () => string; close: () => void } {
  const buffer = Buffer.alloc(4096);
  const files = ['sockstat', 'sockstat6'].flatMap((name) => {
    try {
      return [openSync(`/proc/net/${name}`, 'r')];
    } catch {
      return [];
    }
  });
  return {
    // Without the memory in use, which changes with any traffic.
    read: () =>
      files
        .map((file) => buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)))
        .map((text) => /^TCP6?: inuse \d+/mu.exec(text)?.[0] ?? '')
        .join(),
    close: () => {
      for (const file of files) closeSync(file);
    },
  };
}

/**
 * Calls `onSign` when something on the appliance may have changed, until the returned function is called. Costs next
 * to nothing while nothing changes, and starts no program.
 */
export function followChangeSigns(options: {
  /** Reads the appliance's settings, which an administrator may change at any time. */
  readConfig: () => ApplianceConfig;
  settingsFolder: string;
  connectUserId: number;
  onSign: (urgency: Urgency) => void;
  onFailure: (error: unknown) => void;
}): () => void {
  const { settingsFolder, connectUserId, onSign, onFailure } = options;
  const watchers = new Map<string, FSWatcher>();
  const openListening = ({ portRange }: ApplianceConfig) =>
    createListeningPorts({ userId: connectUserId, range: portRange });
  let config = options.readConfig();
  let listening = openListening(config);
  const socketCounts = createSocketCounts();
  let counts = '';
  let sockets = '';
  let isLooking = false;
  let isOver = false;

  function unwatch(path: string): void {
    watchers.get(path)?.close();
    watchers.delete(path);
  }

  /** A folder that is missing now may be there later. */
  function watchFolders(): void {
    const wanted = watchedFolders(config, settingsFolder);
    for (const path of watchers.keys()) if (!wanted.includes(path)) unwatch(path);
    for (const path of wanted) {
      if (watchers.has(path)) continue;
      try {
        const watcher = watch(path, { persistent: false }, () => {
          if (path === settingsFolder) takeSettings();
          onSign('now');
        });
        watcher.on('error', () => unwatch(path));
        watchers.set(path, watcher);
        onSign('now');
      } catch {
        // Missing, or no watch is left. The next full look sees the change.
      }
    }
  }

  function takeSettings(): void {
    try {
      config = options.readConfig();
    } catch (error) {
      // The settings before go on to hold for the signs; the look says what is wrong with the new ones.
      onFailure(error);
      return;
    }
    listening = openListening(config);
    watchFolders();
  }

  async function lookAtSockets(): Promise<void> {
    if (isLooking || isOver) return;
    isLooking = true;
    try {
      const now = socketCounts.read();
      if (now === counts) return;
      counts = now;
      const present = JSON.stringify([...(await listening())]);
      // Other sockets come and go with the traffic of the tunnels.
      onSign(present === sockets ? 'soon' : 'now');
      sockets = present;
    } catch (error) {
      onFailure(error);
    } finally {
      isLooking = false;
    }
  }

  watchFolders();
  const timer = setInterval(() => void lookAtSockets(), socketsEveryMs);
  const folderTimer = setInterval(watchFolders, 10_000);
  return () => {
    isOver = true;
    clearInterval(timer);
    clearInterval(folderTimer);
    socketCounts.close();
    for (const path of watchers.keys()) unwatch(path);
  };
}
