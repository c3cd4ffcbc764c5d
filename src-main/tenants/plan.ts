import { AppError } from '../../src-shared/errors.ts';
import { subtractPorts } from '../../src-shared/model/tenants/allocation.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import {
  countPorts,
  defaultQuota,
  formatRanges,
  type PortRange,
} from '../../src-shared/model/tenants/ports.ts';
import { readPublicKey, type PublicKey } from '../../src-shared/model/tenants/publicKey.ts';
import { maxTenantKeys } from '../../src-shared/model/tenants/listLimits.ts';
import { type RemoteNetworks, type Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction, TenantPlan } from '../../src-shared/model/tenants/tenantPlan.ts';
import { formatInstant } from '../../src-shared/base/time.ts';
import { tenantCommandArgv, type TenantCommand } from '../driver/tenantCommands.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import { planEnds, portsWith } from './planEnds.ts';
import { planUndo } from './planUndo.ts';
import { planWarnings, type PlanContext } from './planWarnings.ts';

/** Stands for the temporary file in a plan: its name is made when it is uploaded. */
const uploadPlaceholder = 'PATH';
/** `unchangedSince` of a tenant that must not exist yet. */
const noTenant = 'none';

/** A plan, and what carrying it out needs besides. */
export type Prepared = {
  plan: TenantPlan;
  commands: readonly TenantCommand[];
  before: Tenant | null;
  /** What is uploaded; null where no key travels. */
  key: PublicKey | null;
};

function refuse(message: string): never {
  throw new AppError('INVALID_INPUT', message);
}

/** What was asked for is there already: a script can go on, which it could not after a mistyped word. */
function isSoAlready(message: string): never {
  throw new AppError('ALREADY_EXISTS', message);
}

function givenKey(action: TenantAction): PublicKey | null {
  if ((action.kind !== 'add' && action.kind !== 'rotate') || action.key.from === 'generated') return null;
  const { key, problem } = readPublicKey(action.key.publicKey);
  return key ?? refuse(`Not a public key: ${problem}.`);
}

export function tenantOf(networks: RemoteNetworks, clientId: string): Tenant | null {
  return networks.tenants.find((tenant) => tenant.clientId === clientId) ?? null;
}

/** Throws what the appliance would refuse of another key for an existing tenant. */
function assertKeyFits(input: {
  action: Extract<TenantAction, { kind: 'add' | 'rotate' }>;
  tenant: Tenant;
  key: PublicKey | null;
}): void {
  const { action, tenant, key } = input;
  const { clientId, keys, quota } = tenant;
  const known = keys.find((one) => one.fingerprint === key?.fingerprint);
  if (action.kind === 'add' && known !== undefined)
    isSoAlready(
      `${clientId} exists, and this key is valid for it already${known.expiresAt === null ? '' : ` until ${formatInstant(known.expiresAt)}`}.`,
    );
  if (action.kind === 'add' && action.quota !== null && action.quota !== quota)
    refuse(
      `${clientId} exists with a quota of ${quota}. Adding a key doesn't change it: leave the quota out, and change it on its own.`,
    );
  const isBeside = action.kind === 'add' || action.overlapHours !== null;
  const others = keys.length - (known === undefined ? 0 : 1);
  if (isBeside && others >= maxTenantKeys)
    throw new AppError(
      'TOO_MANY_KEYS',
      `${clientId} has ${others} valid keys, and at most ${maxTenantKeys} are allowed. Rotate its key without an overlap to replace them.`,
    );
}

/** Throws what the appliance would refuse in the state it is in. */
function assertPossible(input: {
  action: TenantAction;
  tenant: Tenant | null;
  networks: RemoteNetworks;
  key: PublicKey | null;
}): void {
  const { action, tenant, key } = input;
  const { clientId } = action;
  if (action.kind !== 'add' && tenant === null)
    throw new AppError('NOT_FOUND', `There is no tenant ${clientId} on this appliance.`);
  const holder =
    key === null
      ? undefined
      : input.networks.tenants.find(
          (one) => one.clientId !== clientId && one.keys.some((held) => held.fingerprint === key.fingerprint),
        );
  if (holder !== undefined)
    throw new AppError(
      'ALREADY_EXISTS',
      `This key is the one of ${holder.clientId}; a key names one tenant.`,
    );
  if (tenant === null) return;
  switch (action.kind) {
    case 'add':
    case 'rotate':
      assertKeyFits({ action, tenant, key });
      return;
    case 'change':
      if (tenant.suspended) refuse(`${clientId} is suspended; resume it with the quota that it is to have.`);
      if (tenant.quota === action.quota) isSoAlready(`${clientId} has a quota of ${action.quota} already.`);
      return;
    case 'suspend':
      if (tenant.suspended) isSoAlready(`${clientId} is suspended already.`);
      return;
    case 'resume':
      if (!tenant.suspended) isSoAlready(`${clientId} is not suspended.`);
      return;
    case 'release': {
      const forward = tenant.forwards.find((one) => one.port === action.port);
      if (forward?.listener == null || forward.listener.pid !== action.pid)
        refuse(`Port ${action.port} of ${clientId} is not held by process ${action.pid}.`);
      const session = tenant.sessions.find((one) => one.pid === forward.sessionPid);
      if (session !== undefined && session.silentSince === null)
        refuse(
          `Port ${action.port} belongs to a live session of ${clientId}; only a stale listener is released.`,
        );
      return;
    }
    case 'remove':
      return;
  }
}

