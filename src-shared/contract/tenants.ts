import { z } from 'zod';
import { tunnelSchema } from '../model/chain.ts';
import { tenantSchema } from '../model/remoteNetworks.ts';
import { instantSchema } from '../model/time.ts';
import { procedure } from './procedure.ts';

export const tenantViewSchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  observedAt: instantSchema,
  tenant: tenantSchema,
  /** Judged by the console; never empty. */
  tunnels: z.array(tunnelSchema).min(1),
});
export type TenantView = z.infer<typeof tenantViewSchema>;

export const tenantsContract = {
  /** The last known tenants of one appliance, or of all; sorted by appliance, then tenant. */
  list: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid().nullable() }))
    .output(z.object({ tenants: z.array(tenantViewSchema) })),
};
