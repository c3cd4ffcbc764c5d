import type { ProbeResult } from '../../../src-shared/model/tunnels/probe.ts';
import { dayMs, hourMs } from '../../../src-shared/base/time.ts';
import type { ProbeTarget } from './targets.ts';

/** How often a scheduled test of one session sends a large request as well **[ours]**. */
const largeEveryMs = hourMs;
/** A large request that stopped a session is repeated on schedule only after this time **[ours]**. */
const afterStuckMs = dayMs;

type Last = { sessionPid: number; uri: string | null; atMs: number; isLost: boolean };

/** Decides which scheduled tests send a large request, because it costs a connection and can stop a session. */
export function createLargeSchedule(clock: () => number) {
  const last = new Map<string, Last>();
  /** When a tenant's session was stopped by a large request, in ms. */
  const stuckAt = new Map<string, number>();

  return {
    isDue: (applianceId: string, { clientId, port, sessionPid, uri }: ProbeTarget): boolean => {
      if (uri === null) return false;
      const stuck = stuckAt.get(`${applianceId} ${clientId}`);
      if (stuck !== undefined && clock() - stuck < afterStuckMs) return false;
      const known = last.get(`${applianceId} ${port}`);
      if (known === undefined || known.sessionPid !== sessionPid || known.uri !== uri) return true;
      // While large requests get lost, a test without one would look well.
      return known.isLost || clock() - known.atMs >= largeEveryMs;
    },
    /** Remembers the result of a test with a large request. */
    note: (applianceId: string, target: ProbeTarget, result: ProbeResult): void => {
      const { clientId, port, sessionPid, uri } = target;
      if (result.forward.outcome === 'large-lost') stuckAt.set(`${applianceId} ${clientId}`, clock());
      const isLost = result.service?.outcome === 'large-lost';
      last.set(`${applianceId} ${port}`, { sessionPid, uri, atMs: clock(), isLost });
    },
    forget: (applianceId: string): void => {
      for (const map of [last, stuckAt])
        for (const key of map.keys()) if (key.startsWith(`${applianceId} `)) map.delete(key);
    },
  };
}
