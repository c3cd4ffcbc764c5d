import { connectKeyPath } from '../../src-shared/model/connectPlaces.ts';
import { formatConnectYamlFinding } from '../../src-shared/model/connectYamlFinding.ts';
import { generateConnectYaml } from '../../src-shared/model/connectYamlGenerate.ts';
import { lintConnectYaml } from '../../src-shared/model/connectYamlLint.ts';
import { readBounded } from './settings.ts';

/** What `connect lint FILE` prints. Throws AppError INVALID_INPUT when the file can't be read. */
export function lintFile(path: string, json: boolean): { text: string; hasErrors: boolean } {
  const { findings } = lintConnectYaml(readBounded(path, 'the configuration'));
  const hasErrors = findings.some(({ severity }) => severity === 'error');
  const text = json
    ? `${JSON.stringify({ findings })}\n`
    : findings.map((finding) => `${formatConnectYamlFinding(finding)}\n`).join('');
  return { text, hasErrors };
}

/** What `connect init` prints: a connect.yaml to fill in, which is valid as it stands. */
export function initialConfiguration(): string {
  return generateConnectYaml({
    appliance: 'appliance.example.com:22',
    sshKey: connectKeyPath,
    hostKey: null,
    bindAddress: null,
    repositories: [
      { group: 'example_group', repository: 'example_webdav', uri: 'webdav+http://webdav.example.com:80/' },
      { group: 'example_group', repository: 'example_share', uri: 'smb://samba.example.com:445' },
    ],
  });
}
