import { EventEmitter, once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  createDesktopFolders,
  onlyWindow,
  startDesktopHost,
} from '../../../test-support/electron/startDesktopHost.ts';

type Posted = { message: unknown; targetOrigin: string; transfer: readonly MessagePort[] };

/** Stands in for Electron in the preload, and for the parts of the page's window that the preload uses. */
const renderer = vi.hoisted(() => ({
  exposed: new Map<string, unknown>(),
  listeners: new Map<string, (event: { ports: MessagePort[] }) => void>(),
  send: (_channel: string): void => {},
}));

vi.mock('electron', () => ({
  contextBridge: {
    exposeInMainWorld: (name: string, value: unknown) => renderer.exposed.set(name, value),
  },
  ipcRenderer: {
    on: (channel: string, listener: (event: { ports: MessagePort[] }) => void) =>
      renderer.listeners.set(channel, listener),
    send: (channel: string) => renderer.send(channel),
  },
}));

let folders: ReturnType<typeof createDesktopFolders>;
beforeEach(() => {
  folders = createDesktopFolders();
});
afterEach(() => {
  folders.remove();
  vi.unstubAllGlobals();
});

test('the preload forwards exactly one port to the page, and exposes the host’s name and nothing else', async () => {
  const documentEvents = new EventEmitter();
  const posted: Posted[] = [];
  const globalsBefore = Object.keys(globalThis);
  vi.stubGlobal('window', {
    addEventListener: (type: string, listener: () => void) => documentEvents.on(type, listener),
    postMessage: (message: unknown, targetOrigin: string, transfer: readonly MessagePort[]) =>
      posted.push({ message, targetOrigin, transfer }),
  });
  const { electron } = await startDesktopHost(folders, {
    openConsole: () =>
      Promise.resolve({
        serve: (port) => port.on('message', (event) => port.postMessage({ heard: event?.data })),
        refresh: () => Promise.resolve(),
        close: () => Promise.resolve(),
      }),
  });
  const { frame, webContents } = onlyWindow(electron);
  renderer.send = (channel) => electron.sendFrom(webContents, frame, channel);

  await import('./preload.ts');
  expect([...renderer.exposed]).toEqual([['sallyportHost', 'desktop']]);
  expect([...renderer.listeners.keys()]).toEqual(['sallyport-port']);
  expect(frame.received).toEqual([]);

  documentEvents.emit('DOMContentLoaded');
  const ports = frame.received.flatMap((message) => message.ports);
  renderer.listeners.get('sallyport-port')?.({ ports });
  expect(posted).toEqual([
    { message: { type: 'sallyport-port' }, targetOrigin: 'app://sallyport', transfer: ports },
  ]);
  expect(ports).toHaveLength(1);
  const [port] = posted[0]?.transfer ?? [];
  if (port === undefined) throw new Error('no port was transferred');
  port.postMessage('hello', []);
  expect(await once(port, 'message')).toEqual([{ heard: 'hello' }]);
  port.close();
  expect(Object.keys(globalThis).filter((name) => !globalsBefore.includes(name))).toEqual(['window']);
});
