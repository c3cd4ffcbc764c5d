import type { Severity } from '../../src-shared/model/syslog/syslogLine.ts';
import type { ServiceLog } from './syslog.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** A refused client retries at once, so the log mentions it only once in this time **[ours]**. */
const gapMs = 10 * secondMs;
/** If there are more names, the oldest are forgotten and may be logged again. */
const maxNames = 1_000;

/** Logs frequent events, at most one line per name and period. */
export function createNotices(log: ServiceLog) {
  const saidAt = new Map<string, number>();
  return {
    say: (about: string, severity: Severity, message: string): void => {
      const now = performance.now();
      if (now - (saidAt.get(about) ?? Number.NEGATIVE_INFINITY) < gapMs) return;
      if (saidAt.size >= maxNames) saidAt.clear();
      saidAt.set(about, now);
      log(severity, message);
    },
  };
}
