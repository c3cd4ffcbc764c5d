import { hourMs, secondMs } from '../../src-shared/base/time.ts';
import { createDelayedCall } from '../../src-shared/node/delayed.ts';
import { maxReportedFailures, type ClientMessage } from '../core/sessions/registrarProtocol.ts';
import type { DialError } from './dialError.ts';

/** Minimum time between two reports about the same port **[ours]**. */
const gapMs = secondMs;
/** Minimum time between two messages, however many ports fail **[ours]**. */
const messageGapMs = secondMs / 4;
/** Maximum number of waiting reports. Further ones are dropped **[ours]**. */
const maxWaiting = 3000;

type Failure = DialError & { failedAt: number };

/**
 * Reports failed connections to the appliance, if it supports that: the last one of each port, many ports in
 * one message. While `isBlocked`, the connection takes no more data, so that reports wait here and keep
 * their age.
 */
export function createDialReports(options: {
  send: (message: ClientMessage) => void;
  isBlocked: () => boolean;
  now?: () => number;
}) {
  const { send, isBlocked, now = () => performance.now() } = options;
  let isAccepted = false;
  let lastMessageAt = Number.NEGATIVE_INFINITY;
  const sentAt = new Map<number, number>();
  const waiting = new Map<number, Failure>();
  const later = createDelayedCall({ delayMs: messageGapMs, work: flush, onError: () => undefined });

  const isDue = (port: number): boolean => now() - (sentAt.get(port) ?? Number.NEGATIVE_INFINITY) >= gapMs;

  function sendReports(reports: readonly (readonly [number, Failure])[]): void {
    lastMessageAt = now();
    for (const [port] of reports) {
      waiting.delete(port);
      sentAt.set(port, now());
    }
    const failures = reports.map(([port, { reason, message, failedAt }]) => ({
      port,
      reason,
      message,
      agoMs: Math.min(hourMs, Math.round(now() - failedAt)),
    }));
    send({ type: 'dial-failures', failures });
  }

  function flush(): void {
    if (now() - lastMessageAt >= messageGapMs && !isBlocked()) {
      const reports = [...waiting].filter(([port]) => isDue(port)).slice(0, maxReportedFailures);
      if (reports.length > 0) sendReports(reports);
    }
    if (waiting.size > 0) later.start();
  }

  return {
    /** Called when the appliance says what it supports. */
    accept: (isSupported: boolean): void => {
      isAccepted = isSupported;
      if (!isSupported) waiting.clear();
    },
    report: (port: number, error: DialError): void => {
      if (!isAccepted) return;
      if (waiting.size < maxWaiting || waiting.has(port)) waiting.set(port, { ...error, failedAt: now() });
      flush();
    },
    close: (): void => {
      later.cancel();
      waiting.clear();
    },
  };
}
