import { statSync } from 'node:fs';
import type { PortRange } from '../../../src-shared/model/tenants/ports.ts';
import { findDeadline, findTenantById, tenantsPath } from './authorization.ts';
import { isExpired, readMoment } from '../licence/moment.ts';
import { callEvery } from '../../../src-shared/node/callEvery.ts';

/**
 * How often the state is checked. Not watched with inotify, because a user may have only 128 watches and
 * there may be more sessions.
 */
const checkMs = 500;

/** Different after each replacement of the file. Null if the file can't be read. */
function stateVersion(stateFolder: string): string | null {
  try {
    const { ino, mtimeMs } = statSync(tenantsPath(stateFolder));
    return `${ino}:${mtimeMs}`;
  } catch {
    return null;
  }
}

/**
 * Watches the state for a live session until the returned function is called. Calls `onPorts` when the
 * tenant's allotment differs from the last one, which is `ports` at the start. Calls `onKeyExpired` when the
 * session's key expires.
 */
export function watchAllotment(options: {
  stateFolder: string;
  clientId: string;
  fingerprint: string;
  ports: readonly PortRange[];
  now: () => number;
  onPorts: (ports: PortRange[]) => void;
  onKeyExpired: () => void;
}): () => void {
  const { stateFolder, clientId, fingerprint } = options;
  let ports = JSON.stringify(options.ports);
  let version: string | null = null;
  let deadline = findDeadline({ stateFolder, clientId, fingerprint });

  const check = () => {
    const current = stateVersion(stateFolder);
    if (current !== null && current !== version) {
      deadline = findDeadline({ stateFolder, clientId, fingerprint });
      const found = findTenantById({ stateFolder, clientId });
      version = current;
      if (found !== null && JSON.stringify(found.ports) !== ports) {
        ports = JSON.stringify(found.ports);
        options.onPorts(found.ports);
      }
    }
    if (deadline?.expiresAt == null) return;
    if (isExpired(deadline, readMoment(stateFolder, options.now()))) options.onKeyExpired();
  };
  // On an error, the next check tries again.
  return callEvery({ everyMs: checkMs, work: check, onError: () => undefined });
}
