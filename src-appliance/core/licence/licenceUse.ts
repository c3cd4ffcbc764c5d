import {
  isRepositoryService,
  repositoryServiceNames,
  serviceByOtherName,
  type RepositoryService,
} from '../../../src-shared/model/connectYaml/repositoryServices.ts';
import type { Appliance } from '../appliance.ts';
import { listTenants } from '../tenants/tenantList.ts';

/** A connector that a tenant's repository uses. */
export type ConnectorUse = { service: RepositoryService; clientId: string; port: number };

function serviceOf(uri: string): RepositoryService | null {
  const [scheme = ''] = uri.split(':', 1);
  const [name = ''] = scheme.toLowerCase().split('+', 1);
  return isRepositoryService(name) ? name : (serviceByOtherName(name)?.service ?? null);
}

/** The connectors that the tenants' announced repositories use, sorted by port. */
export async function listConnectorUses(appliance: Appliance): Promise<ConnectorUse[]> {
  const { tenants } = await listTenants(appliance, null);
  return tenants
    .flatMap(({ clientId, forwards }) =>
      forwards.flatMap(({ port, uri }) => {
        const service = uri === null ? null : serviceOf(uri);
        return service === null ? [] : [{ service, clientId, port }];
      }),
    )
    .toSorted((a, b) => a.port - b.port);
}

/** The connectors in use, each once, in the order of the table of services. */
export function usedConnectors(uses: readonly ConnectorUse[]): RepositoryService[] {
  return repositoryServiceNames.filter((name) => uses.some(({ service }) => service === name));
}
