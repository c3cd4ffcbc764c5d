import type { ClientContext, ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';

/** One open way to the console. `closed` resolves once, when it is gone. */
export type Transport = { link: ClientLink<ClientContext>; closed: Promise<void> };

/** The console is there and will not let this page in: trying again can't help. */
export class RefusedError extends Error {
  constructor() {
    super('the console refused this page');
    this.name = 'RefusedError';
  }
}

export type OpenTransport = () => Promise<Transport>;

/**
 * A stream that ends says so to the console; after the socket itself is gone that word can't be sent, and the link
 * would throw it where nobody can catch it. Calls that wait are still rejected, by the close event.
 */
function forgivingSocket(websocket: WebSocket): ConstructorParameters<typeof SocketLink>[0]['websocket'] {
  return {
    readyState: WebSocket.OPEN,
    addEventListener: websocket.addEventListener.bind(websocket),
    removeEventListener: websocket.removeEventListener.bind(websocket),
    send: (data) => {
      if (websocket.readyState === WebSocket.OPEN) websocket.send(data);
    },
  };
}

/** Web host: a WebSocket beside the page, carried by the session cookie. */
export function createSocketOpener({
  url,
  isRefused,
}: {
  url: string;
  isRefused: () => Promise<boolean>;
}): OpenTransport {
  return async () => {
    const websocket = new WebSocket(url);
    const opened = await new Promise<boolean>((resolve) => {
      websocket.addEventListener('open', () => resolve(true), { once: true });
      websocket.addEventListener('close', () => resolve(false), { once: true });
    });
    if (!opened) {
      // The browser hides why an upgrade failed, so that the question is put a second time in plain HTTP.
      if (await isRefused()) throw new RefusedError();
      throw new Error('the console does not answer');
    }
    const closed = new Promise<void>((resolve) => {
      websocket.addEventListener('close', () => resolve(), { once: true });
    });
    return { link: new SocketLink({ websocket: forgivingSocket(websocket) }), closed };
  };
}

/** Desktop host: the preload posts a MessagePort to the page, a new one whenever the console starts anew. */
export function createPortOpener(page: Window): OpenTransport {
  const waiting: ((port: MessagePort) => void)[] = [];
  const arrived: MessagePort[] = [];
  page.addEventListener('message', (event) => {
    const data: unknown = event.data;
    const isPort =
      event.source === page &&
      typeof data === 'object' &&
      data !== null &&
      'type' in data &&
      data.type === 'sallyport-port';
    const [port] = event.ports;
    if (!isPort || port === undefined) return;
    const taker = waiting.shift();
    if (taker === undefined) arrived.push(port);
    else taker(port);
  });
  return async () => {
    const port = arrived.shift() ?? (await new Promise<MessagePort>((resolve) => waiting.push(resolve)));
    const closed = new Promise<void>((resolve) => {
      port.addEventListener('close', () => resolve(), { once: true });
    });
    const link = new PortLink({ port });
    port.start();
    return { link, closed };
  };
}
