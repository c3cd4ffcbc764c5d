import { contextBridge, ipcRenderer } from 'electron';
import { pageOrigin, portChannel } from './channels.ts';

/** The two members of the page's window that this file uses; the other files here have no DOM to know. */
declare const window: {
  addEventListener: (type: 'DOMContentLoaded', listener: () => void) => void;
  postMessage: (message: unknown, targetOrigin: string, transfer: readonly unknown[]) => void;
};

contextBridge.exposeInMainWorld('sallyportHost', 'desktop');

ipcRenderer.on(portChannel, (event) => {
  window.postMessage({ type: 'sallyport-port' }, pageOrigin, event.ports.slice(0, 1));
});

// The page's module scripts have run by then, so its listener is there.
window.addEventListener('DOMContentLoaded', () => ipcRenderer.send(portChannel));
