import { createHandshakes } from '../src-main/ssh/session/handshakes.ts';
import { createSession } from '../src-main/ssh/session/session.ts';
import { createSsh2Transport } from '../src-main/ssh/transport/ssh2Transport.ts';
import type { Session } from '../src-main/ssh/types.ts';
import type { SshTarget, Sudo } from '../src-shared/model/appliance/applianceEntry.ts';

/** Starts a session without agent and secrets, and by default without sudo, which takes every host key. */
export function startSession(
  target: SshTarget,
  options: { random?: () => number; sudo?: Sudo } = {},
): Session {
  const session = createSession({
    transport: createSsh2Transport({ agentPath: null }),
    target,
    jumps: [],
    sudo: 'none',
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    handshakes: createHandshakes(),
    ...options,
  });
  session.want();
  return session;
}

/** Starts a session and waits until it is connected. Rejects with the link's error. */
export async function openSession(target: SshTarget): Promise<Session> {
  const session = startSession(target);
  await session.ready(20_000);
  return session;
}
