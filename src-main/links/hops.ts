import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry, SshTarget } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { VerifyHostKey } from '../ssh/types.ts';
import type { KnownHosts } from './knownHosts.ts';

export function hopsOf(entry: ApplianceEntry): readonly SshTarget[] {
  return [...entry.jumps, entry.target];
}

/**
 * Accepts a host key only if it is pinned and not revoked in known_hosts. If the pin is only a fingerprint,
 * adds the key type to it.
 */
export function createPinVerifier(inventory: Inventory, knownHosts: KnownHosts): VerifyHostKey {
  return async (hop, offered) => {
    const found = knownHosts.findUnlessRevoked(hop, offered);
    const pinned = inventory.pinned(hop);
    const detail = {
      hop: hop.name,
      host: hop.host,
      port: hop.port,
      offered,
      pinned: pinned === null ? null : { type: pinned.type, fingerprint: pinned.fingerprint },
      knownHosts: found,
    };
    if (pinned === null)
      throw new AppError(
        'HOST_KEY_UNKNOWN',
        `The host key of ${hop.host}:${hop.port} is not pinned yet: ${offered.type} ${offered.fingerprint}.`,
        { detail },
      );
    if (pinned.fingerprint !== offered.fingerprint)
      throw new AppError(
        'HOST_KEY_CHANGED',
        `The host key of ${hop.host}:${hop.port} changed: pinned is ${pinned.fingerprint}, offered was ${offered.fingerprint}.`,
        { detail },
      );
    if (pinned.type === '') inventory.pin(hop, offered);
  };
}
