import { RPCHandler as MessagePortHandler } from '@orpc/server/message-port';
import { RPCHandler as WebSocketHandler } from '@orpc/server/ws';
import type { WebSocket } from 'ws';
import type { CallContext } from './context.ts';
import { toRpcError } from './errors.ts';
import { isRequestFrame } from './requestFrame.ts';
import { router } from './router.ts';

/** More than this waiting in the socket, and streams wait too; bytes. */
const highWater = 1 << 20;

function handlerOptions(context: CallContext) {
  return {
    interceptors: [
      async <Result>({ next }: { next: () => Promise<Result> }): Promise<Result> => {
        try {
          return await next();
        } catch (thrown) {
          throw toRpcError(thrown, context.console.log);
        }
      },
    ],
  };
}

/** Answers one page over a WebSocket until it closes; whatever it started ends with it. Ends it at a malformed frame. */
export function serveWebSocket(socket: WebSocket, context: CallContext): void {
  const handler = new WebSocketHandler<CallContext>(router, handlerOptions(context));
  void handler.upgrade(
    {
      addEventListener: (type: string, listener: unknown) => {
        if (typeof listener !== 'function') return;
        if (type === 'close') socket.on('close', () => listener({}));
        if (type !== 'message') return;
        socket.on('message', (bytes, isBinary) => {
          const data = isBinary || !Buffer.isBuffer(bytes) ? null : bytes.toString('utf8');
          if (isRequestFrame(data)) listener({ data });
          else socket.close(1007, 'malformed frame');
        });
      },
      // Awaited by each stream before it takes its next event: a page that reads slowly slows its streams down.
      send: (data: string | Uint8Array): unknown =>
        new Promise<void>((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(data, () => resolve());
          if (socket.bufferedAmount < highWater) resolve();
        }),
    },
    { context },
  );
}

/** One end of a MessagePort: the web's (Node has it too), or Electron's `MessagePortMain`. */
export type PagePort =
  | {
      addEventListener: (type: 'message' | 'close', listener: (event: { data?: unknown }) => void) => void;
      postMessage: (message: unknown) => void;
    }
  | {
      on: (event: string, listener: (event?: { data: unknown }) => void) => void;
      postMessage: (message: unknown) => void;
    };

function listen(port: PagePort, type: 'message' | 'close', listener: (data: unknown) => void): void {
  if ('addEventListener' in port) port.addEventListener(type, (event) => listener(event.data));
  else port.on(type, (event) => listener(event?.data));
}

/** The same over a MessagePort, for the desktop host. A malformed frame is not answered. */
export function serveMessagePort(port: PagePort, context: CallContext): void {
  const guarded = {
    on: (type: string, listener: (event?: { data: unknown }) => void) => {
      if (type === 'close') listen(port, 'close', () => listener());
      if (type !== 'message') return;
      listen(port, 'message', (data) => {
        if (isRequestFrame(data)) listener({ data });
        else context.console.log.warn('the page sent a malformed frame');
      });
    },
    postMessage: (message: unknown) => port.postMessage(message),
  };
  new MessagePortHandler<CallContext>(router, handlerOptions(context)).upgrade(guarded, { context });
}
