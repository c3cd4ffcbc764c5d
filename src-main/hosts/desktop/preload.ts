import { contextBridge, ipcRenderer } from 'electron';
import { pageOrigin, portChannel } from './channels.ts';

/**
 * Declares the two members of `window` that this file uses, because this folder is compiled without DOM
 * types.
 */
declare const window: {
  addEventListener: (type: 'DOMContentLoaded', listener: () => void) => void;
  postMessage: (message: unknown, targetOrigin: string, transfer: readonly unknown[]) => void;
};

contextBridge.exposeInMainWorld('sallyportHost', 'desktop');

ipcRenderer.on(portChannel, (event) => {
  window.postMessage({ type: 'sallyport-port' }, pageOrigin, event.ports.slice(0, 1));
});

// At this event, the page's module scripts have run, so the page already listens for the port.
window.addEventListener('DOMContentLoaded', () => ipcRenderer.send(portChannel));
