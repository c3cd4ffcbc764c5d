import type { Severity } from '../../src-shared/model/syslog/syslogLine.ts';
import type { ServiceLog } from './syslog.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** A refused client retries at once, so the log mentions it only once in this time **[ours]**. */
const gapMs = 10 * secondMs;
/** If there are more names, the oldest are forgotten and may be logged again. */
const maxNames = 1_000;

/** Logs frequent events, at most one line per name and period. */
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
