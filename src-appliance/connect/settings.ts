import type { ConnectConfiguration } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { dirname, resolve } from 'node:path';
import ssh2 from 'ssh2';
import { AppError } from '../../src-shared/errors.ts';
import { formatConnectYamlFinding } from '../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { lintConnectYaml, parseConnectYaml } from '../../src-shared/model/connectYaml/connectYamlLint.ts';
import { connectVersion } from './version.ts';
import { readBounded } from '../../src-shared/node/files.ts';
import { readKeyForm } from '../../src-shared/node/privateKeys/keyForm.ts';

/**
 * The configuration, and the content of the files that it names. `privateKey` never leaves this process.
 */
export type ConnectSettings = {
  configuration: ConnectConfiguration;
  privateKey: string;
  /** File that stores the host keys of first connections **[ours]**. */
  hostKeyStore: string;
  warnings: string[];
};

const maxFile = 1024 * 1024;

/**
 * Reads a regular file. Refuses pipes and devices, because reading them might never end. Throws
 * INVALID_INPUT.
 */
export function readSmallFile(path: string, what: string) {
  let file: ReturnType<typeof readBounded>;
  try {
    file = readBounded(path, { maxBytes: maxFile });
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `${what} ${path} cannot be read`, { cause });
  }
  if (file === 'not-a-file') throw new AppError('INVALID_INPUT', `${what} ${path} is not a regular file`);
  if (file === 'too-large') throw new AppError('INVALID_INPUT', `${what} ${path} is too large`);
  const { content, mode, owner } = file;
  return { content, text: content.toString('utf8'), mode, owner };
}

/** The key in the form that ssh2 reads. */
function readPrivateKey(path: string): string {
  const { content, mode } = readSmallFile(path, 'the private key');
  const form = readKeyForm(content);
  // Check this before the mode. The advice to use chmod would be wrong for a public key.
  if (form.kind === 'public')
    throw new AppError('KEY_UNREADABLE', `${path} holds a public key, not a private one`);
  // The same rule as in OpenSSH's client: others must not be able to read a private key.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new AppError('KEY_UNREADABLE', `others may read the private key ${path}; run: chmod 600 ${path}`);
  if (form.kind === 'unusable')
    throw new AppError('KEY_UNREADABLE', `the private key ${path} can't be used: ${form.reason}`);
  if (form.isEncrypted)
    throw new AppError(
      'KEY_UNREADABLE',
      `the private key ${path} has a passphrase; Connect runs unattended and needs a key without one`,
    );
  if (ssh2.utils.parseKey(form.text) instanceof Error)
    throw new AppError('KEY_UNREADABLE', `${path} is not a private key that Connect can read`);
  return form.text;
}

/**
 * Reads `connect.yaml` and its key. Throws AppError INVALID_INPUT or KEY_UNREADABLE with a message of one
 * line.
 */
export function loadSettings(path: string): ConnectSettings {
  const { text } = readSmallFile(path, 'the configuration');
  const configuration = parseConnectYaml(text);
  const folder = dirname(resolve(path));
  return {
    configuration,
    privateKey: readPrivateKey(resolve(folder, configuration.sshKey)),
    // A service may not be able to write next to its configuration, so systemd provides a writable folder.
    hostKeyStore: resolve(process.env['STATE_DIRECTORY']?.split(':')[0] ?? folder, 'connect.host_keys'),
    warnings: lintConnectYaml(text, { connectVersion })
      .findings.filter(({ severity }) => severity === 'warning')
      .map((finding) => formatConnectYamlFinding(finding, path)),
  };
}
