import type { ClientContext, ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import type { SessionEndReason } from '../../src-shared/contract/webSession.ts';

/** Why this page may not continue; a retry can't help. */
export type PageEnd = SessionEndReason | 'not-signed-in';

/**
 * An open connection to the console. `closed` resolves once, when it is closed, with the reason if a retry can't help.
 */
export type Transport = { link: ClientLink<ClientContext>; closed: Promise<PageEnd | null> };

/** Thrown if the console is running but refuses this page. */
export class SessionEndedError extends Error {
  readonly reason: PageEnd;

  constructor(reason: PageEnd) {
    super(`the console rejected this page: ${reason}`);
    this.name = 'SessionEndedError';
    this.reason = reason;
  }
}

export type OpenTransport = () => Promise<Transport>;

/** Desktop host: the preload posts a MessagePort to the page, a new one whenever the console restarts. */
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
    const closed = new Promise<null>((resolve) => {
      port.addEventListener('close', () => resolve(null), { once: true });
    });
    const link = new PortLink({ port });
    port.start();
    return { link, closed };
  };
}
