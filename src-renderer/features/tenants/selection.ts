import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import type { PortRow } from '../../../src-shared/contract/ports.ts';
import { portSchema } from '../../../src-shared/model/tenants/ports.ts';
import { repositoryKeyOf } from './rows.ts';

/** What an address names, as it stands there: `port` may be anything. */
export type NamedTunnel = { applianceName: string; clientId: string; port: string | null };

export type Selection =
  | { found: 'nothing' }
  | { found: 'row'; row: PortRow; port: number | null }
  | { found: 'no-appliance' | 'no-tenant'; named: NamedTunnel }
  | { found: 'no-port'; named: NamedTunnel; tenant: PortRow };

/**
 * The row that an address names; the tenant's first if it names the tenant as a whole. `repository`, as
 * `repositoryKeyOf`, tells rows without a port apart.
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
  // Beside all appliances a tenant of a cluster stands once, under the member that has its session.
  const own = rows.filter(
    (row) =>
      row.clientId === named.clientId &&
      (row.applianceName === named.applianceName || (cluster !== '' && row.cluster === cluster)),
  );
  const [first] = own;
  if (first === undefined) return { found: appliance === undefined ? 'no-appliance' : 'no-tenant', named };
  // A tenant may have a row without a port beside others: one that wants more ports than it may use.
  if (named.port === null) {
    const portless = own.filter((one) => one.port === null);
    const chosen = portless.find((row) => repositoryKeyOf(row) === repository);
    return { found: 'row', row: chosen ?? portless[0] ?? first, port: null };
  }
  const row = own.find((one) => String(one.port) === named.port);
  if (row !== undefined) return { found: 'row', row, port: row.port };
  // A tenant without a session has one row for all the ports that it had.
  const port = /^\d{1,5}$/u.test(named.port) ? portSchema.safeParse(Number(named.port)) : null;
  if (first.port === null && port?.success === true) return { found: 'row', row: first, port: port.data };
  return { found: 'no-port', named, tenant: first };
}
