import { AppError } from '../../src-shared/errors.ts';
import { countPorts, formatRanges, hasPort, type PortRange } from '../../src-shared/model/ports.ts';
import type { TenantChange } from '../../src-shared/model/remoteNetworks.ts';
import type { Appliance } from './appliance.ts';
import type { ObservedSession, SessionSelection } from './runtime.ts';
import { fileError } from './fileErrors.ts';
import { allotPorts, exceeds } from './allocation.ts';
import { generateKeyPair } from './keyPair.ts';
import { requireLicence } from './licence.ts';
import type { PublicKey } from './publicKey.ts';
import { forgetTenant, saveEnding } from './sessionRecords.ts';
import { loadTenants, saveTenants, sweepUnfinished, type StoredTenant } from './tenantState.ts';

/** Runs a change alone, on the state as it is once alone. */
function alone<T>(appliance: Appliance, work: (tenants: StoredTenant[]) => Promise<T>): Promise<T> {
  const { stateFolder, runFolder } = appliance.config;
  return appliance.lock(async () => {
    const tenants = await loadTenants(stateFolder);
    await sweepUnfinished({ stateFolder, runFolder, now: Date.now() }).catch((cause: unknown) => {
      throw fileError(stateFolder, cause);
    });
    await finishEarlierChanges(appliance, tenants);
    return work(tenants);
  });
}

/**
 * A command that was killed between saving the state and ending sessions leaves some that the state does not allow.
 * The next change ends them, whoever it is for, before ports or names go to anybody else.
 */
async function finishEarlierChanges(appliance: Appliance, tenants: readonly StoredTenant[]): Promise<void> {
  const { sessions, listeners } = await appliance.runtime.observe();
  for (const clientId of new Set(sessions.map((session) => session.clientId))) {
    const tenant = tenants.find((one) => one.clientId === clientId);
    if (tenant === undefined) {
      await appliance.runtime.endSessions({ clientId });
      continue;
    }
    const { ports } = tenant;
    const own = sessions.filter((session) => session.clientId === clientId);
    const keepFingerprints = tenant.keys.map((key) => key.fingerprint);
    const reason = 'ended: an earlier change had not ended it';
    if (tenant.suspended) await endSessions(appliance, { which: { clientId }, reason });
    else if (own.some(({ keyFingerprint: key }) => key !== null && !keepFingerprints.includes(key)))
      await endSessions(appliance, { which: { clientId, keepFingerprints }, reason });
    const isBeyond = (session: ObservedSession) =>
      (session.permittedPorts !== null && exceeds(session.permittedPorts, ports)) ||
      listeners.some((listener) => listener.pid === session.pid && !hasPort(ports, listener.port));
    if (own.some(isBeyond)) await endSessions(appliance, { which: { clientId, beyondPorts: ports }, reason });
  }
}

function instant(appliance: Appliance): string {
  return new Date(appliance.now()).toISOString();
}

function requireTenant(tenants: readonly StoredTenant[], clientId: string): StoredTenant {
  const tenant = tenants.find((one) => one.clientId === clientId);
  if (tenant === undefined) throw new AppError('NOT_FOUND', `there is no tenant ${clientId}`);
  return tenant;
}

function allot(
  appliance: Appliance,
  request: { tenants: readonly StoredTenant[]; clientId: string; own: PortRange[]; count: number },
): PortRange[] {
  const { portRange } = appliance.config;
  const others = request.tenants
    .filter((tenant) => tenant.clientId !== request.clientId)
    .flatMap((tenant) => tenant.ports);
  const ports = allotPorts({ within: portRange, own: request.own, others, count: request.count });
  if (ports === null)
    throw new AppError(
      'COMMAND_FAILED',
      `no free block is large enough for ${request.count - countPorts(request.own)} ports in ${formatRanges([portRange])}`,
    );
  return ports;
}

/** Ends sessions and remembers why, so that the tenant's list tells it. */
async function endSessions(
  appliance: Appliance,
  request: { which: SessionSelection; reason: string },
): Promise<number> {
  const { which, reason } = request;
  const { runFolder } = appliance.config;
  // Only to tell afterwards whom it was: what can't be described is ended all the same.
  const seen = await appliance.runtime.observe().catch(() => null);
  const ended = await appliance.runtime.endSessions(which);
  if (ended > 0) {
    const peerAddress = seen?.sessions.find((one) => one.clientId === which.clientId)?.peerAddress ?? null;
    const ending = { endedAt: instant(appliance), peerAddress, reason };
    await saveEnding({ runFolder, clientId: which.clientId, ending });
  }
  return ended;
}

