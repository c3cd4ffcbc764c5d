import { mapInBatches } from '../../../src-shared/base/batches.ts';
import { maxApplianceRefusals } from '../../../src-shared/model/tenants/listLimits.ts';
import type {
  ApplianceRefusal,
  RemoteNetworks,
  Tenant,
} from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { limitToList } from '../sessions/announcementLimits.ts';
import type { Appliance } from '../appliance.ts';
import type { ObservedSession } from '../procfs/runtime.ts';
import { loadSessionEnd, unknownEndReason, saveSessionEnd } from '../sessions/sessionRecords.ts';
import { findApplianceRefusals } from '../sessions/applianceRefusals.ts';
import { findEndReason, findRefusedLogins, readSshdLines, type SshdLine } from '../sessions/sshdLog.ts';
import { addDialFailures, limitDialFailures } from './listedFailures.ts';
import { listForwards } from './tenantForwards.ts';
import { observeTenants } from './tenantObservation.ts';

/**
 * All tenants, or only the named tenant, with their present sessions and listeners. Throws NOT_FOUND if it
 * doesn't exist.
 */
export async function listTenants(appliance: Appliance, clientId: string | null): Promise<RemoteNetworks> {
  const { runFolder, portRange, syslog, connectUser, listenAddress } = appliance.config;
  const { stored, formerKeys, views } = await observeTenants(appliance, clientId);
  const sshdLines = await readSshdLines(syslog, appliance.now());
  const announced = limitToList(views);
  const tenants = await mapInBatches(announced, async (announcement): Promise<Tenant> => {
    const { tenant, sessions } = announcement.seen;
    const kept = { runFolder, clientId: tenant.clientId };
    return {
      clientId: tenant.clientId,
      quota: tenant.quota,
      suspended: tenant.suspended,
      ports: tenant.ports,
      keys: tenant.keys.map(({ type, fingerprint, addedAt, expiresAt }) => ({
        type,
        fingerprint,
        addedAt,
        expiresAt,
      })),
      createdAt: tenant.createdAt,
      changedAt: tenant.changedAt,
      sessions: sessions.map(withoutOwner),
      forwards: addDialFailures(listForwards(announcement.seen, announcement), { ...kept, sessions }),
      unplaced: announcement.unplaced,
      ...(announcement.omitted === 0 ? {} : { unplacedOmitted: announcement.omitted }),
      lastSession: await readLastSession(kept, sshdLines),
    };
  });
  const keys = stored.flatMap(({ clientId: owner, keys: own }) =>
    own.map(({ fingerprint }) => ({ fingerprint, clientId: owner })),
  );
  const refusedLogIns = findRefusedLogins(sshdLines, { connectUser, formerKeys, keys });
  const applianceRefusals = [
    ...(await findShellRefusal(appliance)),
    ...findApplianceRefusals(sshdLines, { connectUser, now: appliance.now() }),
  ].slice(0, maxApplianceRefusals);
  const forwardingOff = tenants.some(lacksForward) ? await appliance.runtime.findForwardingOff() : null;
  return {
    contract: 1,
    portRange,
    ...(listenAddress === undefined ? {} : { listenAddress }),
    tenants: limitDialFailures(tenants),
    refusedLogIns,
    ...(applianceRefusals.length === 0 ? {} : { applianceRefusals }),
    ...(forwardingOff === null ? {} : { forwardingOff }),
  };
}

/** A refusal that sshd does not log: it accepts the login, and then the shell of the user runs no command. */
async function findShellRefusal({ runtime, config, now }: Appliance): Promise<ApplianceRefusal[]> {
  const shell = await runtime.findRefusingShell();
  if (shell === null) return [];
  const at = new Date(now()).toISOString();
  const reason = `the shell of the user ${config.connectUser} is ${shell}, so no session of Connect can start`;
  return [{ scope: 'everyone', reason, count: 1, since: at, lastAt: at, line: '' }];
}

/** Whether a session of the tenant has no listener, or none for a port that it announced. */
function lacksForward({ sessions, forwards }: Tenant): boolean {
  return sessions.length > 0 && (forwards.length === 0 || forwards.some(({ listener }) => listener === null));
}

/** How the last session ended. If sshd's log contains the reason, that reason is stored too. */
async function readLastSession(
  kept: { runFolder: string; clientId: string },
  sshdLines: readonly SshdLine[],
): Promise<Tenant['lastSession']> {
  const ending = await loadSessionEnd(kept);
  if (ending === null) return null;
  const { endedAt, peerAddress, peerPort } = ending;
  const knownReason =
    ending.reason === unknownEndReason && peerAddress !== null && peerPort !== null
      ? findEndReason(sshdLines, { address: peerAddress, port: peerPort })
      : null;
  const reason = knownReason ?? ending.reason;
  // If the run folder is full, the reason is read from the log again the next time.
  if (knownReason !== null)
    await saveSessionEnd({ ...kept, ending: { ...ending, reason }, endedBy: 'other' }).catch(() => undefined);
  return { endedAt, peerAddress, reason };
}

function withoutOwner(session: ObservedSession): Tenant['sessions'][number] {
  const { clientId: _owner, permittedPorts: _permitted, startTicks: _ticks, ...rest } = session;
  return rest;
}
