import { realpathSync } from 'node:fs';
import type { LintOptions, InitOptions } from './arguments.ts';
import type { ConnectYamlContext } from '../../src-shared/model/connectYaml/connectYamlValues.ts';
import { AppError } from '../../src-shared/errors.ts';
import { connectKeyPath } from '../../src-shared/model/connectYaml/deployments.ts';
import { formatLint, hasErrors } from '../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { applyAllFixes } from '../../src-shared/model/connectYaml/connectYamlFix.ts';
import { generateConnectYaml } from '../../src-shared/model/connectYaml/connectYamlGenerate.ts';
import { lintConnectYaml } from '../../src-shared/model/connectYaml/connectYamlLint.ts';
import { replaceFile } from '../../src-shared/node/files.ts';
import { readSmallFile } from './settings.ts';
import { connectVersion } from './version.ts';

const context: ConnectYamlContext = { connectVersion };

/**
 * Output of `connect lint` as text or as one JSON document. `fix`: replaces the file by a copy with all safe
 * fixes. Throws AppError INVALID_INPUT if the file can't be read or written.
 */
export function lintFile(options: LintOptions): { text: string; hasErrors: boolean } {
  const { file, fix, json } = options;
  const { text: before, mode, owner } = readSmallFile(file, 'the configuration');
  const { text, fixed, lint } = fix
    ? applyAllFixes(before, context)
    : { text: before, fixed: 0, lint: lintConnectYaml(before, context) };
  // Write to the target of a link and keep owner and mode, because the service must still be able to read the
  // file.
  if (text !== before) {
    const path = realpathSync(file);
    try {
      replaceFile({ path, data: text, mode, owner, isDurable: true });
    } catch (cause) {
      throw new AppError('INVALID_INPUT', `the configuration ${path} cannot be written`, { cause });
    }
  }
  const { findings } = lint;
  return {
    text: `${json ? JSON.stringify({ fixed, findings }) : formatLint({ file, findings, fixed: fix ? fixed : null })}\n`,
    hasErrors: hasErrors(findings),
  };
}

/** Output of `connect init`: a commented connect.yaml that the user completes. */
export function initialConfiguration(options: InitOptions = {}): string {
  return generateConnectYaml({
    appliance: options.appliance ?? 'appliance.example.com:22',
    sshKey: options.sshKey ?? connectKeyPath,
    hostKey: options.hostKey ?? null,
    bindAddress: null,
    // The examples of the documentation [doc].
    repositories: [
      {
        group: 'example_group',
        repository: 'example_webdav',
        uri: 'webdav+http://webdav.example.com:80/',
      },
      { group: 'example_group', repository: 'example_repo', uri: 'smb://samba.example.com:139' },
    ],
  });
}
