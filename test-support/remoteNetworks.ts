import {
  remoteNetworksSchema,
  tenantChangeSchema,
  type RemoteNetworks,
  type Tenant,
  type TenantChange,
} from '../src-shared/model/tenants/remoteNetworks.ts';
import type { StockBox } from './stockBox.ts';

type Appliance = Pick<StockBox, 'ke'>;

async function answer(appliance: Appliance, words: readonly string[]): Promise<unknown> {
  const argv = ['ke_manage_remote_networks', ...words, '--json'];
  const { exitCode, stdout, stderr } = await appliance.ke(argv);
  if (exitCode !== 0 || stderr !== '') throw new Error(`${argv.join(' ')} ended with ${exitCode}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Runs a command that changes a tenant. Rejects unless it succeeds without a warning. */
export async function changeTenant(appliance: Appliance, ...words: string[]): Promise<TenantChange> {
  return tenantChangeSchema.parse(await answer(appliance, words));
}

export async function listNetworks(appliance: Appliance): Promise<RemoteNetworks> {
  return remoteNetworksSchema.parse(await answer(appliance, ['list']));
}

export async function findTenant(appliance: Appliance, clientId: string): Promise<Tenant | undefined> {
  return (await listNetworks(appliance)).tenants.find((tenant) => tenant.clientId === clientId);
}

/** Returns the tenant. Rejects if the appliance does not list it. */
export async function showTenant(appliance: Appliance, clientId: string): Promise<Tenant> {
  const tenant = await findTenant(appliance, clientId);
  if (tenant === undefined) throw new Error(`${clientId} is not listed`);
  return tenant;
}
