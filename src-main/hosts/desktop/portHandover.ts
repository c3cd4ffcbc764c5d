import type {
  ElectronParts,
  FramePart,
  PortPart,
  PortRequestEvent,
  WebContentsPart,
} from './electronParts.ts';
import { isPageUrl, portChannel } from './channels.ts';
import type { PagePort } from '../../rpc/transports.ts';

/**
 * Wraps a port so that it also emits `close` when this side closes it, because Electron only guarantees the
 * event for the other side.
 */
function createEndablePort(port: PortPart): { port: PagePort; end: () => void } {
  const closeListeners: (() => void)[] = [];
  let hasEnded = false;
  function end(): void {
    if (hasEnded) return;
    hasEnded = true;
    port.close();
    for (const listener of closeListeners) listener();
  }
  port.on('close', end);
  return {
    end,
    port: {
      on: (event, listener) => {
        if (event === 'message') port.on('message', (message) => !hasEnded && listener(message));
        if (event === 'close') closeListeners.push(() => listener());
      },
      postMessage: (message) => {
        if (!hasEnded) port.postMessage(message, []);
      },
    },
  };
}

function findTrustedFrame(event: PortRequestEvent, contents: WebContentsPart | null): FramePart | null {
  const frame = event.senderFrame;
  if (frame === null || contents === null || event.sender.id !== contents.id) return null;
  return frame.parent === null && isPageUrl(frame.url) ? frame : null;
}

export type PortHandover = { endPort: () => void };

/**
 * Sends a port to the page on request, but only to the top frame of the console's window and only while it
 * shows the page. The page asks again after a reload; its earlier port is closed then.
 */
export function handOverPorts(options: {
  electron: Pick<ElectronParts, 'ipcMain' | 'createMessageChannel'>;
  currentContents: () => WebContentsPart | null;
  serve: (port: PagePort) => void;
}): PortHandover {
  const { electron, currentContents, serve } = options;
  let endCurrent: (() => void) | null = null;

  function endPort(): void {
    endCurrent?.();
    endCurrent = null;
  }

  electron.ipcMain.on(portChannel, (event) => {
    const frame = findTrustedFrame(event, currentContents());
    if (frame === null) return;
    endPort();
    const { port1, port2 } = electron.createMessageChannel();
    const { port, end } = createEndablePort(port1);
    endCurrent = end;
    serve(port);
    port1.start();
    frame.postMessage(portChannel, null, [port2]);
  });

  return { endPort };
}
