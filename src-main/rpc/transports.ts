import { RPCHandler as MessagePortHandler } from '@orpc/server/message-port';
import { RPCHandler as WebSocketHandler } from '@orpc/server/ws';
import type { WebSocket } from 'ws';
import type { CallContext } from './context.ts';
import { toRpcError } from './errors.ts';
import { router } from './router.ts';

type SupportedPort = Parameters<MessagePortHandler<CallContext>['upgrade']>[0];

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

/** Answers one page over a WebSocket until it closes; whatever it started ends with it. */
export function serveWebSocket(socket: WebSocket, context: CallContext): void {
  const handler = new WebSocketHandler<CallContext>(router, handlerOptions(context));
  void handler.upgrade(
    {
      addEventListener: socket.addEventListener.bind(socket),
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

/** The same over a MessagePort, for the desktop host; also takes Node's and Electron's `MessagePortMain`. */
export function serveMessagePort(port: SupportedPort, context: CallContext): void {
  new MessagePortHandler<CallContext>(router, handlerOptions(context)).upgrade(port, { context });
}
