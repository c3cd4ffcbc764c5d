import { EventEmitter } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { BrowserWindowConstructorOptions } from 'electron';
import { createSafeStorage } from './safeStorage.ts';
import { createElectronStandIn } from './electronStandIn.ts';

/*
 * Replaces the module `electron` for a built desktop host that `runBuiltDesktop.ts` runs in plain Node. The
 * main process and the preload share this stand-in.
 */
export const standIn = createElectronStandIn();
export { utilityProcess } from './utilityProcess.ts';
export const safeStorage = createSafeStorage();

export const { app, dialog, ipcMain, Menu, nativeTheme, powerMonitor, protocol, screen, session } =
  standIn.parts;

export function BrowserWindow(options: BrowserWindowConstructorOptions) {
  return standIn.parts.createWindow(options);
}

export function MessageChannelMain() {
  return standIn.parts.createMessageChannel();
}

export const exposedToPage: Record<string, unknown> = {};
export const contextBridge = {
  exposeInMainWorld: (name: string, value: unknown) => {
    exposedToPage[name] = value;
  },
};

/** Emits messages of the main process to the listeners of the preload. */
export const toPreload = new EventEmitter<Record<string, [{ ports: MessagePort[] }]>>();
export const ipcRenderer = {
  on: (channel: string, listener: (event: { ports: MessagePort[] }) => void) =>
    toPreload.on(channel, listener),
  send: (channel: string) => {
    const [window] = standIn.windows;
    if (window === undefined) throw new Error('no window');
    standIn.sendFrom(window.webContents, window.frame, channel);
    for (const received of window.frame.received.splice(0))
      toPreload.emit(received.channel, { ports: received.ports });
  },
};
