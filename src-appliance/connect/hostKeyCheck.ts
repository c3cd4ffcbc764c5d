import type { ConnectLog } from './log.ts';
import { existsSync, readFileSync } from 'node:fs';
import { fingerprintOf } from '../../src-shared/base/sshWire.ts';
import { replaceFile } from '../../src-shared/node/files.ts';

/**
 * Verifies the appliance's host key **[ours]**: against `host_key` of connect.yaml, or else against the key
 * of the first connection, which is stored in `storePath` as one line `HOST:PORT FINGERPRINT`.
 */
export function createHostKeyCheck(options: {
  address: string;
  pinned: string | null;
  storePath: string;
  log: ConnectLog;
}): (keyBlob: Buffer) => boolean {
  const { address, storePath, log } = options;
  return (keyBlob) => {
    const offered = fingerprintOf(keyBlob);
    const stored = existsSync(storePath) ? readFileSync(storePath, 'utf8').split('\n') : [];
    const known =
      options.pinned ?? stored.find((line) => line.startsWith(`${address} `))?.slice(address.length + 1);
    if (known === offered) return true;
    if (known !== undefined) {
      log(
        'error',
        options.pinned === null
          ? `the host key of ${address} changed: offered ${offered}, known ${known} from ${storePath}; nothing was sent`
          : `the host key of ${address} does not match host_key in connect.yaml: offered ${offered}, pinned ${known}; nothing was sent`,
      );
      return false;
    }
    const lines = [...stored.filter((line) => line !== ''), `${address} ${offered}`, ''];
    try {
      replaceFile({ path: storePath, data: lines.join('\n'), mode: 0o600 });
    } catch {
      // Refuse the key. If it isn't stored, the next connection would again trust any key without a check.
      log(
        'error',
        `the host key ${offered} of ${address} cannot be stored in ${storePath}; check that it is the appliance’s key, then set it as host_key in connect.yaml`,
      );
      return false;
    }
    log(
      'warn',
      `first connection to ${address}: its host key ${offered} is trusted from now on; check that it is the key of the appliance`,
    );
    return true;
  };
}
