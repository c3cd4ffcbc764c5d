import { secondMs } from '../../src-shared/base/time.ts';
import { createDelayedCall } from '../../src-shared/node/delayed.ts';
import { maxReportedFailures, type ClientMessage } from '../core/sessions/registrarProtocol.ts';
import type { DialError } from './dialError.ts';

/** Minimum time between two reports about a port, and between two messages with waiting reports **[ours]**. */
const gapMs = secondMs;
/** Maximum number of reports per second that don't wait **[ours]**. */
const maxAtOnce = 20;
/** Maximum number of waiting reports. Further ones are dropped **[ours]**. */
const maxWaiting = 3000;

/**
 * Reports failed connections to the appliance, if it supports that. Sends the first report about a port at
 * once, and after that at most the last one of each second.
 */
export function createDialReports(options: { send: (message: ClientMessage) => void; now?: () => number }) {
  const { send, now = () => performance.now() } = options;
  let isAccepted = false;
  const sentAt = new Map<number, number>();
  const waiting = new Map<number, DialError & { failedAt: number }>();
  let second = Number.NEGATIVE_INFINITY;
  let sentInSecond = 0;
  const later = createDelayedCall({ delayMs: gapMs, work: flush, onError: () => undefined });

  function sendReports(reports: readonly (readonly [number, DialError & { failedAt: number }])[]): void {
    for (const [port] of reports) sentAt.set(port, now());
    const failures = reports.map(([port, { reason, message, failedAt }]) => ({
      port,
      reason,
      message,
      agoMs: Math.round(now() - failedAt),
    }));
    send({ type: 'dial-failures', failures });
  }

  function flush(): void {
    const reports = [...waiting].slice(0, maxReportedFailures);
    for (const [port] of reports) waiting.delete(port);
    if (reports.length > 0 && isAccepted) sendReports(reports);
    if (waiting.size > 0) later.start();
  }

  function maySendNow(port: number): boolean {
    if (now() - (sentAt.get(port) ?? Number.NEGATIVE_INFINITY) < gapMs || waiting.has(port)) return false;
    if (now() - second >= secondMs) {
      second = now();
      sentInSecond = 0;
    }
    sentInSecond += 1;
    return sentInSecond <= maxAtOnce;
  }

  return {
    /** Called when the appliance says what it supports. */
    accept: (isSupported: boolean): void => {
      isAccepted = isSupported;
      if (!isSupported) waiting.clear();
    },
    report: (port: number, error: DialError): void => {
      if (!isAccepted) return;
      const failure = { ...error, failedAt: now() };
      if (maySendNow(port)) return sendReports([[port, failure]]);
      if (waiting.size < maxWaiting || waiting.has(port)) waiting.set(port, failure);
      later.start();
    },
    close: (): void => {
      later.cancel();
      waiting.clear();
    },
  };
}
