import { repositoryServiceNames } from '../../../src-shared/model/connectYaml/repositoryServices.ts';
import { connectorOf } from '../../../src-shared/model/licence/connectorOf.ts';
import type { Appliance } from '../appliance.ts';
import { listTenants } from '../tenants/tenantList.ts';

/** A connector that a tenant's repository uses. */
export type ConnectorUse = { connector: string; clientId: string; port: number };

/** The connectors that the tenants' announced repositories use, sorted by port. */
export async function listConnectorUses(appliance: Appliance): Promise<ConnectorUse[]> {
  const { tenants } = await listTenants(appliance, null);
  return tenants
    .flatMap(({ clientId, forwards }) =>
      forwards.flatMap(({ port, uri }) => {
        const connector = uri === null ? null : connectorOf(uri);
        return connector === null ? [] : [{ connector, clientId, port }];
      }),
    )
    .toSorted((a, b) => a.port - b.port);
}

/** The connectors in use, each once, in the order of the table of services. */
export function usedConnectors(uses: readonly ConnectorUse[]): string[] {
  return repositoryServiceNames.filter((name) => uses.some(({ connector }) => connector === name));
}
