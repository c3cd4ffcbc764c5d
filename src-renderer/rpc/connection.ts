import { type ClientContext, type ClientLink, DynamicLink } from '@orpc/client';
import { ConsoleUnreachableError } from './errors.ts';
import { type OpenTransport, type PageEnd, SessionEndedError } from './transports.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import { systemClock } from '../../src-shared/base/clock.ts';

/**
 * The page's connection to its console.
 *
 *   connecting ──► connected ──► lost ──► connected …
 *        │                        │
 *        └──────► ended ◄─────────┘   the host lets this page in no more; only a new address helps
 *
 * `generation` grows with every connection, so that streams know when to start again.
 */
export type ConnectionState =
  | { state: 'connecting' }
  | { state: 'connected'; generation: number }
  | { state: 'lost'; since: string }
  | { state: 'ended'; reason: PageEnd };

export type Connection = {
  link: ClientLink<ClientContext>;
  state: () => ConnectionState;
  subscribe: (listener: () => void) => () => void;
  /** Connects, and reconnects until `stop`. */
  start: () => void;
  stop: () => void;
  /** Ends the session in all tabs; null if this host has no sessions. */
  signOut: (() => Promise<void>) | null;
};

const minDelayMs = 500;
const maxDelayMs = 5000;

export function createConnection(
  open: OpenTransport,
  signOut: (() => Promise<void>) | null = null,
): Connection {
  let state: ConnectionState = { state: 'connecting' };
  let current: ClientLink<ClientContext> | null = null;
  let generation = 0;
  const ending = new AbortController();
  const changes = createEmitter();

  const become = (next: ConnectionState): void => {
    state = next;
    changes.emit();
  };
  const lose = (): void => {
    current = null;
    if (state.state !== 'lost' && state.state !== 'ended')
      become({ state: 'lost', since: new Date().toISOString() });
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!ending.signal.aborted) {
      try {
        const transport = await open();
        current = transport.link;
        generation += 1;
        failures = 0;
        become({ state: 'connected', generation });
        const end = await transport.closed;
        if (end !== null) throw new SessionEndedError(end);
        lose();
      } catch (thrown) {
        current = null;
        if (thrown instanceof SessionEndedError) {
          become({ state: 'ended', reason: thrown.reason });
          return;
        }
        lose();
      }
      const delayMs = growingDelayMs({ failures, firstMs: minDelayMs, maxMs: maxDelayMs });
      await systemClock.sleep(delayMs, ending.signal);
      failures += 1;
    }
  };

  /**
   * Calls made before the first connection wait for it. Later calls fail immediately while disconnected, so
   * that the page can show it.
   */
  const settled = (): Promise<void> =>
    new Promise((resolve) => {
      if (state.state !== 'connecting') return resolve();
      const unsubscribe = changes.on(() => {
        unsubscribe();
        resolve();
      });
    });

  return {
    link: new DynamicLink(async () => {
      await settled();
      if (current === null) throw new ConsoleUnreachableError();
      return current;
    }),
    state: () => state,
    subscribe: changes.on,
    start: () => void run(),
    stop: () => ending.abort(),
    signOut,
  };
}
