import { connectKeyPath, connectYamlPath } from './deployments.ts';
import { formatYamlScalar } from './connectYamlDocument.ts';
import { describeServices } from './repositoryServices.ts';

/** The values of a form, unchecked. The linter checks the generated text. */
export type ConnectYamlForm = {
  /** `host:port` */
  appliance: string;
  sshKey: string;
  hostKey: string | null;
  bindAddress: string | null;
  repositories: readonly { group: string; repository: string; uri: string }[];
};

function quoted(value: string): string {
  const text = formatYamlScalar(value);
  return text.startsWith('"') ? text : `"${text}"`;
}

function optionalLines(form: ConnectYamlForm): string[] {
  const lines: string[] = [];
  lines.push(
    '',
    '# Host key fingerprint of the appliance. Connect accepts only the appliance that has this key.',
    '# Check it with the appliance’s operator, who runs: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
    form.hostKey === null ? '# host_key: "SHA256:…"' : `host_key: ${quoted(form.hostKey)}`,
  );
  if (form.bindAddress !== null)
    lines.push(
      '',
      '# Local IP address from which Connect connects to the appliance.',
      `bind_address: ${quoted(form.bindAddress)}`,
    );
  return lines;
}

/** A commented connect.yaml. Groups and repositories keep their order, and a group's repositories are listed together. */
export function generateConnectYaml(form: ConnectYamlForm): string {
  const groups = new Map<string, { repository: string; uri: string }[]>();
  for (const { group, repository, uri } of form.repositories)
    groups.set(group, [...(groups.get(group) ?? []), { repository, uri }]);
  const listed = [...groups].flatMap(([group, repositories]) => [
    `  ${formatYamlScalar(group)}:`,
    ...repositories.map(({ repository, uri }) => `    ${formatYamlScalar(repository)}: ${quoted(uri)}`),
  ]);
  return [
    `# Configuration of Connect, usually ${connectYamlPath}`,
    '# Check it with: connect lint',
    '',
    '# SSH address of the appliance (host:port). Connect opens no other outbound connection and accepts none.',
    `appliance: ${quoted(form.appliance)}`,
    '',
    `# Private key path, readable by Connect alone (chmod 600). In the container: ${connectKeyPath}`,
    `ssh_key: ${quoted(form.sshKey)}`,
    ...optionalLines(form),
    '',
    '# What the appliance may reach: group, name, and service[+scheme]://host:port[path].',
    `# Services: ${describeServices()}`,
    ...(listed.length === 0 ? ['repositories: {}'] : ['repositories:', ...listed]),
    '',
  ].join('\n');
}
