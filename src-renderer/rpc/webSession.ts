import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { z } from 'zod';
import {
  openingReplySchema,
  type OpeningFrame,
  type SessionEndReason,
  sessionEndReasons,
} from '../../src-shared/contract/webSession.ts';
import { SessionEndedError, type OpenTransport } from './transports.ts';
import { secondMs } from '../../src-shared/base/time.ts';

const storageKey = 'sallyport-session';
const channelName = 'sallyport-session';
/** How long a new tab waits for a tab that is signed in, milliseconds. */
const seekMs = 2000;
/** Input is reported at most this often, milliseconds. */
const activityMs = 30 * secondMs;
const tokenPattern = /^#token=([A-Za-z0-9_-]+)$/u;
const seekSchema = z.strictObject({ seeker: z.string() });
const signedInSchema = z.strictObject({ signedIn: z.literal(true) });
const tokenReplySchema = z.strictObject({ seeker: z.string(), token: z.string() });

/** The parts of a page that a session needs; `window` has them. */
export type BrowserPage = Pick<
  Window,
  'addEventListener' | 'history' | 'location' | 'sessionStorage' | 'setTimeout'
>;

function readEndReason(closeCode: number): SessionEndReason | null {
  for (const [reason, end] of Object.entries(sessionEndReasons))
    if (end.closeCode === closeCode && isSessionEnd(reason)) return reason;
  return null;
}

function isSessionEnd(reason: string): reason is SessionEndReason {
  return reason in sessionEndReasons;
}

function parseJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/**
 * Opens a WebSocket and sends its first frame. Rejects with SessionEndedError if the host refuses the page
 * permanently.
 */
function openSocket(
  url: string,
  opening: OpeningFrame,
): Promise<{ websocket: WebSocket; given: string | null }> {
  const websocket = new WebSocket(url);
  return new Promise((resolve, reject) => {
    websocket.addEventListener('open', () => websocket.send(JSON.stringify(opening)), { once: true });
    websocket.addEventListener(
      'message',
      (event) => {
        const opened = openingReplySchema.safeParse(parseJson(event.data));
        if (opened.success) return resolve({ websocket, given: opened.data.given });
        websocket.close();
        reject(new Error('unexpected answer from the console'));
      },
      { once: true },
    );
    websocket.addEventListener(
      'close',
      (event) => {
        const reason = readEndReason(event.code);
        reject(reason === null ? new Error('the console does not answer') : new SessionEndedError(reason));
      },
      { once: true },
    );
  });
}

/**
 * A stream that ends notifies the console. After the socket is gone that message can't be sent, and the link
 * would throw outside of any call. Pending calls are still rejected by the close event.
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

/**
 * Removes the one-time token from the address and the history, so that it can't be copied or bookmarked by
 * mistake.
 */
export function takeToken({
  location,
  history,
}: {
  location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  history: Pick<History, 'replaceState'>;
}): string | null {
  const token = tokenPattern.exec(location.hash)?.[1];
  if (token === undefined) return null;
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  return token;
}

function broadcast(channel: BroadcastChannel, message: Record<string, unknown>): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel reaches its own origin only
  channel.postMessage(message);
}

/** Asks the other tabs of this console for a token; null if none of them is signed in. */
function seekToken(channel: BroadcastChannel, page: BrowserPage): Promise<string | null> {
  const seeker = crypto.randomUUID();
  return new Promise((resolve) => {
    const take = (event: MessageEvent): void => {
      const found = tokenReplySchema.safeParse(event.data);
      if (found.success && found.data.seeker === seeker) settle(found.data.token);
    };
    const settle = (token: string | null): void => {
      channel.removeEventListener('message', take);
      resolve(token);
    };
    channel.addEventListener('message', take);
    broadcast(channel, { seeker });
    page.setTimeout(() => settle(null), seekMs);
  });
}

/**
 * This tab's session at the web host. Its secret is in the tab's own storage, whose origin belongs to this
 * run only, and is sent to the host within the WebSocket. `open` gets it with the token of the address, from
 * the storage, or from a signed-in tab; `signOut` ends the session in all tabs.
 */
export function createWebSession({ url, page }: { url: string; page: BrowserPage }) {
  const { sessionStorage: storage } = page;
  const channel = new BroadcastChannel(channelName);
  let token = takeToken(page);
  let reportedAt = 0;

  const exchange = async (shown: string): Promise<string | null> => {
    const { given } = await openSocket(url, { want: 'session', token: shown });
    if (given === null) return null;
    storage.setItem(storageKey, given);
    broadcast(channel, { signedIn: true });
    return given;
  };
  /** An invalid token does not affect the sessions of this tab and others. */
  const exchangeToken = async (shown: string): Promise<string | null> => {
    try {
      return await exchange(shown);
    } catch (thrown) {
      if (thrown instanceof SessionEndedError) return null;
      throw thrown;
    }
  };

  const findSecret = async (): Promise<string> => {
    const shown = token;
    if (shown !== null) {
      const secret = await exchangeToken(shown);
      token = null;
      if (secret !== null) return secret;
    }
    const stored = storage.getItem(storageKey);
    if (stored !== null) return stored;
    const offered = await seekToken(channel, page);
    const secret = offered === null ? null : await exchangeToken(offered);
    if (secret === null) throw new SessionEndedError(shown === null ? 'not-signed-in' : 'token-refused');
    return secret;
  };

  const reportActivity = (): void => {
    const secret = storage.getItem(storageKey);
    if (secret === null || Date.now() - reportedAt < activityMs) return;
    reportedAt = Date.now();
    // Ignore failures: the next input is reported again.
    openSocket(url, { want: 'activity', secret }).catch(() => {});
  };

  const offerToken = async (seeker: string): Promise<void> => {
    const secret = storage.getItem(storageKey);
    if (secret === null) return;
    const { given } = await openSocket(url, { want: 'token', secret });
    broadcast(channel, { seeker, token: given });
  };

  channel.addEventListener('message', (event) => {
    const seek = seekSchema.safeParse(event.data);
    if (seek.success) offerToken(seek.data.seeker).catch(() => {});
    // A tab that is not signed in joins the session of the first tab that signs in later.
    const isSignedOut = storage.getItem(storageKey) === null && token === null;
    if (signedInSchema.safeParse(event.data).success && isSignedOut) page.location.reload();
  });
  for (const input of ['pointerdown', 'keydown', 'wheel'] as const)
    page.addEventListener(input, reportActivity, { capture: true, passive: true });
  // A new address of this run differs only in its fragment, so the browser does not reload the page.
  page.addEventListener('hashchange', () => {
    const shown = takeToken(page);
    if (shown !== null)
      exchangeToken(shown).then(
        () => page.location.reload(),
        () => {},
      );
  });
  reportActivity();

  const open: OpenTransport = async () => {
    try {
      const { websocket } = await openSocket(url, { want: 'calls', secret: await findSecret() });
      const closed = new Promise<SessionEndReason | null>((resolve) => {
        websocket.addEventListener(
          'close',
          (event) => {
            const end = readEndReason(event.code);
            if (end !== null) storage.removeItem(storageKey);
            resolve(end);
          },
          { once: true },
        );
      });
      return { link: new SocketLink({ websocket: forgivingSocket(websocket) }), closed };
    } catch (thrown) {
      if (thrown instanceof SessionEndedError) storage.removeItem(storageKey);
      throw thrown;
    }
  };
  return {
    open,
    signOut: async (): Promise<void> => {
      const secret = storage.getItem(storageKey);
      if (secret !== null) await openSocket(url, { want: 'sign-out', secret });
    },
  };
}
