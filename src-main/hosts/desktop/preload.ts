import { contextBridge, ipcRenderer } from 'electron';
import { pageOrigin, portChannel } from './channels.ts';

/** The two members of `window` that this file uses. The other files here run without a DOM. */
declare const window: {
  addEventListener: (type: 'DOMContentLoaded', listener: () => void) => void;
  postMessage: (message: unknown, targetOrigin: string, transfer: readonly unknown[]) => void;
};

contextBridge.exposeInMainWorld('sallyportHost', 'desktop');

ipcRenderer.on(portChannel, (event) => {
  window.postMessage({ type: 'sallyport-port' }, pageOrigin, event.ports.slice(0, 1));
});

// The page's module scripts have run by then and added the listener.
window.addEventListener('DOMContentLoaded', () => ipcRenderer.send(portChannel));
