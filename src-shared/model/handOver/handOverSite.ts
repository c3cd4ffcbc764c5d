import type { Deployment } from '../connectYaml/deployments.ts';
import type { PortRange } from '../tenants/ports.ts';

export type HandOverSite = {
  clientId: string;
  /** How the site reaches the appliance, as `host:port`. */
  address: string;
  runs: Deployment;
  /** Fingerprint of the appliance's ed25519 host key; null if unknown, or if several appliances may answer. */
  hostKey: string | null;
  /** The tenant's allotted ports. Empty if the tenant doesn't exist on the appliance yet. */
  ports: readonly PortRange[];
  repositories: readonly { group: string; repository: string; uri: string }[];
};

export const keyName = 'ssh_key.priv';
export const containerName = 'customer-proxy';

/** Joins lines and lists of lines to the text of a file. */
export function lines(...parts: readonly (string | readonly string[])[]): string {
  return `${parts.flat().join('\n')}\n`;
}
