import type { ConnectConfiguration } from '../../src-shared/model/connectYaml.ts';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ssh2 from 'ssh2';
import { AppError } from '../../src-shared/errors.ts';
import {
  formatConnectYamlProblem,
  inspectConnectYaml,
  parseConnectYaml,
} from '../../src-shared/model/connectYaml.ts';

/** The configuration with all that it refers to. `privateKey` never leaves this process. */
export type ConnectSettings = {
  configuration: ConnectConfiguration;
  privateKey: string;
  /** Where host keys met for the first time are kept **[ours]**. */
  hostKeyStore: string;
  warnings: string[];
};

function readBounded(path: string, what: string): string {
  try {
    if (statSync(path).size > 1024 * 1024)
      throw new AppError('INVALID_INPUT', `${what} ${path} is too large`);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('INVALID_INPUT', `${what} ${path} can not be read`, { cause });
  }
}

function readPrivateKey(path: string): string {
  const text = readBounded(path, 'the private key');
  // Same rule as OpenSSH's client: a key that others can read is no secret any more.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new AppError('KEY_UNREADABLE', `others may read the private key ${path}; run: chmod 600 ${path}`);
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) {
    const encrypted = /encrypted|passphrase/iu.test(parsed.message);
    throw new AppError(
      'KEY_UNREADABLE',
      encrypted
        ? `the private key ${path} has a passphrase; Connect runs unattended and needs one without`
        : `${path} is no private key that Connect can read`,
    );
  }
  if (!parsed.isPrivateKey())
    throw new AppError('KEY_UNREADABLE', `${path} holds a public key, not a private one`);
  return text;
}

/** Reads `connect.yaml` and the key it names. Throws AppError INVALID_INPUT or KEY_UNREADABLE, one line each. */
export function loadSettings(path: string): ConnectSettings {
  const text = readBounded(path, 'the configuration');
  const configuration = parseConnectYaml(text);
  const folder = dirname(resolve(path));
  return {
    configuration,
    privateKey: readPrivateKey(resolve(folder, configuration.sshKey)),
    hostKeyStore: resolve(folder, 'connect.host_keys'),
    warnings: inspectConnectYaml(text).problems.map(formatConnectYamlProblem),
  };
}
