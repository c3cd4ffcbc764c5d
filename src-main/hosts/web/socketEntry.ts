import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type OpeningFrame,
  openingFrameSchema,
  sessionEndReasons,
  type SessionEndReason,
} from '../../../src-shared/contract/webSession.ts';
import type { Services } from '../../services.ts';
import { maxFrameBytes } from '../../rpc/requestFrame.ts';
import { serveWebSocket } from '../../rpc/transports.ts';
import { refuseUpgrade } from './refusals.ts';
import type { WebSession, WebSessions } from './sessions.ts';

/** Maximum number of sockets that have not sent their first frame yet. */
const maxWaiting = 16;
const openingMs = 5000;
/** Maximum size of the first frame in bytes. */
const maxOpeningBytes = 4096;
/** Milliseconds that a page has to confirm that its socket is closed. */
const closeMs = 1000;
const malformedCode = 1008;

function endSocket(webSocket: WebSocket, code: number): void {
  const timer = setTimeout(() => webSocket.terminate(), closeMs);
  webSocket.once('close', () => clearTimeout(timer));
  webSocket.close(code);
}

function answer(webSocket: WebSocket, text: string | null): void {
  webSocket.send(JSON.stringify({ given: text }));
}

function readOpening(bytes: unknown, isBinary: boolean): OpeningFrame | null {
  if (isBinary || !Buffer.isBuffer(bytes)) return null;
  try {
    return openingFrameSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

/**
 * Accepts WebSockets. An upgrade request does not identify its sender, so the first frame must contain a
 * token or the secret of a session. Before that, a socket gets no answer, and its time and memory are
 * limited.
 */
export function createSocketEntry({ services, sessions }: { services: Services; sessions: WebSessions }) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });
  let waiting = 0;

  function serveCalls(webSocket: WebSocket, session: WebSession): void {
    const detach = session.attach((reason) => endSocket(webSocket, sessionEndReasons[reason].closeCode));
    webSocket.once('close', detach);
    answer(webSocket, null);
    serveWebSocket(webSocket, { services, role: 'admin' });
  }

  function open(webSocket: WebSocket, opening: OpeningFrame): void {
    const refuse = (reason: SessionEndReason) => endSocket(webSocket, sessionEndReasons[reason].closeCode);
    const session =
      opening.want === 'session' ? sessions.exchange(opening.token) : sessions.find(opening.secret);
    if (session === null) return refuse(opening.want === 'session' ? 'token-refused' : 'session-unknown');
    switch (opening.want) {
      case 'calls':
        return serveCalls(webSocket, session);
      case 'session':
        answer(webSocket, session.secret);
        break;
      case 'token': {
        const token = session.issueToken();
        if (token === null) return refuse('token-refused');
        answer(webSocket, token);
        break;
      }
      case 'activity':
        session.noteActivity();
        answer(webSocket, null);
        break;
      case 'sign-out':
        session.end('signed-out');
        answer(webSocket, null);
        break;
    }
    endSocket(webSocket, 1000);
  }

  /** Waits for the first frame, within the limits of time and size. */
  function admit(webSocket: WebSocket, socket: Duplex, stopWaiting: () => void): void {
    let received = 0;
    const count = (chunk: Buffer): void => {
      received += chunk.length;
      if (received > maxOpeningBytes) socket.destroy();
    };
    const timer = setTimeout(() => socket.destroy(), openingMs);
    socket.on('data', count);
    socket.once('close', () => clearTimeout(timer));
    webSocket.on('error', (error) => services.log.info({ err: error }, 'page connection failed'));
    webSocket.once('message', (bytes, isBinary) => {
      clearTimeout(timer);
      socket.off('data', count);
      stopWaiting();
      const opening = readOpening(bytes, isBinary);
      if (opening === null) endSocket(webSocket, malformedCode);
      else open(webSocket, opening);
    });
  }

  return {
    /** Accepts an upgrade request that has passed the access check. */
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (request.url !== '/rpc')
        return refuseUpgrade(socket, { status: 403, reason: 'The only WebSocket path is /rpc.' });
      if (waiting >= maxWaiting)
        return refuseUpgrade(socket, { status: 503, reason: 'Too many connections are signing in.' });
      let isWaiting = true;
      const stopWaiting = (): void => {
        if (isWaiting) waiting -= 1;
        isWaiting = false;
      };
      waiting += 1;
      socket.once('close', stopWaiting);
      sockets.handleUpgrade(request, socket, head, (webSocket) => admit(webSocket, socket, stopWaiting));
    },
    close: (): void => {
      for (const webSocket of sockets.clients) webSocket.terminate();
    },
  };
}
