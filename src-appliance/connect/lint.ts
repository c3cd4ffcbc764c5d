import { realpathSync } from 'node:fs';
import type { LintOptions, InitOptions } from './arguments.ts';
import type { ConnectYamlContext } from '../../src-shared/model/connectYaml/connectYamlValues.ts';
import { AppError } from '../../src-shared/errors.ts';
import { connectKeyPath } from '../../src-shared/model/connectYaml/deployments.ts';
import {
  countFindings,
  formatConnectYamlFinding,
} from '../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { applyAllFixes } from '../../src-shared/model/connectYaml/connectYamlFix.ts';
import { generateConnectYaml } from '../../src-shared/model/connectYaml/connectYamlGenerate.ts';
import { lintConnectYaml } from '../../src-shared/model/connectYaml/connectYamlLint.ts';
import { writeFileAtomically } from '../core/state/atomicFile.ts';
import { readBounded } from './settings.ts';
import { connectVersion } from './version.ts';

const context: ConnectYamlContext = { connectVersion };

/**
 * What `connect lint` prints, a line each or one JSON document; with `fix` the file is replaced by one without the
 * findings that have a safe fix. Throws AppError INVALID_INPUT for a file that can't be read or written.
 */
export async function lintFile(options: LintOptions): Promise<{ text: string; hasErrors: boolean }> {
  const { file, fix, json } = options;
  const { text: before, mode, owner } = readBounded(file, 'the configuration');
  let findings = lintConnectYaml(before, context).findings;
  let fixed = 0;
  if (fix) {
    const result = applyAllFixes(before, context);
    ({ fixed } = result);
    ({ findings } = result.lint);
    // A link to the file stays one, and who may read it still may: it is the service's, and another edits it.
    if (result.text !== before)
      await replace({ path: realpathSync(file), data: result.text, mode: mode & 0o777, owner });
  }
  const lines = [
    ...findings.flatMap((finding) => [
      formatConnectYamlFinding(finding, file),
      ...(finding.fix === null ? [] : [`  fix: ${finding.fix.title}`]),
    ]),
    ...(fix ? [`${fixed} fixed.`] : []),
    countFindings(findings),
  ];
  return {
    text: json ? `${JSON.stringify({ fixed, findings })}\n` : lines.map((line) => `${line}\n`).join(''),
    hasErrors: findings.some(({ severity }) => severity === 'error'),
  };
}

async function replace(file: Parameters<typeof writeFileAtomically>[0]): Promise<void> {
  try {
    await writeFileAtomically(file);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `the configuration ${file.path} can not be written`, { cause });
  }
}

/** What `connect init` prints: a commented connect.yaml to fill in. */
export function initialConfiguration(options: InitOptions = {}): string {
  return generateConnectYaml({
    appliance: options.appliance ?? 'appliance.example.com:22',
    sshKey: options.sshKey ?? connectKeyPath,
    hostKey: options.hostKey ?? null,
    bindAddress: null,
    // The documented examples [doc].
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
