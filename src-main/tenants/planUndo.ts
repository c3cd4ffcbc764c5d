import { subtractPorts } from '../../src-shared/model/tenants/allocation.ts';
import { licenceStates, type LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import { countPorts, formatRanges, type PortRange } from '../../src-shared/model/tenants/ports.ts';
import type { RemoteNetworks, Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction, TenantPlan } from '../../src-shared/model/tenants/tenantPlan.ts';
import { computePorts } from './planEnds.ts';

const program = 'ke_manage_remote_networks';
const impossible = (text: string) => ({ possible: false, text, command: null, action: null });

/** The appliance can't remove a single key. Only a rotation does, which replaces all keys by one. */
function planKeyUndo({ clientId, keys }: Tenant): TenantPlan['undo'] {
  if (keys.length > 1)
    return impossible(
      `A single key can’t be removed. Rotating replaces all keys of ${clientId} with one key, and ends the sessions of the others.`,
    );
  return {
    possible: true,
    text: `Replace both keys with the old key, from its .pub file (PATH). This ends sessions of the new key.`,
    command: `${program} add ${clientId} --pub-key PATH -f`,
    action: null,
  };
}

/** What the tenant's clients notice when a change is undone. */
const clientEffects = {
  change: 'Its clients must log in again.',
  resume: 'Its sessions end; its keys are kept.',
  suspend: 'Its keys are kept.',
} as const;

function createInverseAction(
  { kind }: Pick<TenantAction, 'kind'>,
  { clientId, suspended, quota }: Tenant,
): TenantPlan['undo']['action'] {
  if (suspended) return { kind: 'suspend', clientId };
  return { kind: kind === 'suspend' ? 'resume' : 'change', clientId, quota };
}

/**
 * Plans how to undo a change of the quota. Computes with the appliance's own rule whether the tenant gets the
 * same ports again.
 */
function planQuotaUndo(input: {
  action: Extract<TenantAction, { kind: 'change' | 'resume' | 'suspend' }>;
  tenant: Tenant;
  networks: RemoteNetworks;
  after: TenantPlan['after'];
  licence: LicenceShowOutput | null;
}): TenantPlan['undo'] {
  const { action, tenant, networks, licence } = input;
  const { clientId, ports, suspended } = tenant;
  const own: readonly PortRange[] = input.after?.ports ?? ports;
  const count = countPorts(ports);
  const missing = count - countPorts(own);
  const labels = licence === null ? null : licenceStates[licence.state];
  if (missing > 0 && labels?.allowsGrowth === false)
    return impossible(
      `The licence is ${labels.label}: the appliance gives no tenant more ports, so the released ports can’t be restored.`,
    );
  const back = computePorts({ networks, clientId, own, count });
  if (back === null)
    return impossible(
      `The released ports are in several blocks, and no free block has ${missing} ports to restore them.`,
    );
  // A suspended tenant must be resumed to get its ports again, and is then suspended again.
  const restored = suspended ? (missing === 0 || count === 0 ? [0] : [count, 0]) : [tenant.quota];
  const isSame = subtractPorts(ports, back).length === 0;
  const has = suspended ? 'The tenant is suspended again with' : 'The tenant then has';
  const outcome = isSame
    ? `${has} ${formatRanges(back)} as before${missing > 0 ? ', unless another tenant gets the released ports' : ''}.`
    : `${has} ${formatRanges(back)}, not ${formatRanges(ports)} as before.`;
  const between =
    restored.length === 1
      ? ''
      : ' It can log in between the two commands: check that the second command succeeds.';
  return {
    possible: true,
    text: `${outcome} ${clientEffects[action.kind]}${between}`,
    command: restored.map((quota) => `${program} change ${quota} ${clientId}`).join(' && '),
    action: restored.length === 1 ? createInverseAction(action, tenant) : null,
  };
}

/**
 * Describes how to undo a change. The command contains only names and numbers, so it needs no quoting. Pure.
 */
export function planUndo(input: {
  action: TenantAction;
  tenant: Tenant | null;
  networks: RemoteNetworks;
  after: TenantPlan['after'];
  licence: LicenceShowOutput | null;
}): TenantPlan['undo'] {
  const { action, tenant } = input;
  const { clientId } = action;
  switch (action.kind) {
    case 'add':
      if (tenant !== null) return planKeyUndo(tenant);
      return {
        possible: true,
        text: 'Remove the tenant again. Its ports are free immediately.',
        command: `${program} remove ${clientId}`,
        action: { kind: 'remove', clientId },
      };
    case 'rotate':
      return impossible(
        action.overlapHours === null
          ? 'The console knows only the fingerprints of the old keys. With the .pub file of an old key you can rotate back to it, but clients must still log in again.'
          : 'The old keys remain valid until their deadline. To keep an old key for longer, rotate again with its .pub file.',
      );
    case 'change':
    case 'resume':
    case 'suspend':
      if (tenant === null) return impossible('There is nothing to undo.');
      return planQuotaUndo({ ...input, action, tenant });
    case 'remove':
      return impossible(
        'You can add the tenant again if you have its public key. It may get different ports.',
      );
    case 'release':
      return impossible(
        'A process that was ended can’t be restored. The tenant binds the port again when it logs in.',
      );
  }
}
