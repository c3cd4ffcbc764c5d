import { plainHost } from '../../../src-shared/model/appliance/address.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { HopName } from '../types.ts';

export function hopNameOf(target: Pick<SshTarget, 'host' | 'port' | 'user'>): HopName {
  const host = plainHost(target.host);
  return `${target.user}@${host.includes(':') ? `[${host}]` : host}:${target.port}`;
}
