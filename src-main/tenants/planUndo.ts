import { formatRanges } from '../../src-shared/model/ports.ts';
import type { Tenant } from '../../src-shared/model/remoteNetworks.ts';
import type { TenantAction, TenantPlan } from '../../src-shared/model/tenantPlan.ts';

const program = 'ke_manage_remote_networks';
const withPorts = (tenant: Tenant) => formatRanges(tenant.ports);

const impossible = (text: string) => ({ possible: false, text, command: null });

/** A key can't be taken away on its own: the key that is to stay replaces all others. */
function undoOfKey({ clientId, keys }: Tenant): TenantPlan['undo'] {
  if (keys.length > 1)
    return impossible(
      `A single key can't be removed. Rotating replaces all keys of ${clientId} with one that is to stay, and ends the sessions of the others.`,
    );
  return {
    possible: true,
    text: `Replace both keys with the old one, from its .pub file (PATH): sessions of the new key end then.`,
    command: `${program} add ${clientId} --pub-key PATH -f`,
  };
}

/** How to take a change back, for people; names and numbers only, so the command needs no quoting. */
export function planUndo(action: TenantAction, tenant: Tenant | null): TenantPlan['undo'] {
  const { clientId } = action;
  switch (action.kind) {
    case 'add':
      if (tenant !== null) return undoOfKey(tenant);
      return {
        possible: true,
        text: 'Remove it again; its ports are free at once.',
        command: `${program} remove ${clientId}`,
      };
    case 'rotate':
      return impossible(
        action.overlapHours === null
          ? 'The console knows only the fingerprints of the old keys. With the old .pub file the key can be rotated back; clients must log in again either way.'
          : 'The old keys stay good until their deadline. To keep one for longer, rotate again with its .pub file.',
      );
    case 'change':
      if (tenant === null) return impossible('There is nothing to go back to.');
      return {
        possible: true,
        text:
          action.quota < tenant.quota
            ? `The old quota can be given back, and the ports that are given up with it as long as nobody else got them. Clients log in again by themselves if they retry.`
            : `The old quota can be set again: the tenant then has ${withPorts(tenant)} as before, and its clients have to log in again.`,
        command: `${program} change ${tenant.quota} ${clientId}`,
      };
    case 'suspend':
      if (tenant === null) return impossible('There is nothing to go back to.');
      return {
        possible: true,
        text: `Resume it with its quota of ${tenant.quota}: key and ports (${withPorts(tenant)}) are kept.`,
        command: `${program} change ${tenant.quota} ${clientId}`,
      };
    case 'resume':
      return {
        possible: true,
        text: 'Suspend it again: its sessions end, key and ports are kept.',
        command: `${program} change 0 ${clientId}`,
      };
    case 'remove':
      return impossible(
        'It can be added again with its public key, which the appliance and this console then no longer have; it may get other ports.',
      );
    case 'release':
      return impossible(
        'A process that was ended does not come back; the tenant takes the port again when it logs in.',
      );
  }
}
