import { race } from '../../src-shared/base/race.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { Session } from '../ssh/types.ts';

/**
 * Resolves once the link is up or needs the user, or after `timeoutMs`, which begin when its attempt begins: waiting for
 * the console's other connections says nothing about the appliance. Resolves at once when `signal` aborts. Never rejects.
 */
export async function waitUntilSettled(options: {
  session: Session;
  timeoutMs: number;
  waitsForSecrets: boolean;
  signal: AbortSignal;
}): Promise<LinkState> {
  const { session, timeoutMs, waitsForSecrets, signal } = options;
  const isWaitingForPerson = (state: LinkState) => waitsForSecrets && state.state === 'waiting-secret';
  const isSettled = (state: LinkState) =>
    state.state !== 'connecting' && state.state !== 'idle' && !isWaitingForPerson(state);
  const attempt = Promise.withResolvers<void>();
  const next = Promise.withResolvers<LinkState>();
  const follow = (state: LinkState) => {
    if (!(state.state === 'connecting' && state.isQueued === true)) attempt.resolve();
    if (isSettled(state)) next.resolve(state);
  };
  const end = () => {
    attempt.resolve();
    next.resolve(session.state());
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const stop = session.onChange(follow);
  follow(session.state());
  try {
    await attempt.promise;
    for (;;) {
      const state = await race(next.promise, { timeoutMs, onTimeout: session.state });
      // Wait again, because typing a secret may take longer than `timeoutMs`.
      if (signal.aborted || !isWaitingForPerson(state)) return state;
    }
  } finally {
    signal.removeEventListener('abort', end);
    stop();
  }
}
