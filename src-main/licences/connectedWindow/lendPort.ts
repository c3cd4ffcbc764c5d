import { AppError } from '../../../src-shared/errors.ts';
import type { WindowClosed, WindowEnd } from '../../../src-shared/model/licence/connectedWindow.ts';
import type { Session } from '../../ssh/types.ts';
import { createEgress, type EgressCounts } from './egress.ts';
import { findListeners } from './listeners.ts';

/** Why this console closes a port before the command has ended. */
export type EarlyEnd = Exclude<WindowEnd, 'command-ended' | 'console-ended'>;

export type LentPort = {
  port: number;
  counts: () => EgressCounts;
  /** Why this computer could not connect to the authority. Null if it could, or has not tried. */
  problem: () => AppError | null;
  /** Why it was closed before the command ended. Null if it was not. */
  closedEarly: () => EarlyEnd | null;
  /** Closes it. Resolves with the proof, which is the same for each call. Never rejects. */
  close: (why: WindowEnd) => Promise<WindowClosed>;
};

/**
 * Lends this computer's network to the appliance: a port of the appliance's loopback that leads to one host and port.
 * Closes it when `cancelled` aborts (`policy` as its reason: the policy forbids it), after `lifeMs`, or after too many bytes. Rejects with FORWARD_REFUSED if sshd refuses,
 * or if other computers could use the port.
 */
export async function lendPort(options: {
  session: Pick<Session, 'run' | 'forwardIn' | 'onChange'>;
  target: { host: string; port: number };
  lifeMs: number;
  cancelled: AbortSignal;
  clock: () => number;
  /** Called when it is being closed before the command has ended. */
  onClosing: () => void;
}): Promise<LentPort> {
  const { session, cancelled, clock } = options;
  let early: ReturnType<LentPort['closedEarly']> = null;
  let closing: Promise<WindowClosed> | null = null;
  const closeEarly = (why: EarlyEnd) => {
    if (closing !== null) return;
    early = why;
    options.onClosing();
    void close(why);
  };
  const egress = createEgress({ target: options.target, onTooManyBytes: () => closeEarly('bytes') });
  const forward = await session.forwardIn(egress.take);
  const timer = setTimeout(() => closeEarly('time'), options.lifeMs);
  const onCancel = () => closeEarly(cancelled.reason === 'policy' ? 'policy' : 'cancelled');
  const stopListening = session.onChange(({ state }) => {
    if (state !== 'connected') closeEarly('link-lost');
  });

  async function end(why: WindowEnd): Promise<WindowClosed> {
    clearTimeout(timer);
    cancelled.removeEventListener('abort', onCancel);
    stopListening();
    const openConnections = await egress.end();
    const confirmed = await forward.close();
    const listeners = await findListeners(session, forward.port).catch(() => null);
    const isListening = listeners === null ? null : listeners !== 'none';
    return { at: new Date(clock()).toISOString(), why, forward: confirmed, isListening, openConnections };
  }
  const close: LentPort['close'] = (why) => (closing ??= end(why));

  cancelled.addEventListener('abort', onCancel, { once: true });
  if (cancelled.aborted) onCancel();
  try {
    if ((await findListeners(session, forward.port)) === 'beyond')
      throw new AppError(
        'FORWARD_REFUSED',
        'The appliance’s sshd would lend the port to other computers too, because its GatewayPorts is set.',
      );
  } catch (thrown) {
    await close('command-ended');
    throw thrown;
  }
  return {
    port: forward.port,
    counts: egress.counts,
    problem: egress.problem,
    closedEarly: () => early,
    close,
  };
}
