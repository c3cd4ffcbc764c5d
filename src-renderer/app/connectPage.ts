import { type Connection, createConnection } from '../rpc/connection.ts';
import { exchangeToken } from '../rpc/session.ts';
import { createPortOpener, createSocketOpener } from '../rpc/transports.ts';

/** Either the preload marked this window as the desktop host's, or the page came from the web host. */
function isDesktop(): boolean {
  return 'sallyportHost' in window && window.sallyportHost === 'desktop';
}

function connectToWebHost(): Connection {
  const socketScheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const connection = createConnection(
    createSocketOpener({
      url: `${socketScheme}//${location.host}/rpc`,
      isRefused: async () => {
        const response = await fetch('/session');
        return response.status === 401 || response.status === 403;
      },
    }),
  );
  const begin = async (): Promise<void> => {
    // A link that was used before may still have left its cookie: the connection itself finds out.
    await exchangeToken({
      location,
      history,
      post: (token) =>
        fetch('/session', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ token }),
        }),
    });
    connection.start();
  };
  void begin();
  return connection;
}

/** Connects this page to the console that serves it, whichever host that is. */
export function connectPage(): Connection {
  if (!isDesktop()) return connectToWebHost();
  const connection = createConnection(createPortOpener(window));
  connection.start();
  return connection;
}
