import {
  connectImage,
  connectKeyPath,
  connectLogPath,
  connectServiceName,
  connectYamlPath,
  deployments,
} from '../connectYaml/deployments.ts';
import {
  formatEndpoint,
  type ConnectConfiguration,
  type ConnectEndpoint,
} from '../connectYaml/connectYaml.ts';
import { generateConnectYaml } from '../connectYaml/connectYamlGenerate.ts';
import { lintConnectYaml } from '../connectYaml/connectYamlLint.ts';
import { listPorts } from '../tenants/ports.ts';
import { handOverReadme } from './handOverReadme.ts';
import { containerName, keyName, lines, type HandOverSite } from './handOverSite.ts';

export type HandOverFile = { name: string; text: string };

/** All tenants log in to the appliance as this user **[ours]**. */
const tenantUser = 'connect';
/**
 * Lints the configuration that the pack contains. If there are errors, the caller throws INVALID_INPUT.
 */
export function lintHandOver(site: HandOverSite): ReturnType<typeof lintConnectYaml> {
  return lintConnectYaml(connectYamlOf(site), {
    runs: site.runs,
    ...(site.ports.length === 0 ? {} : { allottedPorts: listPorts(site.ports).length }),
  });
}

function connectYamlOf(site: HandOverSite): string {
  return generateConnectYaml({
    appliance: site.address,
    sshKey: connectKeyPath,
    hostKey: site.hostKey,
    bindAddress: null,
    repositories: site.repositories,
  });
}

const later =
  '# Started. The lines below are for later: check that it runs, read its log, reload connect.yaml, stop it.';
const packageFile = 'sallyport-connect-VERSION.tgz';

function dockerRun(options: readonly string[]): string {
  return ['docker run', ...options].join(' \\\n  ');
}

function containerRun(): string {
  const mounts = [
    `-v "$PWD/connect.yaml:${connectYamlPath}:ro"`,
    `-v "$PWD/${keyName}:${connectKeyPath}:ro"`,
  ];
  return lines(
    `# Run everything in the folder that contains connect.yaml, ${keyName} and ${packageFile}. You get these files from the operator.`,
    '# With Podman instead of Docker: replace docker with podman in each line, and run the lines as root; if SELinux is on, add ,Z after :ro.',
    '',
    '# Unpack the package, and build the image from it:',
    `tar -xzf sallyport-connect-*.tgz && docker build -f package/Containerfile -t ${connectImage} package`,
    '',
    '# Only the user that Connect runs as in the container may own and read the key:',
    `sudo chown 1000:1000 ${keyName} && sudo chmod 400 ${keyName}`,
    '',
    '# Check connect.yaml; continue if there are 0 errors. Paths must be absolute: $PWD makes them so.',
    dockerRun(['--rm --user 1000:1000', ...mounts, `${connectImage} lint`]),
    '',
    '# Start it. It restarts automatically:',
    dockerRun([
      '-d',
      `--name ${containerName}`,
      '--restart always',
      '--user 1000:1000 --read-only --cap-drop ALL --security-opt no-new-privileges',
      '--tmpfs /run/sallyport-connect:mode=0700,uid=1000,gid=1000',
      '--tmpfs /var/log/supervisord:mode=0750,uid=1000,gid=1000',
      ...mounts,
      connectImage,
    ]),
    '',
    later,
    `docker exec ${containerName} connect status`,
    `docker logs ${containerName}`,
    `docker exec ${containerName} connect reload`,
    `docker stop ${containerName}`,
  );
}

