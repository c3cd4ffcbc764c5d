import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { HopName } from '../types.ts';

/** The address without the brackets that people put around IPv6. */
export function plainHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

export function hopNameOf(target: Pick<SshTarget, 'host' | 'port' | 'user'>): HopName {
  const host = plainHost(target.host);
  return `${target.user}@${host.includes(':') ? `[${host}]` : host}:${target.port}`;
}
