import { formatConnectYamlProblem, inspectConnectYaml } from '../../src-shared/model/connectYaml.ts';
import { readBounded } from './settings.ts';

/** What `connect lint FILE` prints. Throws AppError INVALID_INPUT when the file can't be read. */
export function lintFile(path: string, json: boolean): { text: string; hasErrors: boolean } {
  const { problems } = inspectConnectYaml(readBounded(path, 'the configuration'));
  const hasErrors = problems.some(({ severity }) => severity === 'error');
  const text = json
    ? `${JSON.stringify({ problems })}\n`
    : problems.map((problem) => `${problem.severity}: ${formatConnectYamlProblem(problem)}\n`).join('');
  return { text, hasErrors };
}

/** What `connect init` prints: a connect.yaml to fill in, which is valid as it stands. */
export function initialConfiguration(): string {
  return `# connect.yaml: what this site offers to its appliance. Check it with: connect lint connect.yaml
# The appliance, as host:port of its SSH server.
appliance: "appliance.example.com:22"
# The private key whose public half the operator registered; readable by Connect's user alone (chmod 600).
ssh_key: "/etc/connect/ssh_key.priv"
# The fingerprint of the appliance's host key, which the operator tells. Without it the first contact is trusted.
# host_key: "SHA256:..."
# Group, repository and where it is: service[+scheme]://host:port[path]
repositories:
  example_group:
    example_webdav: "webdav+http://webdav.example.com:80/"
    example_share: "smb://samba.example.com:445"
`;
}
