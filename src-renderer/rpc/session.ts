export type SessionOutcome = 'exchanged' | 'no-token' | 'used' | 'unreachable';

const tokenPattern = /^#token=([A-Za-z0-9_-]+)$/u;

/**
 * Exchanges the one-time token in the address for the session cookie, and takes it out of the address and the history
 * first, so that it can't be copied or bookmarked by mistake. `used`: the host does not take it (any more).
 */
export async function exchangeToken({
  location,
  history,
  post,
}: {
  location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  history: Pick<History, 'replaceState'>;
  post: (token: string) => Promise<{ ok: boolean }>;
}): Promise<SessionOutcome> {
  const token = tokenPattern.exec(location.hash)?.[1];
  if (token === undefined) return 'no-token';
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  try {
    const response = await post(token);
    return response.ok ? 'exchanged' : 'used';
  } catch {
    return 'unreachable';
  }
}
