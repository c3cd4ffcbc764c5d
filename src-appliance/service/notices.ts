import type { Severity } from '../../src-shared/model/syslog/syslogLine.ts';
import type { ServiceLog } from './syslog.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** A client that is refused comes again at once: the log says so once in this time **[ours]**. */
const gapMs = 10 * secondMs;
/** More names than these are forgotten, and may be said again. */
const maxNames = 1_000;

/** Lines about what may happen many times a second, at most one about each name in a while. */
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
