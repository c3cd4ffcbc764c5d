import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';
import type { HostKey } from '../../src-shared/model/appliance/hostKey.ts';
import { findInKnownHosts } from '../../src-shared/model/appliance/knownHosts.ts';
import type { KnownHostsAnswer } from '../../src-shared/model/appliance/knownHostsAnswer.ts';
import { decodeText } from '../../src-shared/base/textEncoding.ts';
import { readBounded } from '../../src-shared/node/files.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import type { Log } from '../base/log.ts';

export const maxKnownHostsBytes = 16 * 1024 * 1024;

export const defaultKnownHostsFiles = [
  join(homedir(), '.ssh', 'known_hosts'),
  '/etc/ssh/ssh_known_hosts',
] as const;

export type KnownHosts = ReturnType<typeof createKnownHosts>;

/**
 * Looks up host keys in the known_hosts files of this computer. Reads the files each time and never writes
 * them.
 */
export function createKnownHosts(options: { files: readonly string[]; log: Log }) {
  function read(file: string): { file: string; text: string | null }[] {
    try {
      const found = readBounded(file, { maxBytes: maxKnownHostsBytes });
      if (typeof found === 'object') return [{ file, text: decodeText(found.content) }];
      // A device such as /dev/null contains no keys.
      if (found === 'not-a-file') return [];
      options.log.info({ file, why: found }, 'could not read known_hosts');
    } catch (thrown) {
      if (['ENOENT', 'ENOTDIR'].includes(String(systemErrorCode(thrown)))) return [];
      options.log.info({ err: thrown, file }, 'could not read known_hosts');
    }
    return [{ file, text: null }];
  }
  const find = (at: { host: string; port: number }, offered: HostKey): KnownHostsAnswer =>
    findInKnownHosts(options.files.flatMap(read), at, offered);
  return {
    find,
    /** Like `find`, but throws HOST_KEY_REVOKED for a revoked key. */
    findUnlessRevoked: (at: { host: string; port: number }, offered: HostKey): KnownHostsAnswer => {
      const found = find(at, offered);
      if (found.answer !== 'revoked') return found;
      const place = found.place === null ? '' : ` (${found.place.file}, line ${found.place.line})`;
      throw new AppError(
        'HOST_KEY_REVOKED',
        `The host key of ${at.host}:${at.port} is revoked in known_hosts${place}: ${offered.fingerprint}.`,
        { detail: { host: at.host, port: at.port, fingerprint: offered.fingerprint } },
      );
    },
  };
}
