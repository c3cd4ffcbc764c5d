import { AppError } from '../../src-shared/errors.ts';
import { formatInstant } from '../../src-shared/base/time.ts';
import type { PublicKey } from '../../src-shared/model/tenants/publicKey.ts';
import { maxTenantKeys } from '../../src-shared/model/tenants/listLimits.ts';
import type { RemoteNetworks, Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { describeHolder } from '../../src-shared/model/tunnels/portHolders.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';

function refuse(message: string): never {
  throw new AppError('INVALID_INPUT', message);
}

/** Throws ALREADY_EXISTS: the tenant is already in the requested state, so a script may continue. */
function refuseAsDone(message: string): never {
  throw new AppError('ALREADY_EXISTS', message);
}

function assertKeyFits(input: {
  action: Extract<TenantAction, { kind: 'add' | 'rotate' }>;
  tenant: Tenant;
  key: PublicKey | null;
}): void {
  const { action, tenant, key } = input;
  const { clientId, keys, quota } = tenant;
  const known = keys.find(({ fingerprint }) => fingerprint === key?.fingerprint);
  if (action.kind === 'add' && known !== undefined)
    refuseAsDone(
      `This key is already valid for ${clientId}${known.expiresAt === null ? '' : ` until ${formatInstant(known.expiresAt)}`}.`,
    );
  if (action.kind === 'add' && action.quota !== null && action.quota !== quota)
    refuse(
      `${clientId} exists with a quota of ${quota}. Adding a key doesn’t change the quota: omit the quota here, and change it separately.`,
    );
  const keepsOldKeys = action.kind === 'add' || action.overlapHours !== null;
  const others = keys.length - (known === undefined ? 0 : 1);
  if (keepsOldKeys && others >= maxTenantKeys)
    throw new AppError(
      'TOO_MANY_KEYS',
      `${clientId} has ${others} valid keys, and at most ${maxTenantKeys} are allowed. Rotate its key without an overlap to replace them.`,
    );
}

function assertStale(action: Extract<TenantAction, { kind: 'release' }>, tenant: Tenant): void {
  const { clientId } = tenant;
  const forward = tenant.forwards.find(({ port }) => port === action.port);
  if (forward?.listener == null || forward.listener.pid !== action.pid)
    refuse(`Port ${action.port} of ${clientId} is not held by process ${action.pid}.`);
  if (forward.listener.holder?.isReleasable === false)
    refuse(
      `Port ${action.port} is held by ${describeHolder(forward.listener)}. The appliance ends only connections of the tenant.`,
    );
  const session = tenant.sessions.find(({ pid }) => pid === forward.sessionPid);
  if (session !== undefined && session.silentSince === null && session.isOrphaned !== true)
    refuse(
      `Port ${action.port} belongs to a live session of ${clientId}; only a stale listener can be released.`,
    );
}

function assertNoOtherTenantHas(key: PublicKey | null, clientId: string, networks: RemoteNetworks): void {
  if (key === null) return;
  const holder = networks.tenants.find(
    (tenant) =>
      tenant.clientId !== clientId && tenant.keys.some(({ fingerprint }) => fingerprint === key.fingerprint),
  );
  if (holder === undefined) return;
  throw new AppError(
    'ALREADY_EXISTS',
    `This key belongs to ${holder.clientId}; a key can belong to one tenant only.`,
  );
}

/**
 * Throws NOT_FOUND, ALREADY_EXISTS, TOO_MANY_KEYS or INVALID_INPUT if the appliance would refuse the change
 * now.
 */
export function assertPossible(input: {
  action: TenantAction;
  tenant: Tenant | null;
  networks: RemoteNetworks;
  key: PublicKey | null;
}): void {
  const { action, tenant, key } = input;
  const { clientId } = action;
  if (action.kind !== 'add' && tenant === null)
    throw new AppError('NOT_FOUND', `This appliance has no tenant ${clientId}.`);
  assertNoOtherTenantHas(key, clientId, input.networks);
  if (tenant === null) return;
  switch (action.kind) {
    case 'add':
    case 'rotate':
      assertKeyFits({ action, tenant, key });
      return;
    case 'change':
      if (tenant.suspended) refuse(`${clientId} is suspended. Resume it with the new quota.`);
      if (tenant.quota === action.quota) refuseAsDone(`${clientId} already has a quota of ${action.quota}.`);
      return;
    case 'suspend':
      if (tenant.suspended) refuseAsDone(`${clientId} is already suspended.`);
      return;
    case 'resume':
      if (!tenant.suspended) refuseAsDone(`${clientId} is not suspended.`);
      return;
    case 'release':
      assertStale(action, tenant);
      return;
    case 'remove':
      return;
  }
}