function serviceSteps(): string {
  return lines(
    `# Run everything as root, in the folder that contains connect.yaml, ${keyName} and ${packageFile}. You get these files from the operator.`,
    '# Node.js 20 or later is needed.',
    'npm install --global --prefix /opt/sallyport-connect ./sallyport-connect-*.tgz',
    '',
    `# Install the service ${connectServiceName} and its user (works with or without systemd):`,
    'sh /opt/sallyport-connect/lib/node_modules/sallyport-connect/install-service.sh',
    '',
    '# Install the configuration and the key. Only Connect may read the key:',
    `install -m 0640 -g sallyport-connect connect.yaml ${connectYamlPath}`,
    `install -m 0400 -o sallyport-connect ${keyName} ${connectKeyPath}`,
    '',
    '# Check connect.yaml; continue if there are 0 errors:',
    `/opt/sallyport-connect/bin/connect lint ${connectYamlPath}`,
    '',
    '# Start Connect, or restart it with these files. It also starts when the computer boots:',
    `service ${connectServiceName} restart`,
    '',
    later,
    '/opt/sallyport-connect/bin/connect status',
    `cat ${connectLogPath}`,
    `service ${connectServiceName} reload`,
    `service ${connectServiceName} stop`,
  );
}

function sshCommand(site: HandOverSite, configuration: ConnectConfiguration): string {
  const { appliance, repositories } = configuration;
  const ports = listPorts(site.ports);
  const forwards = repositories.map(({ uri }, index) => {
    const port = ports[index] ?? `PORT_${index + 1}`;
    return `-R '127.0.0.1:${port}:${formatEndpoint(uri)}'`;
  });
  return lines(
    '# One line per repository, in this order:',
    repositories.map(({ group, repository }, index) => `#   ${index + 1}. ${group} / ${repository}`),
    ports.length === 0
      ? '# PORT_1 and so on are the ports that the operator gives you after registering the key.'
      : '# Only you can use these ports on the appliance. It refuses any other port.',
    [
      'ssh -N -T',
      '-o ExitOnForwardFailure=yes -o ServerAliveInterval=30 -o ServerAliveCountMax=3',
      '-o IdentitiesOnly=yes -o StrictHostKeyChecking=yes',
      `-i ${keyName} -p ${appliance.port}`,
      ...forwards,
      `${tenantUser}@${appliance.host}`,
    ].join(' \\\n  '),
    '',
    '# ssh exits when the connection ends. Let a service manager restart it (Restart=always), at most once every 5 s.',
  );
}

function firewallSheet(appliance: ConnectEndpoint, configuration: ConnectConfiguration): string {
  const services = [...new Set(configuration.repositories.map(({ uri }) => formatEndpoint(uri)))];
  return lines(
    'FIREWALL',
    '',
    'Allow these connections from the computer that runs Connect:',
    `  outwards  TCP  ${formatEndpoint(appliance)}   SSH to the appliance; the only outbound connection of this network`,
    services.map((address) => `  inside    TCP  ${address}   a service that the appliance may reach`),
    services.length === 0 ? '  inside    TCP  (host and port of each repository in connect.yaml)' : [],
    '',
    'All connections are outbound. Replies use the same connection.',
    '',
    'Not needed, and better left closed:',
    '  - inbound access from outside, NAT or port forwarding: the appliance never connects to this network',
    '  - ports 2200 to 5199: they exist on the appliance only',
    '  - HTTP and HTTPS to the appliance, UDP, a VPN, general internet access',
    '  - external DNS, if your own DNS resolves all addresses above',
    '',
    'A proxy or firewall that inspects SSH must pass it through unchanged: if the host key is replaced, the connection ends.',
  );
}

/**
 * The files for a tenant's site; null if `site` is not valid. They contain no secrets, and only these facts
 * about the appliance: its address, its host key and the tenant's ports.
 */
export function handOverPack(site: HandOverSite): HandOverFile[] | null {
  const { configuration } = lintHandOver(site);
  if (configuration === null) return null;
  const run = {
    container: containerRun,
    service: serviceSteps,
    openssh: () => sshCommand(site, configuration),
  }[site.runs]();
  return [
    { name: 'README.txt', text: handOverReadme(site, configuration) },
    ...(deployments[site.runs].runsConnect ? [{ name: 'connect.yaml', text: connectYamlOf(site) }] : []),
    { name: 'run.txt', text: run },
    { name: 'firewall.txt', text: firewallSheet(configuration.appliance, configuration) },
  ];
}
