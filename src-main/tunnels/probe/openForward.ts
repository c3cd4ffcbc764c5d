import type { Duplex } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import { shorten } from '../../../src-shared/base/machineText.ts';
import type { ForwardFacts } from '../../../src-shared/model/tunnels/probe.ts';
import { createMeteredStream, type MeteredStream } from './meteredStream.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

export const maxConnectMs = 5 * secondMs;

/** Opens a TCP connection to a port of the appliance's loopback. Rejects like the session. */
export type OpenPort = (port: number) => Promise<Duplex>;

export type OpenedForward =
  | { facts: ForwardFacts & { outcome: 'opened' }; connection: MeteredStream; openedAt: number }
  | { facts: Exclude<ForwardFacts, { outcome: 'opened' }>; connection: null };

function refusedFacts(error: AppError): Exclude<ForwardFacts, { outcome: 'opened' | 'silent' }> {
  const reason = shorten(error.message, 300);
  return error.detail['refusal'] === 'prohibited'
    ? { outcome: 'prohibited', reason }
    : { outcome: 'refused', reason };
}

function discard(channel: Duplex): void {
  channel.on('error', () => undefined);
  channel.destroy();
}

/**
 * Opens a TCP connection to the tunnel's port and describes the result. Rejects with errors of the link,
 * because they say nothing about the tunnel.
 */
export async function openForward(open: OpenPort, port: number): Promise<OpenedForward> {
  const started = performance.now();
  try {
    const opening = open(port);
    const channel = await race(opening, {
      timeoutMs: maxConnectMs,
      onTimeout: () => {
        opening.then(discard, () => undefined);
        return null;
      },
    });
    const milliseconds = performance.now() - started;
    if (channel === null) return { facts: { outcome: 'silent', milliseconds }, connection: null };
    return {
      facts: { outcome: 'opened', milliseconds },
      connection: createMeteredStream(channel),
      openedAt: performance.now(),
    };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'CONNECT_FAILED')
      return { facts: refusedFacts(thrown), connection: null };
    throw thrown;
  }
}
