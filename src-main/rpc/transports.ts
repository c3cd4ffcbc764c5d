import type { WebSocket } from 'ws';
import type { CallContext } from './context.ts';
import { createFrameServer } from './frameServer.ts';

/** A stream waits while the socket buffers more bytes than this. */
const highWater = 1 << 20;

/** Answers a page over a WebSocket. When the socket closes, aborts all calls and streams of the page. */
export function serveWebSocket(socket: WebSocket, context: CallContext): void {
  const frames = createFrameServer({
    context,
    // A stream awaits this promise before its next event, so that a slow page gets fewer events.
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

/**
 * The main process's end of the port, like Electron's `MessagePortMain`. Emits `close` once, whichever side
 * closes it.
 */
export type PagePort = {
  on: (event: string, listener: (event?: { data: unknown }) => void) => void;
  postMessage: (message: unknown) => void;
};

/** The standard MessagePort of browsers and Node. */
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

/** Like `serveWebSocket`, over a MessagePort, for the desktop host. */
export function serveMessagePort(port: PagePort | WebPort, context: CallContext): void {
  const frames = createFrameServer({ context, send: (text) => port.postMessage(text) });
  listen(port, 'message', (data) => frames.receive(data));
  listen(port, 'close', () => frames.end());
}
