import { defaultQuota } from '../../src-shared/model/tenants/ports.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import { buildTenantCommand, type TenantCommand } from '../driver/tenantCommands.ts';

/** The value of `unchangedSince` if the tenant must not exist yet. */
const noTenant = 'none';

function addCommands(
  action: Extract<TenantAction, { kind: 'add' | 'rotate' }>,
  since: string,
  publicKeyPath: string,
): TenantCommand[] {
  const { clientId } = action;
  const add = buildTenantCommand({
    verb: 'add',
    clientId,
    publicKeyPath: action.key.from === 'given' ? publicKeyPath : null,
    replace: action.kind === 'rotate',
    overlapHours: action.kind === 'rotate' ? action.overlapHours : null,
    unchangedSince: since,
  });
  const isNew = action.kind === 'add' && since === noTenant;
  // A new tenant gets the default quota [doc: 20]. Any other quota needs a second command.
  if (!isNew || action.quota === null || action.quota === defaultQuota) return [add];
  // No check with `unchangedSince`, because the first command has just created the tenant.
  return [add, buildTenantCommand({ verb: 'change', quota: action.quota, clientId, unchangedSince: null })];
}

/**
 * Returns the commands of a change in order. The appliance refuses them if the tenant differs from `before`.
 */
export function buildCommands(input: {
  action: TenantAction;
  before: Tenant | null;
  /** Path of the uploaded public key on the appliance. */
  publicKeyPath: string;
}): TenantCommand[] {
  const { action } = input;
  const { clientId } = action;
  const unchangedSince = input.before?.changedAt ?? noTenant;
  switch (action.kind) {
    case 'add':
    case 'rotate':
      return addCommands(action, unchangedSince, input.publicKeyPath);
    case 'change':
    case 'resume':
      return [buildTenantCommand({ verb: 'change', quota: action.quota, clientId, unchangedSince })];
    case 'suspend':
      return [buildTenantCommand({ verb: 'change', quota: 0, clientId, unchangedSince })];
    case 'remove':
      return [buildTenantCommand({ verb: 'remove', clientId, unchangedSince })];
    case 'release':
      return [
        buildTenantCommand({
          verb: 'release',
          port: action.port,
          pid: action.pid,
          clientId,
          unchangedSince,
        }),
      ];
  }
}
