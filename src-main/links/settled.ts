import { race } from '../../src-shared/base/race.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { Session } from '../ssh/types.ts';

/** Resolves once the link is up or needs the user, or after `timeoutMs`; never rejects. */
export async function waitUntilSettled(options: {
  session: Session;
  timeoutMs: number;
  waitsForSecrets: boolean;
}): Promise<LinkState> {
  const { session, timeoutMs, waitsForSecrets } = options;
  const isWaitingForPerson = (state: LinkState) => waitsForSecrets && state.state === 'waiting-secret';
  const isSettled = (state: LinkState) =>
    state.state !== 'connecting' && state.state !== 'idle' && !isWaitingForPerson(state);
  const next = Promise.withResolvers<LinkState>();
  const resolveIfSettled = (state: LinkState) => {
    if (isSettled(state)) next.resolve(state);
  };
  const stop = session.onChange(resolveIfSettled);
  resolveIfSettled(session.state());
  try {
    for (;;) {
      const state = await race(next.promise, { timeoutMs, onTimeout: session.state });
      // Wait again, because typing a secret may take longer than `timeoutMs`.
      if (!isWaitingForPerson(state)) return state;
    }
  } finally {
    stop();
  }
}
