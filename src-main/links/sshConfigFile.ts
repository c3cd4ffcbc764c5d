import { globSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { decodeText } from '../../src-shared/base/textEncoding.ts';
import { AppError } from '../../src-shared/errors.ts';
import { readSshConfig } from '../../src-shared/model/appliance/sshConfig.ts';
import type { SshConfigFile } from '../../src-shared/model/appliance/sshConfigSyntax.ts';
import { readBounded } from '../../src-shared/node/files.ts';
import { expandHome } from '../ssh/transport/homePath.ts';

export const maxSshConfig = 1024 * 1024;
const maxMatches = 64;

export const defaultSshConfig = () => join(homedir(), '.ssh', 'config');

function read(path: string): SshConfigFile[] {
  try {
    const file = readBounded(path, { maxBytes: maxSshConfig });
    return typeof file === 'object' ? [{ name: path, text: decodeText(file.content) }] : [];
  } catch {
    // Like ssh, ignore an Include that matches no file.
    return [];
  }
}

/**
 * Resolves the paths of Include lines: relative to ~/.ssh like ssh, or to the folder of the file if it is
 * elsewhere **[ours]**.
 */
function createReadInclude(folder: string) {
  return (pattern: string): SshConfigFile[] => {
    const expanded = expandHome(pattern);
    const path = isAbsolute(expanded) ? expanded : join(folder, expanded);
    return globSync(path).toSorted().slice(0, maxMatches).flatMap(read);
  };
}

/**
 * Reads an ssh_config file and the files that it includes. Throws INVALID_INPUT if the file can't be read.
 */
export function readSshConfigFile(path = defaultSshConfig()) {
  const [file] = read(path);
  if (file === undefined)
    throw new AppError('INVALID_INPUT', `${path} can’t be read, or is larger than 1 MB.`);
  return readSshConfig({
    file,
    readInclude: createReadInclude(dirname(path)),
    people: { localUser: userInfo().username, homeFolder: homedir() },
  });
}
