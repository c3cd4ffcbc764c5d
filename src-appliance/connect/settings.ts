import type { ConnectConfiguration } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ssh2 from 'ssh2';
import { AppError } from '../../src-shared/errors.ts';
import { formatConnectYamlFinding } from '../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { lintConnectYaml, parseConnectYaml } from '../../src-shared/model/connectYaml/connectYamlLint.ts';
import { connectVersion } from './version.ts';

/** The configuration with all that it refers to. `privateKey` never leaves this process. */
export type ConnectSettings = {
  configuration: ConnectConfiguration;
  privateKey: string;
  /** Where host keys met for the first time are kept **[ours]**. */
  hostKeyStore: string;
  warnings: string[];
};

const maxFile = 1024 * 1024;

/** Reads a regular file. Anything else, a pipe or a device, might never end or never begin. Throws INVALID_INPUT. */
export function readBounded(
  path: string,
  what: string,
): { text: string; mode: number; owner: { uid: number; gid: number } } {
  let descriptor: number | null = null;
  try {
    // Opening a pipe would wait for its other end.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new AppError('INVALID_INPUT', `${what} ${path} is no regular file`);
    if (found.size > maxFile) throw new AppError('INVALID_INPUT', `${what} ${path} is too large`);
    return {
      text: readFileSync(descriptor, 'utf8'),
      mode: found.mode,
      owner: { uid: found.uid, gid: found.gid },
    };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('INVALID_INPUT', `${what} ${path} can not be read`, { cause });
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function readPrivateKey(path: string): string {
  const { text, mode } = readBounded(path, 'the private key');
  const parsed = ssh2.utils.parseKey(text);
  // Before its mode: a public key may be read by all, and chmod would help nobody.
  if (!(parsed instanceof Error) && !parsed.isPrivateKey())
    throw new AppError('KEY_UNREADABLE', `${path} holds a public key, not a private one`);
  // Same rule as OpenSSH's client: a key that others can read is no secret any more.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new AppError('KEY_UNREADABLE', `others may read the private key ${path}; run: chmod 600 ${path}`);
  if (parsed instanceof Error) {
    const encrypted = /encrypted|passphrase/iu.test(parsed.message);
    throw new AppError(
      'KEY_UNREADABLE',
      encrypted
        ? `the private key ${path} has a passphrase; Connect runs unattended and needs one without`
        : `${path} is no private key that Connect can read`,
    );
  }
  return text;
}

/** Reads `connect.yaml` and the key it names. Throws AppError INVALID_INPUT or KEY_UNREADABLE, one line each. */
export function loadSettings(path: string): ConnectSettings {
  const { text } = readBounded(path, 'the configuration');
  const configuration = parseConnectYaml(text);
  const folder = dirname(resolve(path));
  return {
    configuration,
    privateKey: readPrivateKey(resolve(folder, configuration.sshKey)),
    // A service may not write where its configuration lies; systemd names the folder that it may write to.
    hostKeyStore: resolve(process.env['STATE_DIRECTORY']?.split(':')[0] ?? folder, 'connect.host_keys'),
    warnings: lintConnectYaml(text, { connectVersion })
      .findings.filter(({ severity }) => severity === 'warning')
      .map((finding) => formatConnectYamlFinding(finding, path)),
  };
}
