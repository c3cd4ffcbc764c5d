import { AppError } from '../../src-shared/errors.ts';
import { countPorts, formatRanges, listPorts, type PortRange } from '../../src-shared/model/ports.ts';
import type { TenantChange } from '../../src-shared/model/remoteNetworks.ts';
import type { Appliance } from './appliance.ts';
import type { SessionSelection } from './runtime.ts';
import { fileError } from './fileErrors.ts';
import { allotPorts, overlaps } from './allocation.ts';
import { generateKeyPair } from './keyPair.ts';
import { requireLicence } from './licence.ts';
import type { PublicKey } from './publicKey.ts';
import { forgetTenant, saveEnding } from './sessionRecords.ts';
import { loadTenants, saveTenants, sweepUnfinished, type StoredTenant } from './tenantState.ts';

/** Runs a change alone, on the state as it is once alone. */
function alone<T>(appliance: Appliance, work: (tenants: StoredTenant[]) => Promise<T>): Promise<T> {
  const { stateFolder } = appliance.config;
  return appliance.lock(async () => {
    const tenants = await loadTenants(stateFolder);
    await sweepUnfinished(stateFolder).catch((cause: unknown) => {
      throw fileError(stateFolder, cause);
    });
    return work(tenants);
  });
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
  const { sessions } = await appliance.runtime.observe();
  const ended = await appliance.runtime.endSessions(which);
  if (ended > 0) {
    const peerAddress = sessions.find((one) => one.clientId === which.clientId)?.peerAddress ?? null;
    const ending = { endedAt: instant(appliance), peerAddress, reason };
    await saveEnding({ runFolder, clientId: which.clientId, ending });
  }
  return ended;
}

/**
 * Stock sshd fixes at log-in what a session may bind. Ports that were given up are therefore still open to their
 * former holder's live sessions; these end before the ports go to somebody else.
 */
async function endFormerHolders(
  appliance: Appliance,
  request: { clientId: string; ports: readonly PortRange[] },
): Promise<void> {
  const { sessions } = await appliance.runtime.observe();
  for (const session of sessions) {
    if (session.clientId === request.clientId || session.permittedPorts === null) continue;
    if (!overlaps(session.permittedPorts, request.ports)) continue;
    const which = { clientId: session.clientId, pids: [session.pid] };
    await endSessions(appliance, { which, reason: 'ended: its former ports were given to another tenant' });
  }
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
    if (existing === undefined) {
      await endFormerHolders(appliance, { clientId, ports: tenant.ports });
      await forgetTenant({ runFolder, clientId });
    }
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
 * tenant on the ports it kept. Only more ports than it holds count as raising its quota **[ours]**.
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
    const had = listPorts(existing.ports);
    const has = new Set(listPorts(ports));
    const lost = had.filter((port) => !has.has(port));
    const gained = [...has].filter((port) => !had.includes(port));
    await endFormerHolders(appliance, {
      clientId,
      ports: gained.map((port) => ({ first: port, last: port })),
    });
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
    else if (lost.length > 0)
      endedSessions = await endSessions(appliance, {
        which: { clientId, onlyPorts: lost },
        reason: 'ended: the tenant gave up ports that it listened on',
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
