import { type Connection, createConnection } from '../rpc/connection.ts';
import { createPortOpener } from '../rpc/transports.ts';
import { createWebSession } from '../rpc/webSession.ts';

/**
 * Whether the preload script marked this window as the desktop host's. Otherwise the page came from the web
 * host.
 */
function isDesktop(): boolean {
  return 'sallyportHost' in window && window.sallyportHost === 'desktop';
}

function connectToWebHost(): Connection {
  const socketScheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const session = createWebSession({ url: `${socketScheme}//${location.host}/rpc`, page: window });
  return createConnection(session.open, session.signOut);
}

/** Connects this page to its console, through the desktop host or the web host. */
export function connectPage(): Connection {
  const connection = isDesktop() ? createConnection(createPortOpener(window)) : connectToWebHost();
  connection.start();
  return connection;
}
