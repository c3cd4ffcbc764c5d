import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import type { PortRow } from '../../../src-shared/contract/ports.ts';
import { portSchema } from '../../../src-shared/model/tenants/ports.ts';
import { repositoryKeyOf } from './rows.ts';

/** The names in an address, not checked yet: `port` may be any text. */
export type NamedTunnel = { applianceName: string; clientId: string; port: string | null };

export type Selection =
  | { found: 'nothing' }
  | { found: 'row'; row: PortRow; port: number | null }
  | { found: 'no-appliance' | 'no-tenant'; named: NamedTunnel }
  | { found: 'no-port'; named: NamedTunnel; tenant: PortRow };

/**
 * Finds the row that an address names, or the first row of a tenant. `repository` identifies a row without a
 * port, see `repositoryKeyOf`.
 */
export function findSelection({
  rows,
  named,
  appliances,
  repository = '',
}: {
  rows: readonly PortRow[];
  named: NamedTunnel | null;
  appliances: readonly ApplianceView[];
  repository?: string;
}): Selection {
  if (named === null) return { found: 'nothing' };
  const appliance = appliances.find((view) => view.entry.name === named.applianceName);
  const cluster = appliance?.entry.cluster ?? '';
  // When all appliances are shown, a cluster’s tenant is listed once, under the member that holds its
  // session.
  const own = rows.filter(
    (row) =>
      row.clientId === named.clientId &&
      (row.applianceName === named.applianceName || (cluster !== '' && row.cluster === cluster)),
  );
  const [first] = own;
  if (first === undefined) return { found: appliance === undefined ? 'no-appliance' : 'no-tenant', named };
  // A tenant that needs more ports than its quota has rows with and without a port.
  if (named.port === null) {
    const portless = own.filter((one) => one.port === null);
    const chosen = portless.find((row) => repositoryKeyOf(row) === repository);
    return { found: 'row', row: chosen ?? portless[0] ?? first, port: null };
  }
  const row = own.find((one) => String(one.port) === named.port);
  if (row !== undefined) return { found: 'row', row, port: row.port };
  // A tenant without a session has a single row for all its earlier ports.
  const port = /^\d{1,5}$/u.test(named.port) ? portSchema.safeParse(Number(named.port)) : null;
  if (first.port === null && port?.success === true) return { found: 'row', row: first, port: port.data };
  return { found: 'no-port', named, tenant: first };
}
