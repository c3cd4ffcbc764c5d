import type { PortRow } from '../../../src-shared/contract/ports.ts';

type NamedTunnel = Pick<PortRow, 'applianceName' | 'clientId' | 'port'>;

/** The port from which a peer connects says nothing about a tenant. */
const peerPort = /\bfrom \S+ port \d+/gu;

/**
 * The tenants and ports that the text of a line names. A named port replaces its tenant alone. `port` is null if only
 * the tenant is named.
 */
export function findNamedTunnels(message: string, rows: readonly NamedTunnel[]): NamedTunnel[] {
  const words = message.replaceAll(peerPort, '').match(/[a-z0-9][a-z0-9._-]*/giu) ?? [];
  // A name may be the end of a sentence.
  const named = new Set(words.flatMap((word) => [word, word.replace(/[._-]+$/u, '')]));
  const ports = rows.filter(({ port }) => port !== null && named.has(String(port)));
  const tenantsOfPorts = new Set(ports.map(({ clientId }) => clientId));
  const tenants = new Map(
    rows
      .filter(({ clientId }) => named.has(clientId) && !tenantsOfPorts.has(clientId))
      .map(({ applianceName, clientId }) => [clientId, { applianceName, clientId, port: null }]),
  );
  return [
    ...ports.map(({ applianceName, clientId, port }) => ({ applianceName, clientId, port })),
    ...tenants.values(),
  ];
}
