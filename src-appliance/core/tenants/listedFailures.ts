import { maxListedDialFailures } from '../../../src-shared/model/tenants/listLimits.ts';
import type { DialFailure } from '../../../src-shared/model/tunnels/dialFailures.ts';
import type { Forward, Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import type { ObservedSession } from '../procfs/runtime.ts';
import { loadDialFailures } from '../sessions/dialFailures.ts';

/**
 * The last connection that the session behind the forward could not open. Null if it was before the session
 * announced the port, because the port may have led elsewhere then.
 */
function failureOf(forward: Forward, failures: ReadonlyMap<number, DialFailure>): DialFailure | null {
  const failure = failures.get(forward.port);
  if (failure === undefined || forward.announcedAt === null) return null;
  return Date.parse(failure.at) >= Date.parse(forward.announcedAt) ? failure : null;
}

/** Adds to each forward what its own session reported. */
export function addDialFailures(
  forwards: readonly Forward[],
  seen: { runFolder: string; clientId: string; sessions: readonly ObservedSession[] },
): Forward[] {
  const { runFolder, clientId, sessions } = seen;
  const bySession = new Map(
    sessions.map(({ pid, startTicks }) => [
      pid,
      loadDialFailures({ runFolder, clientId, session: { pid, startTicks } }),
    ]),
  );
  return forwards.map((forward) => {
    const own = forward.sessionPid === null ? undefined : bySession.get(forward.sessionPid);
    const dialFailure = own === undefined ? null : failureOf(forward, own);
    return dialFailure === null ? forward : { ...forward, dialFailure };
  });
}

/** Leaves out the oldest failures of a list that has too many, so that the console can read it. */
export function limitDialFailures(tenants: readonly Tenant[]): Tenant[] {
  const times = tenants.flatMap((tenant) =>
    tenant.forwards.flatMap(({ dialFailure }) => dialFailure?.at ?? []),
  );
  const oldest = times.toSorted().at(-maxListedDialFailures);
  if (times.length <= maxListedDialFailures || oldest === undefined) return [...tenants];
  let left = maxListedDialFailures;
  return tenants.map((tenant) => ({
    ...tenant,
    forwards: tenant.forwards.map(({ dialFailure, ...forward }) => {
      if (dialFailure == null || dialFailure.at < oldest || left === 0) return forward;
      left -= 1;
      return { ...forward, dialFailure };
    }),
  }));
}
