import { isIP } from 'node:net';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { RedactionOptions } from '../../../src-shared/model/syslog/redact/redactor.ts';
import type { Fleet } from '../../fleet/fleet.ts';

const distinct = (names: readonly string[]) => [...new Set(names.filter((name) => name !== ''))];

/** The names that the console knows, for redaction: of tenants, hosts and users, also of appliances that are not exported. */
export function namesToHide(
  entries: readonly ApplianceEntry[],
  fleet: Pick<Fleet, 'known' | 'networks'>,
): RedactionOptions['names'] {
  const hops = entries.flatMap(({ target, jumps }) => [target, ...jumps]);
  return {
    tenants: distinct(entries.flatMap(({ id }) => fleet.networks(id).map(({ clientId }) => clientId))),
    hosts: distinct([
      ...entries.flatMap(({ id, name, cluster }) => [
        name,
        cluster,
        fleet.known(id).status?.value.identity.hostname ?? '',
      ]),
      ...hops.map(({ host }) => host).filter((host) => isIP(host) === 0),
    ]),
    users: distinct(hops.map(({ user }) => user)),
  };
}