/** Creates a tenant, or with `replace` gives an existing one new keys and ends the sessions of the old ones. */
export function addTenant(
  appliance: Appliance,
  request: { clientId: string; publicKey: PublicKey | null; replace: boolean },
): Promise<TenantChange> {
  const { clientId, replace } = request;
  const { stateFolder, runFolder, defaultQuota } = appliance.config;
  return alone(appliance, async (tenants) => {
    const existing = tenants.find((tenant) => tenant.clientId === clientId);
    if (existing !== undefined && !replace)
      throw new AppError('ALREADY_EXISTS', `${clientId} is there already; -f replaces its keys`);
    await requireLicence(appliance, 'adding tenants');
    const generated = request.publicKey === null ? generateKeyPair(clientId) : null;
    const publicKey = generated?.publicKey ?? request.publicKey;
    if (publicKey === null) throw new Error('no key was given or made');
    const holder = tenants.find(
      (tenant) => tenant.clientId !== clientId && tenant.keys.some((key) => key.blob === publicKey.blob),
    );
    if (holder !== undefined)
      throw new AppError(
        'ALREADY_EXISTS',
        `this key is the one of ${holder.clientId}; a key names one tenant`,
      );
    const now = instant(appliance);
    const tenant: StoredTenant = {
      clientId,
      quota: existing?.quota ?? defaultQuota,
      suspended: existing?.suspended ?? false,
      ports: existing?.ports ?? allot(appliance, { tenants, clientId, own: [], count: defaultQuota }),
      keys: [{ ...publicKey, addedAt: now }],
      createdAt: existing?.createdAt ?? now,
      changedAt: now,
    };
    if (existing === undefined) await forgetTenant({ runFolder, clientId });
    await saveTenants(stateFolder, [...tenants.filter((one) => one !== existing), tenant]);
    // Also for a new tenant: a command that was killed may have left sessions of a removed one of the same name.
    const endedSessions = await endSessions(appliance, {
      which: { clientId, keepFingerprints: [publicKey.fingerprint] },
      reason: 'ended: the key was replaced',
    });
    return {
      contract: 1,
      clientId,
      action: existing === undefined ? 'added' : 'replaced',
      quota: tenant.quota,
      ports: tenant.ports,
      endedSessions,
      fingerprint: publicKey.fingerprint,
      ...(generated === null ? {} : { privateKey: generated.privateKey }),
    };
  });
}

/**
 * Sets the number of ports. 0 suspends: key and ports are kept, sessions end. Any other number resumes a suspended
 * tenant on the ports it kept. Only more ports than it holds count as raising its quota. Stock sshd fixes at log-in
 * what a session may listen on: giving up ports ends every session that was permitted them, whether it listens there
 * or not, since a quota that a client can go beyond is none. It may log in anew at once **[ours]**.
 */
export function changeTenant(
  appliance: Appliance,
  request: { clientId: string; quota: number },
): Promise<TenantChange> {
  const { clientId, quota } = request;
  const { stateFolder } = appliance.config;
  return alone(appliance, async (tenants) => {
    const existing = requireTenant(tenants, clientId);
    const suspended = quota === 0;
    if (quota > countPorts(existing.ports)) await requireLicence(appliance, 'raising a quota');
    const ports = suspended
      ? existing.ports
      : allot(appliance, { tenants, clientId, own: existing.ports, count: quota });
    const changedAt = instant(appliance);
    const tenant = { ...existing, quota, suspended, ports, changedAt };
    await saveTenants(
      stateFolder,
      tenants.map((one) => (one === existing ? tenant : one)),
    );
    let endedSessions = 0;
    if (suspended)
      endedSessions = await endSessions(appliance, {
        which: { clientId },
        reason: 'ended: the tenant was suspended',
      });
    else if (exceeds(existing.ports, ports))
      endedSessions = await endSessions(appliance, {
        which: { clientId, beyondPorts: ports },
        reason: 'ended: its tenant gave up ports that it could still listen on',
      });
    return {
      contract: 1,
      clientId,
      action: suspended ? 'suspended' : 'changed',
      quota,
      ports,
      endedSessions,
      fingerprint: tenant.keys[0]?.fingerprint ?? null,
    };
  });
}

/** Ends the tenant's connections and forgets it. */
export function removeTenant(appliance: Appliance, clientId: string): Promise<TenantChange> {
  const { stateFolder, runFolder } = appliance.config;
  return alone(appliance, async (tenants) => {
    // Also what a removal that was killed left behind, before saying that there is nobody of this name.
    if (!tenants.some((one) => one.clientId === clientId)) await appliance.runtime.endSessions({ clientId });
    const existing = requireTenant(tenants, clientId);
    await saveTenants(
      stateFolder,
      tenants.filter((one) => one !== existing),
    );
    const endedSessions = await appliance.runtime.endSessions({ clientId });
    await forgetTenant({ runFolder, clientId });
    return {
      contract: 1,
      clientId,
      action: 'removed',
      quota: 0,
      ports: [],
      endedSessions,
      fingerprint: existing.keys[0]?.fingerprint ?? null,
    };
  });
}
