import { AppError } from '../../src-shared/errors.ts';
import { countPorts, formatRanges, type PortRange } from '../../src-shared/model/ports.ts';
import type { TenantChange } from '../../src-shared/model/remoteNetworks.ts';
import type { Appliance } from './appliance.ts';
import { allotPorts, exceeds } from '../../src-shared/model/allocation.ts';
import { generateKeyPair } from './keyPair.ts';
import { requireLicence } from './licence.ts';
import { readMoment } from './moment.ts';
import type { PublicKey } from './publicKey.ts';
import { forgetTenant } from './sessionRecords.ts';
import {
  alone,
  changeInstant,
  endSessions,
  requireTenant,
  requireUnchanged,
  type Basis,
} from './tenantLock.ts';
import { saveState, withFormerKeys, type State, type StoredTenant } from './tenantState.ts';

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

/** Longest overlap of a rotation, hours: 90 days. A key without an end would be no rotation **[ours]**. */
export const longestOverlapHours = 24 * 90;
const hourMs = 3_600_000;
/** Each of them may log in: so many in their overlap are a mistake **[ours]**. */
const mostKeys = 5;

type StoredKey = StoredTenant['keys'][number];

/** The old keys while they overlap with the new one: each keeps an earlier deadline that it already has. */
function keysInOverlap(
  appliance: Appliance,
  rotation: { keys: readonly StoredKey[]; hours: number },
): StoredKey[] {
  const { trusted, running } = readMoment(appliance.config.stateFolder, appliance.now());
  const lastsMs = rotation.hours * hourMs;
  const expiresAt = new Date(trusted + lastsMs).toISOString();
  const whileRunning = running === null ? null : { ...running, uptimeMs: running.uptimeMs + lastsMs };
  return rotation.keys.map((key) =>
    key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.parse(expiresAt)
      ? key
      : { ...key, expiresAt, whileRunning },
  );
}

/**
 * Creates a tenant, or with `replace` gives an existing one a new key. The old ones end at once with their sessions, or
 * with `overlapHours` (1 to `longestOverlapHours`) stay good beside it for so long **[ours]**.
 */
export function addTenant(
  appliance: Appliance,
  request: {
    clientId: string;
    publicKey: PublicKey | null;
    replace: boolean;
    overlapHours?: number | undefined;
    basis?: Basis | undefined;
  },
): Promise<TenantChange> {
  const { clientId, replace, overlapHours, basis } = request;
  const { stateFolder, runFolder, defaultQuota } = appliance.config;
  return alone(appliance, async (state) => {
    const { tenants } = state;
    requireUnchanged(tenants, { clientId, basis });
    const existing = tenants.find((tenant) => tenant.clientId === clientId);
    if (existing !== undefined && !replace)
      throw new AppError('ALREADY_EXISTS', `${clientId} is there already; -f replaces its keys`);
    if (existing === undefined) await requireLicence(appliance, 'adding tenants');
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
    const oldKeys = (existing?.keys ?? []).filter((key) => key.blob !== publicKey.blob);
    const keptKeys =
      overlapHours === undefined ? [] : keysInOverlap(appliance, { keys: oldKeys, hours: overlapHours });
    if (keptKeys.length >= mostKeys)
      throw new AppError(
        'CONFLICT',
        `${clientId} has ${oldKeys.length} keys already; wait for one to end, or replace them without --overlap`,
      );
    const changedAt = changeInstant(appliance, existing);
    const tenant: StoredTenant = {
      clientId,
      quota: existing?.quota ?? defaultQuota,
      suspended: existing?.suspended ?? false,
      ports: existing?.ports ?? allot(appliance, { tenants, clientId, own: [], count: defaultQuota }),
      // The newest first: it is the tenant's key to everybody who knows of one only.
      keys: [{ ...publicKey, addedAt: changedAt, expiresAt: null, whileRunning: null }, ...keptKeys],
      createdAt: existing?.createdAt ?? changedAt,
      changedAt,
    };
    if (existing === undefined) await forgetTenant({ runFolder, clientId });
    const ended = oldKeys.filter((key) => keptKeys.every((kept) => kept.blob !== key.blob));
    const fingerprints = ended.map((key) => key.fingerprint);
    await saveState(stateFolder, {
      tenants: [...tenants.filter((one) => one !== existing), tenant],
      formerKeys: withFormerKeys(state, { clientId, fingerprints, endedAt: changedAt }),
    });
    // Also for a new tenant: a command that was killed may have left sessions of a removed one of the same name.
    const endedSessions = await endSessions(appliance, {
      which: { clientId, keepFingerprints: tenant.keys.map((key) => key.fingerprint) },
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

function withTenant(state: State, tenant: StoredTenant): State {
  return {
    ...state,
    tenants: state.tenants.map((one) => (one.clientId === tenant.clientId ? tenant : one)),
  };
}

/**
 * Sets the number of ports. 0 suspends: key and ports are kept, sessions end. Any other number resumes a suspended
 * tenant on the ports it kept. Only more ports than it holds count as raising its quota. Stock sshd fixes at log-in
 * what a session may listen on: giving up ports ends every session that was permitted them, whether it listens there
 * or not, since a quota that a client can go beyond is none. It may log in anew at once **[ours]**.
 */
export function changeTenant(
  appliance: Appliance,
  request: { clientId: string; quota: number; basis?: Basis | undefined },
): Promise<TenantChange> {
  const { clientId, quota, basis } = request;
  const { stateFolder } = appliance.config;
  return alone(appliance, async (state) => {
    const { tenants } = state;
    requireUnchanged(tenants, { clientId, basis });
    const existing = requireTenant(tenants, clientId);
    const suspended = quota === 0;
    if (quota > countPorts(existing.ports)) await requireLicence(appliance, 'raising a quota');
    const ports = suspended
      ? existing.ports
      : allot(appliance, { tenants, clientId, own: existing.ports, count: quota });
    const changedAt = changeInstant(appliance, existing);
    const tenant = { ...existing, quota, suspended, ports, changedAt };
    await saveState(stateFolder, withTenant(state, tenant));
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

/** Ends the tenant's connections and forgets it, all but whose keys its were. */
export function removeTenant(
  appliance: Appliance,
  request: { clientId: string; basis?: Basis | undefined },
): Promise<TenantChange> {
  const { clientId, basis } = request;
  const { stateFolder, runFolder } = appliance.config;
  return alone(appliance, async (state) => {
    const { tenants } = state;
    requireUnchanged(tenants, { clientId, basis });
    // Also what a removal that was killed left behind, before saying that there is nobody of this name.
    if (!tenants.some((one) => one.clientId === clientId)) await appliance.runtime.endSessions({ clientId });
    const existing = requireTenant(tenants, clientId);
    const fingerprints = existing.keys.map((key) => key.fingerprint);
    const endedAt = changeInstant(appliance, existing);
    await saveState(stateFolder, {
      tenants: tenants.filter((one) => one !== existing),
      formerKeys: withFormerKeys(state, { clientId, fingerprints, endedAt }),
    });
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
