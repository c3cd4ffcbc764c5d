import type { Severity } from '../../src-shared/model/syslog/syslogLine.ts';
import type { ServiceLog } from './syslog.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** A refused client retries at once. So the same event is logged only once in this time **[ours]**. */
const gapMs = 10 * secondMs;
/**
 * Maximum number of remembered names. If there are more, the oldest are dropped and may be logged again.
 */
const maxNames = 1_000;

/** Logs frequent events, with at most one line per name in `gapMs`. */
export function createNotices(log: ServiceLog) {
  const loggedAt = new Map<string, number>();
  return {
    say: (subject: string, severity: Severity, message: string): void => {
      const now = performance.now();
      if (now - (loggedAt.get(subject) ?? Number.NEGATIVE_INFINITY) < gapMs) return;
      if (loggedAt.size >= maxNames) loggedAt.clear();
      loggedAt.set(subject, now);
      log(severity, message);
    },
  };
}
