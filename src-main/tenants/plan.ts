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
import { type RemoteNetworks, type Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction, TenantPlan } from '../../src-shared/model/tenants/tenantPlan.ts';
import { assertPossible } from './assertPossible.ts';
import { buildCommands } from './buildCommands.ts';
import { planEnds, computePorts } from './planEnds.ts';
import { planUndo } from './planUndo.ts';
import { planWarnings, type PlanContext } from './planWarnings.ts';

/** Stands for the path of the temporary file in a plan. The real path is chosen at the upload. */
const uploadPlaceholder = 'PATH';

function refuse(message: string): never {
  throw new AppError('INVALID_INPUT', message);
}

function readKey(action: TenantAction): PublicKey | null {
  if ((action.kind !== 'add' && action.kind !== 'rotate') || action.key.from === 'generated') return null;
  const { key, problem } = readPublicKey(action.key.publicKey);
  return key ?? refuse(`Not a public key: ${problem}.`);
}

export function tenantOf(networks: RemoteNetworks, clientId: string): Tenant | null {
  return networks.tenants.find((tenant) => tenant.clientId === clientId) ?? null;
}

function computeStateAfter(
  action: TenantAction,
  tenant: Tenant | null,
  networks: RemoteNetworks,
): TenantPlan['after'] {
  const fitPorts = (own: readonly PortRange[], count: number): PortRange[] =>
    computePorts({ networks, clientId: action.clientId, own, count }) ??
    refuse(
      `No free block of ${count - countPorts(own)} ports is left in ${formatRanges([networks.portRange])}.`,
    );
  switch (action.kind) {
    case 'add': {
      if (tenant !== null) return { quota: tenant.quota, ports: tenant.ports };
      // The appliance first allocates the default quota, because it can change only the quota of an existing
      // tenant.
      const first = fitPorts([], defaultQuota);
      const quota = action.quota ?? defaultQuota;
      return { quota, ports: quota === defaultQuota ? first : fitPorts(first, quota) };
    }
    case 'change':
    case 'resume':
      return { quota: action.quota, ports: fitPorts(tenant?.ports ?? [], action.quota) };
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
 * The operator must type the tenant's name for a removal and for a rotation that ends a session, because both
 * interrupt a customer and can't be undone. Other changes, such as suspending, keep the key and the ports.
 */
function findRequiredName(action: TenantAction, ends: TenantPlan['ends']): string | null {
  const isFinal =
    action.kind === 'remove' || (action.kind === 'rotate' && action.overlapHours === null && ends.length > 0);
  return isFinal ? action.clientId : null;
}

/** Throws INVALID_INPUT if the plan requires a typed name and `typedName` is another one. */
export function assertNameTyped(plan: TenantPlan, typedName: string | null): void {
  const { action, confirmName: wanted } = plan;
  if (wanted === null || typedName === wanted) return;
  const what = action.kind === 'remove' ? 'remove' : 'end the old keys of';
  refuse(`To ${what} ${wanted}, its name must be typed exactly. Nothing was sent.`);
}

function summaryOf({ quota, suspended, ports, keys }: Tenant) {
  return { quota, suspended, ports, keys };
}

/**
 * Plans a change. `networks` is the appliance's latest list of tenants. Pure. Throws what `assertPossible`
 * throws, and INVALID_INPUT for an invalid key or if the quota needs more ports than are free.
 */
export function preparePlan(input: {
  entry: ApplianceEntry;
  networks: RemoteNetworks;
  observedAt: string;
  action: TenantAction;
  planContext: PlanContext;
}) {
  const { entry, networks, action } = input;
  const tenant = tenantOf(networks, action.clientId);
  const key = readKey(action);
  assertPossible({ action, tenant, networks, key });
  const after = computeStateAfter(action, tenant, networks);
  const commands = buildCommands({ action, before: tenant, publicKeyPath: uploadPlaceholder });
  const newFingerprint = key?.fingerprint ?? null;
  const ends = planEnds({ action, tenant, portsAfter: after?.ports ?? [], newFingerprint });
  const plan: TenantPlan = {
    applianceId: entry.id,
    applianceName: entry.name,
    action,
    commands: commands.map(({ argv, text }) => ({ argv: [...argv], text })),
    runsAs: `${entry.target.user}, ${entry.sudo === 'none' ? 'without sudo' : 'over sudo'}`,
    upload: key === null ? null : { type: key.type, fingerprint: key.fingerprint, comment: key.comment },
    ends,
    before: tenant === null ? null : summaryOf(tenant),
    after,
    givesUp: subtractPorts(tenant?.ports ?? [], after?.ports ?? []),
    undo: planUndo({ action, tenant, networks, after, licence: input.planContext.licence }),
    warnings: planWarnings({ action, tenant, key, ends, planContext: input.planContext }),
    confirmName: findRequiredName(action, ends),
    printsPrivateKey: (action.kind === 'add' || action.kind === 'rotate') && action.key.from === 'generated',
    basis: tenant?.changedAt ?? null,
    observedAt: input.observedAt,
  };
  return { plan, commands, before: tenant, key };
}

/** A plan with the commands and the data that are needed to run it. */
export type PreparedChange = ReturnType<typeof preparePlan>;
