import type { WebSocket } from 'ws';
import type { CallContext } from './context.ts';
import { createFrameServer } from './frameServer.ts';

/** Streams wait while the socket buffers more than this, bytes. */
const highWater = 1 << 20;

/** Answers a page over a WebSocket until it closes. Everything that the page started ends with it. */
export function serveWebSocket(socket: WebSocket, context: CallContext): void {
  const frames = createFrameServer({
    context,
    // Streams await this before their next event, so a slow page slows them down.
    send: (text) =>
      new Promise<void>((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        socket.send(text, () => resolve());
        if (socket.bufferedAmount < highWater) resolve();
      }),
  });
  socket.on('message', (bytes, isBinary) =>
    frames.receive(isBinary || !Buffer.isBuffer(bytes) ? null : bytes.toString('utf8')),
  );
  socket.on('close', () => frames.end());
}

/** The main process's end of the page's port, as Electron's `MessagePortMain`; `close` fires once, whichever side ends it. */
export type PagePort = {
  on: (event: string, listener: (event?: { data: unknown }) => void) => void;
  postMessage: (message: unknown) => void;
};

/** The web's MessagePort, which Node also has. */
type WebPort = {
  addEventListener: (type: 'message' | 'close', listener: (event: { data?: unknown }) => void) => void;
  postMessage: (message: unknown) => void;
};

function listen(
  port: PagePort | WebPort,
  type: 'message' | 'close',
  listener: (data: unknown) => void,
): void {
  if ('addEventListener' in port) port.addEventListener(type, (event) => listener(event.data));
  else port.on(type, (event) => listener(event?.data));
}

/** The same over a MessagePort, for the desktop host. */
export function serveMessagePort(port: PagePort | WebPort, context: CallContext): void {
  const frames = createFrameServer({ context, send: (text) => port.postMessage(text) });
  listen(port, 'message', (data) => frames.receive(data));
  listen(port, 'close', () => frames.end());
}