/** A quota is a change of its own, except that of a new tenant which gets the default anyway **[doc: 20]**. */
function quotaOf(action: TenantAction, isNew: boolean): number | null {
  switch (action.kind) {
    case 'add':
      return !isNew || action.quota === defaultQuota ? null : action.quota;
    case 'change':
    case 'resume':
      return action.quota;
    case 'suspend':
      return 0;
    case 'rotate':
    case 'remove':
    case 'release':
      return null;
  }
}

function commandsOf(action: TenantAction, since: string): TenantCommand[] {
  const { clientId } = action;
  const quota = quotaOf(action, since === noTenant);
  switch (action.kind) {
    case 'add':
    case 'rotate': {
      const add = {
        verb: 'add',
        clientId,
        publicKeyPath: action.key.from === 'given' ? uploadPlaceholder : null,
        replace: action.kind === 'rotate',
        overlapHours: action.kind === 'rotate' ? action.overlapHours : null,
        unchangedSince: since,
      } as const;
      // What the second one would rest on is not there before the first one has run.
      return quota === null ? [add] : [add, { verb: 'change', quota, clientId, unchangedSince: null }];
    }
    case 'change':
    case 'resume':
    case 'suspend':
      return [{ verb: 'change', quota: quota ?? 0, clientId, unchangedSince: since }];
    case 'remove':
      return [{ verb: 'remove', clientId, unchangedSince: since }];
    case 'release':
      return [{ verb: 'release', port: action.port, pid: action.pid, clientId, unchangedSince: since }];
  }
}

function afterwards(
  action: TenantAction,
  tenant: Tenant | null,
  networks: RemoteNetworks,
): TenantPlan['after'] {
  const fitting = (own: readonly PortRange[], count: number): PortRange[] =>
    portsWith({ networks, clientId: action.clientId, own, count }) ??
    refuse(
      `No free block of ${count - countPorts(own)} ports is left in ${formatRanges([networks.portRange])}.`,
    );
  switch (action.kind) {
    case 'add': {
      if (tenant !== null) return { quota: tenant.quota, ports: tenant.ports };
      // The appliance gives the default first; only then is there a tenant whose quota can be changed.
      const first = fitting([], defaultQuota);
      const quota = action.quota ?? defaultQuota;
      return { quota, ports: quota === defaultQuota ? first : fitting(first, quota) };
    }
    case 'change':
    case 'resume':
      return { quota: action.quota, ports: fitting(tenant?.ports ?? [], action.quota) };
    case 'suspend':
      return { quota: 0, ports: tenant?.ports ?? null };
    case 'rotate':
    case 'release':
      return tenant === null ? null : { quota: tenant.quota, ports: tenant.ports };
    case 'remove':
      return null;
  }
}

/**
 * What can't be taken back and cuts somebody off is named once more by the person who does it: a removal, and a rotation
 * that ends a session. What is suspended comes back with its key and ports.
 */
function nameToType(action: TenantAction, ends: TenantPlan['ends']): string | null {
  const isFinal =
    action.kind === 'remove' || (action.kind === 'rotate' && action.overlapHours === null && ends.length > 0);
  return isFinal ? action.clientId : null;
}

/** Throws INVALID_INPUT unless `typedName` is what the plan asks for. */
export function assertNameTyped(plan: TenantPlan, typedName: string | null): void {
  const { action, confirmName: wanted } = plan;
  if (wanted === null || typedName === wanted) return;
  const what = action.kind === 'remove' ? 'remove' : 'end the old keys of';
  refuse(`To ${what} ${wanted}, its name must be typed exactly. Nothing was sent.`);
}

/**
 * Says what `action` would do to an appliance that listed `networks` just now. Pure. Throws NOT_FOUND, ALREADY_EXISTS or
 * INVALID_INPUT for what the appliance would refuse.
 */
export function preparePlan(input: {
  entry: ApplianceEntry;
  networks: RemoteNetworks;
  observedAt: string;
  action: TenantAction;
  planContext: PlanContext;
}): Prepared {
  const { entry, networks, action } = input;
  const tenant = tenantOf(networks, action.clientId);
  const key = givenKey(action);
  assertPossible({ action, tenant, networks, key });
  const after = afterwards(action, tenant, networks);
  const commands = commandsOf(action, tenant?.changedAt ?? noTenant);
  const givesUp = subtractPorts(tenant?.ports ?? [], after?.ports ?? []);
  const newFingerprint = key?.fingerprint ?? null;
  const ends = planEnds({ action, tenant, portsAfter: after?.ports ?? [], newFingerprint });
  return {
    commands,
    before: tenant,
    key,
    plan: {
      applianceId: entry.id,
      applianceName: entry.name,
      action,
      commands: commands.map((command) => {
        const argv = tenantCommandArgv(command);
        return { argv, text: quoteArgv(argv) };
      }),
      runsAs: `${entry.target.user}, ${entry.sudo === 'none' ? 'without sudo' : 'over sudo'}`,
      upload: key === null ? null : { type: key.type, fingerprint: key.fingerprint, comment: key.comment },
      ends,
      before:
        tenant === null
          ? null
          : {
              quota: tenant.quota,
              suspended: tenant.suspended,
              ports: tenant.ports,
              keys: tenant.keys,
            },
      after,
      givesUp,
      undo: planUndo({ action, tenant, networks, after, licence: input.planContext.licence }),
      warnings: planWarnings({ action, tenant, key, ends, planContext: input.planContext }),
      confirmName: nameToType(action, ends),
      printsPrivateKey:
        (action.kind === 'add' || action.kind === 'rotate') && action.key.from === 'generated',
      basis: tenant?.changedAt ?? null,
      observedAt: input.observedAt,
    },
  };
}
