import { createHash, randomBytes } from 'node:crypto';
import { type SessionEndReason, tokenMinutes } from '../../../src-shared/contract/webSession.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';

const printedTokenMs = tokenMinutes * minuteMs;
const tabTokenMs = minuteMs;
/**
 * Maximum number of unused tokens per session. A new tab asks all open tabs for a token, and several may
 * answer.
 */
const maxTabTokens = 32;
/** A session without an open tab ends after this time, or after the idle limit if that is shorter. */
const maxDetachedMs = 30 * minuteMs;

export type WebSession = {
  secret: string;
  /**
   * Adds a socket to the session. `end` is called once, when the session ends. Call the returned function
   * when the socket closes.
   */
  attach: (end: (reason: SessionEndReason) => void) => () => void;
  noteActivity: () => void;
  /** Creates a one-time token for another tab. Null if there are too many unused tokens. */
  issueToken: () => string | null;
  end: (reason: SessionEndReason) => void;
};

/** Secrets are stored as digests, so that the time of a lookup reveals nothing about a secret. */
function digest(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('base64');
}

function createSecret(): string {
  return randomBytes(32).toString('base64url');
}

function createSession(options: {
  idleMs: number;
  issueToken: (session: WebSession) => string | null;
  onEnd: () => void;
}): WebSession & { isOver: () => boolean } {
  const { idleMs, onEnd } = options;
  const detachedMs = Math.min(maxDetachedMs, idleMs);
  const ends = new Set<(reason: SessionEndReason) => void>();
  let activeAt = Date.now();
  let detachedAt: number | null = activeAt;
  let timer: NodeJS.Timeout | undefined;

  const deadline = (): number =>
    Math.min(activeAt + idleMs, detachedAt === null ? Infinity : detachedAt + detachedMs);
  const end = (reason: SessionEndReason): void => {
    clearTimeout(timer);
    onEnd();
    for (const endSocket of ends) endSocket(reason);
    ends.clear();
  };
  const startTimer = (): void => {
    clearTimeout(timer);
    const at = deadline();
    if (at === Infinity) return;
    // Check the clock again, because timers do not follow the computer's sleep or changes of the clock.
    timer = setTimeout(() => (Date.now() < at ? startTimer() : end('idle')), Math.max(0, at - Date.now()));
    timer.unref();
  };

  const session = {
    secret: createSecret(),
    attach: (endSocket: (reason: SessionEndReason) => void) => {
      ends.add(endSocket);
      detachedAt = null;
      startTimer();
      return () => {
        if (!ends.delete(endSocket) || ends.size > 0) return;
        detachedAt = Date.now();
        startTimer();
      };
    },
    noteActivity: () => {
      activeAt = Date.now();
      if (detachedAt !== null) detachedAt = activeAt;
      startTimer();
    },
    issueToken: () => options.issueToken(session),
    end,
    isOver: () => Date.now() >= deadline(),
  };
  startTimer();
  return session;
}

/**
 * Manages the sessions of the web host. A token can be used once. A session ends by `end`, after `idleMs`
 * without user input (Infinity: never), or after half an hour without an open tab.
 */
export function createWebSessions({ idleMs }: { idleMs: number }) {
  const sessions = new Map<string, ReturnType<typeof createSession>>();
  const tokens = new Map<string, { session: WebSession | null; expiresAt: number }>();

  const addToken = (session: WebSession | null, lifetimeMs: number): string => {
    const token = createSecret();
    tokens.set(digest(token), { session, expiresAt: Date.now() + lifetimeMs });
    return token;
  };
  const dropTokens = (
    isDropped: (token: { session: WebSession | null; expiresAt: number }) => boolean,
  ): void => {
    for (const [key, token] of tokens) if (isDropped(token)) tokens.delete(key);
  };
  const issueTabToken = (session: WebSession): string | null => {
    dropTokens((token) => token.expiresAt <= Date.now());
    const unused = [...tokens.values()].filter((token) => token.session === session).length;
    return unused < maxTabTokens ? addToken(session, tabTokenMs) : null;
  };
  const find = (secret: string): WebSession | null => {
    const session = sessions.get(digest(secret));
    if (session === undefined) return null;
    if (!session.isOver()) return session;
    session.end('idle');
    return null;
  };
  const start = (): WebSession => {
    const session = createSession({
      idleMs,
      issueToken: issueTabToken,
      onEnd: () => {
        sessions.delete(digest(session.secret));
        dropTokens((token) => token.session === session);
      },
    });
    sessions.set(digest(session.secret), session);
    return session;
  };

  return {
    find,
    /** Creates the token for the printed address. The token that was printed before becomes invalid. */
    issueToken: (): string => {
      dropTokens((token) => token.session === null);
      return addToken(null, printedTokenMs);
    },
    /**
     * Returns the session that the token belongs to, or a new session. Null if the token is used, expired or
     * unknown.
     */
    exchange: (token: string): WebSession | null => {
      const key = digest(token);
      const known = tokens.get(key);
      tokens.delete(key);
      if (known === undefined || known.expiresAt <= Date.now()) return null;
      const session = known.session === null ? start() : find(known.session.secret);
      session?.noteActivity();
      return session;
    },
  };
}
export type WebSessions = ReturnType<typeof createWebSessions>;
