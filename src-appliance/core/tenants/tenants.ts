import { AppError } from '../../../src-shared/errors.ts';
import { countPorts, formatRanges, type PortRange } from '../../../src-shared/model/tenants/ports.ts';
import { maxTenantKeys } from '../../../src-shared/model/tenants/listLimits.ts';
import { type TenantChange } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import type { Appliance } from '../appliance.ts';
import { allotPorts, subtractPorts } from '../../../src-shared/model/tenants/allocation.ts';
import { generateKeyPair } from './keyPair.ts';
import { requireLicence } from '../licence/licence.ts';
import { deadlineAfter, readMoment } from '../licence/moment.ts';
import type { PublicKey } from './publicKey.ts';
import { forgetGroupKeys } from './groupKeys.ts';
import { forgetPortMemory } from '../sessions/portMemory.ts';
import { forgetTenant } from '../sessions/sessionRecords.ts';
import {
  withStateLock,
  nextChangeInstant,
  endSessions,
  requireTenant,
  requireUnchanged,
  type ChangeBasis,
} from '../state/tenantLock.ts';
import { saveState, addFormerKeys, type State, type StoredTenant } from '../state/tenantState.ts';
import { hourMs } from '../../../src-shared/base/time.ts';

function allotOrThrow(
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

/** Maximum overlap of a rotation in hours (90 days). The old key must expire at some time **[ours]**. */
export const maxOverlapHours = 24 * 90;

type StoredKey = StoredTenant['keys'][number];

/** The old keys with the deadline of the overlap. A key that has an earlier deadline keeps it. */
function setOverlapDeadlines(
  appliance: Appliance,
  rotation: { keys: readonly StoredKey[]; hours: number },
): StoredKey[] {
  const moment = readMoment(appliance.config.stateFolder, appliance.now());
  const deadline = deadlineAfter(moment, rotation.hours * hourMs);
  return rotation.keys.map((key) =>
    key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.parse(deadline.expiresAt)
      ? key
      : { ...key, ...deadline },
  );
}

/** Throws ALREADY_EXISTS if another tenant has the key, because a key must identify one tenant. */
function requireUnusedKey(tenants: readonly StoredTenant[], clientId: string, key: PublicKey): void {
  const holder = tenants.find(
    (tenant) => tenant.clientId !== clientId && tenant.keys.some((one) => one.blob === key.blob),
  );
  if (holder === undefined) return;
  throw new AppError(
    'ALREADY_EXISTS',
    `this key belongs to ${holder.clientId}; each key belongs to one tenant`,
  );
}

type KeyChange = { existing: StoredTenant; publicKey: PublicKey; overlapHours: number | undefined };

/** The keys that stay valid in addition to the new key. Throws TOO_MANY_KEYS. */
function findRemainingKeys(appliance: Appliance, change: KeyChange & { replace: boolean }): StoredKey[] {
  const { existing, publicKey, replace, overlapHours } = change;
  const { clientId, keys } = existing;
  const known = keys.find((key) => key.blob === publicKey.blob);
  if (known !== undefined && !replace) {
    const until = known.expiresAt === null ? '' : ` until ${known.expiresAt}`;
    throw new AppError(
      'ALREADY_EXISTS',
      `this key is already valid for ${clientId}${until}; nothing was changed`,
    );
  }
  const others = keys.filter((key) => key !== known);
  if (replace && overlapHours === undefined) return [];
  if (others.length >= maxTenantKeys)
    throw new AppError(
      'TOO_MANY_KEYS',
      `${clientId} has ${others.length} valid keys, and at most ${maxTenantKeys} are allowed; replace them with -f${replace ? ' without --overlap' : ''}`,
    );
  return replace && overlapHours !== undefined
    ? setOverlapDeadlines(appliance, { keys: others, hours: overlapHours })
    : others;
}

/**
 * Creates a tenant, or adds the key to an existing tenant, which may have at most `maxTenantKeys` [doc]. With
 * `replace`, the old keys are replaced: they and their sessions end at once, or after `overlapHours` (1 to
 * `maxOverlapHours`) **[ours]**. Throws LICENCE_FORBIDS for a new tenant, ALREADY_EXISTS for a key in use,
 * TOO_MANY_KEYS, CONFLICT.
 */
export function addTenant(
  appliance: Appliance,
  request: {
    clientId: string;
    publicKey: PublicKey | null;
    replace: boolean;
    overlapHours?: number | undefined;
    basis?: ChangeBasis | undefined;
  },
): Promise<TenantChange> {
  const { clientId, replace, overlapHours, basis } = request;
  return withStateLock(appliance, async (state) => {
    const { tenants } = state;
    requireUnchanged(tenants, { clientId, basis });
    const existing = tenants.find((tenant) => tenant.clientId === clientId);
    if (existing === undefined) await requireLicence(appliance, 'adding tenants');
    const generated = request.publicKey === null ? generateKeyPair(clientId) : null;
    const publicKey = generated?.publicKey ?? request.publicKey;
    if (publicKey === null) throw new Error('no key was given or generated');
    requireUnusedKey(tenants, clientId, publicKey);
    const beside =
      existing === undefined
        ? []
        : findRemainingKeys(appliance, { existing, publicKey, replace, overlapHours });
    const action = existing === undefined ? 'added' : replace ? 'replaced' : 'key-added';
    const endsOthers = action !== 'key-added';
    const saved = await saveKeys(appliance, { state, existing, clientId, publicKey, beside, endsOthers });
    return {
      contract: 1,
      clientId,
      action,
      ...saved,
      fingerprint: publicKey.fingerprint,
      ...(generated === null ? {} : { privateKey: generated.privateKey }),
    };
  });
}

/**
 * Saves the tenant with the new key and the keys that stay valid. If `endsOthers` is true, ends the sessions
 * of all other keys.
 */
async function saveKeys(
  appliance: Appliance,
  change: {
    state: State;
    existing: StoredTenant | undefined;
    clientId: string;
    publicKey: PublicKey;
    beside: readonly StoredKey[];
    endsOthers: boolean;
  },
): Promise<Pick<TenantChange, 'quota' | 'ports' | 'endedSessions' | 'validKeys'>> {
  const { state, existing, clientId, publicKey, beside } = change;
  const { tenants } = state;
  const { stateFolder, runFolder, defaultQuota } = appliance.config;
  const changedAt = nextChangeInstant(appliance, existing);
  const tenant: StoredTenant = {
    clientId,
    quota: existing?.quota ?? defaultQuota,
    suspended: existing?.suspended ?? false,
    ports: existing?.ports ?? allotOrThrow(appliance, { tenants, clientId, own: [], count: defaultQuota }),
    // The newest key comes first, because some callers show only the first key.
    keys: [{ ...publicKey, addedAt: changedAt, expiresAt: null, whileRunning: null }, ...beside],
    createdAt: existing?.createdAt ?? changedAt,
    changedAt,
  };
  if (existing === undefined) {
    await forgetTenant({ runFolder, clientId });
    forgetPortMemory({ stateFolder, clientId });
    forgetGroupKeys({ stateFolder, clientId });
  }
  const keepFingerprints = tenant.keys.map((key) => key.fingerprint);
  const fingerprints = (existing?.keys ?? [])
    .map((key) => key.fingerprint)
    .filter((fingerprint) => !keepFingerprints.includes(fingerprint));
  await saveState(stateFolder, {
    tenants: [...tenants.filter((one) => one !== existing), tenant],
    formerKeys: addFormerKeys(state, { clientId, fingerprints, endedAt: changedAt }),
  });
  // A new tenant may have old sessions too: a removal of a tenant with the same name may have been killed.
  const endedSessions = change.endsOthers
    ? await endSessions(appliance, {
        which: { clientId, keepFingerprints },
        reason: 'ended: the key was replaced',
      })
    : 0;
  return { quota: tenant.quota, ports: tenant.ports, endedSessions, validKeys: tenant.keys.length };
}

function replaceTenant(state: State, tenant: StoredTenant): State {
  return {
    ...state,
    tenants: state.tenants.map((one) => (one.clientId === tenant.clientId ? tenant : one)),
  };
}

/**
 * Sets the number of ports. 0 suspends the tenant: it keeps its key and ports, and its sessions end. Any
 * other number resumes a suspended tenant with its ports. More ports need a licence that allows growth. Fewer ports end every session that may listen on
 * a removed port, because stock sshd fixes a session's ports at login **[ours]**. The client may log in again.
 */
export function changeTenant(
  appliance: Appliance,
  request: { clientId: string; quota: number; basis?: ChangeBasis | undefined },
): Promise<TenantChange> {
  const { clientId, quota, basis } = request;
  const { stateFolder } = appliance.config;
  return withStateLock(appliance, async (state) => {
    const { tenants } = state;
    requireUnchanged(tenants, { clientId, basis });
    const existing = requireTenant(tenants, clientId);
    const suspended = quota === 0;
    if (quota > countPorts(existing.ports)) await requireLicence(appliance, 'raising a quota');
    const ports = suspended
      ? existing.ports
      : allotOrThrow(appliance, { tenants, clientId, own: existing.ports, count: quota });
    const givenUp = subtractPorts(existing.ports, ports);
    const changedAt = nextChangeInstant(appliance, existing);
    const tenant = { ...existing, quota, suspended, ports, changedAt };
    await saveState(stateFolder, replaceTenant(state, tenant));
    let endedSessions = 0;
    if (suspended)
      endedSessions = await endSessions(appliance, {
        which: { clientId },
        reason: 'ended: the tenant was suspended',
      });
    else if (givenUp.length > 0)
      endedSessions = await endSessions(appliance, {
        which: { clientId, beyondPorts: ports },
        reason: 'ended: its tenant lost ports that this session could still use',
      });
    return {
      contract: 1,
      clientId,
      action: suspended ? 'suspended' : 'changed',
      quota,
      ports,
      givenUp,
      endedSessions,
      fingerprint: tenant.keys[0]?.fingerprint ?? null,
      validKeys: tenant.keys.length,
    };
  });
}

/** Ends the tenant's connections and deletes the tenant. Keeps its keys as former keys. */
export function removeTenant(
  appliance: Appliance,
  request: { clientId: string; basis?: ChangeBasis | undefined },
): Promise<TenantChange> {
  const { clientId, basis } = request;
  const { stateFolder, runFolder } = appliance.config;
  return withStateLock(appliance, async (state) => {
    const { tenants } = state;
    requireUnchanged(tenants, { clientId, basis });
    // If the tenant doesn't exist, a removal may have been killed before it ended the sessions. End them
    // before the error.
    if (!tenants.some((one) => one.clientId === clientId)) await appliance.runtime.endSessions({ clientId });
    const existing = requireTenant(tenants, clientId);
    const fingerprints = existing.keys.map((key) => key.fingerprint);
    const endedAt = nextChangeInstant(appliance, existing);
    await saveState(stateFolder, {
      tenants: tenants.filter((one) => one !== existing),
      formerKeys: addFormerKeys(state, { clientId, fingerprints, endedAt }),
    });
    const endedSessions = await appliance.runtime.endSessions({ clientId });
    await forgetTenant({ runFolder, clientId });
    forgetPortMemory({ stateFolder, clientId });
    forgetGroupKeys({ stateFolder, clientId });
    return {
      contract: 1,
      clientId,
      action: 'removed',
      quota: 0,
      ports: [],
      endedSessions,
      fingerprint: existing.keys[0]?.fingerprint ?? null,
      validKeys: 0,
    };
  });
}
