import { createHash, randomBytes } from 'node:crypto';
import { type SessionEnd, tokenMinutes } from '../../../src-shared/contract/webSession.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';

const printedTokenMs = tokenMinutes * minuteMs;
const tabTokenMs = minuteMs;
/** Several tabs may answer one that asks; more unused tokens than this are not given out. */
const maxTabTokens = 32;
/** A session without a tab ends after this, or after the idle limit if that is shorter. */
const maxDetachedMs = 30 * minuteMs;

export type Session = {
  secret: string;
  /** `end` is called once, when the session ends. Returns what to call when the socket is gone. */
  attach: (end: (reason: SessionEnd) => void) => () => void;
  noteActivity: () => void;
  /** A one-time token for another tab; null if there are too many unused ones. */
  issueToken: () => string | null;
  end: (reason: SessionEnd) => void;
};

/** Secrets are found by their digest, so that the time of a search says nothing about them. */
function digest(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('base64');
}

function createSecret(): string {
  return randomBytes(32).toString('base64url');
}

function createSession(options: {
  idleMs: number;
  issueToken: (session: Session) => string | null;
  onEnd: () => void;
}): Session & { isOver: () => boolean } {
  const { idleMs, onEnd } = options;
  const detachedMs = Math.min(maxDetachedMs, idleMs);
  const ends = new Set<(reason: SessionEnd) => void>();
  let activeAt = Date.now();
  let detachedAt: number | null = activeAt;
  let timer: NodeJS.Timeout | undefined;

  const deadline = (): number =>
    Math.min(activeAt + idleMs, detachedAt === null ? Infinity : detachedAt + detachedMs);
  const end = (reason: SessionEnd): void => {
    clearTimeout(timer);
    onEnd();
    for (const endSocket of ends) endSocket(reason);
    ends.clear();
  };
  const arm = (): void => {
    clearTimeout(timer);
    const at = deadline();
    if (at === Infinity) return;
    // The clock is read again: a computer that slept has run its timers late.
    timer = setTimeout(() => (Date.now() < at ? arm() : end('idle')), Math.max(0, at - Date.now()));
    timer.unref();
  };

  const session = {
    secret: createSecret(),
    attach: (endSocket: (reason: SessionEnd) => void) => {
      ends.add(endSocket);
      detachedAt = null;
      arm();
      return () => {
        if (!ends.delete(endSocket) || ends.size > 0) return;
        detachedAt = Date.now();
        arm();
      };
    },
    noteActivity: () => {
      activeAt = Date.now();
      if (detachedAt !== null) detachedAt = activeAt;
      arm();
    },
    issueToken: () => options.issueToken(session),
    end,
    isOver: () => Date.now() >= deadline(),
  };
  arm();
  return session;
}

/**
 * Who is signed in at the web host. A token works once; the session that it opens ends by `end`, after `idleMs` without
 * a sign of the operator (Infinity: never), or when it has had no tab for half an hour.
 */
export function createSessions({ idleMs }: { idleMs: number }) {
  const sessions = new Map<string, ReturnType<typeof createSession>>();
  const tokens = new Map<string, { session: Session | null; expiresAt: number }>();

  const addToken = (session: Session | null, lifetimeMs: number): string => {
    const token = createSecret();
    tokens.set(digest(token), { session, expiresAt: Date.now() + lifetimeMs });
    return token;
  };
  const dropTokens = (
    isDropped: (token: { session: Session | null; expiresAt: number }) => boolean,
  ): void => {
    for (const [key, token] of tokens) if (isDropped(token)) tokens.delete(key);
  };
  const issueTabToken = (session: Session): string | null => {
    dropTokens((token) => token.expiresAt <= Date.now());
    const unused = [...tokens.values()].filter((token) => token.session === session).length;
    return unused < maxTabTokens ? addToken(session, tabTokenMs) : null;
  };
  const find = (secret: string): Session | null => {
    const session = sessions.get(digest(secret));
    if (session === undefined) return null;
    if (!session.isOver()) return session;
    session.end('idle');
    return null;
  };
  const start = (): Session => {
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
    /** A token for the address that is printed; the printed one before it works no longer. */
    issueToken: (): string => {
      dropTokens((token) => token.session === null);
      return addToken(null, printedTokenMs);
    },
    /** The session that the token belongs to, or a new one; null for a token that is used, expired or wrong. */
    exchange: (token: string): Session | null => {
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
export type Sessions = ReturnType<typeof createSessions>;
