import {
  connectImage,
  connectKeyPath,
  connectLogPath,
  connectServiceName,
  connectYamlPath,
  deployments,
  type Deployment,
} from '../connectYaml/deployments.ts';
import {
  formatEndpoint,
  type ConnectConfiguration,
  type ConnectEndpoint,
} from '../connectYaml/connectYaml.ts';
import { generateConnectYaml } from '../connectYaml/connectYamlGenerate.ts';
import { lintConnectYaml } from '../connectYaml/connectYamlLint.ts';
import { listPorts, type PortRange } from '../tenants/ports.ts';

export type HandOverSite = {
  clientId: string;
  /** How the site reaches the appliance, as `host:port`. */
  address: string;
  runs: Deployment;
  /** Fingerprint of the appliance's ed25519 host key; null if unknown, or if several appliances may answer. */
  hostKey: string | null;
  /** The tenant's allotted ports. Empty if the tenant doesn't exist on the appliance yet. */
  ports: readonly PortRange[];
  repositories: readonly { group: string; repository: string; uri: string }[];
};

export type HandOverFile = { name: string; text: string };

/** All tenants log in to the appliance as this user **[ours]**. */
const tenantUser = 'connect';
const keyName = 'ssh_key.priv';
const containerName = 'customer-proxy';

function lines(...parts: readonly (string | readonly string[])[]): string {
  return `${parts.flat().join('\n')}\n`;
}

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
    `# All of it in the folder with connect.yaml, ${keyName} and ${packageFile}, which the operator gives you.`,
    '# With Podman instead of Docker: write podman for docker in each line, as root; if SELinux is on, add ,Z after :ro.',
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
    `# As root, with Node.js 20 or later, in the folder with connect.yaml, ${keyName} and ${packageFile}, which the operator gives you.`,
    'npm install --global --prefix /opt/sallyport-connect ./sallyport-connect-*.tgz',
    '',
    `# The service ${connectServiceName} and its user, with or without systemd:`,
    'sh /opt/sallyport-connect/lib/node_modules/sallyport-connect/install-service.sh',
    '',
    '# Install the configuration and the key. Only Connect may read the key:',
    `install -m 0640 -g sallyport-connect connect.yaml ${connectYamlPath}`,
    `install -m 0400 -o sallyport-connect ${keyName} ${connectKeyPath}`,
    '',
    '# Check connect.yaml; continue if there are 0 errors:',
    `/opt/sallyport-connect/bin/connect lint ${connectYamlPath}`,
    '',
    '# Start it, or restart it with these files. It also starts when the computer boots:',
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
    'To open, from the computer that runs Connect:',
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

function steps(site: HandOverSite, configuration: ConnectConfiguration): string {
  const address = formatEndpoint(configuration.appliance);
  const pinned =
    site.hostKey === null
      ? [
          '   The key of the appliance is not pinned in these files. At the first connection, compare the fingerprint that',
          '   is shown with the one that the operator gives you over another channel.',
          ...(deployments[site.runs].isIsolated
            ? ['   Write it into connect.yaml as host_key before you start: the container can’t remember it.']
            : []),
        ]
      : !deployments[site.runs].runsConnect
        ? [
            `   Its fingerprint is ${site.hostKey}`,
            `   Fetch its key once (ssh-keyscan -t ed25519 -p ${configuration.appliance.port} ${configuration.appliance.host} >> ~/.ssh/known_hosts),`,
            '   and compare what ssh-keygen -lf ~/.ssh/known_hosts shows for it.',
          ]
        : [
            `   connect.yaml pins its fingerprint: ${site.hostKey}`,
            '   Connect talks to no other machine. If the fingerprint ever changes, ask the operator before you edit the file.',
          ];
  const place = {
    container: `   Keep it beside connect.yaml; run.txt mounts both into the container, the key at ${connectKeyPath}.`,
    service: `   run.txt puts it at ${connectKeyPath}, and connect.yaml at ${connectYamlPath}.`,
    openssh: '   Keep it in the folder that you start ssh from, as run.txt does.',
  }[site.runs];
  const status = {
    container: `   docker exec ${containerName} connect status`,
    service: '   /opt/sallyport-connect/bin/connect status',
    openssh:
      '   If ssh stays in the foreground and prints nothing, it is connected. It reports each forward that is refused.',
  }[site.runs];
  const allotted = listPorts(site.ports).length;
  const isOpenSsh = !deployments[site.runs].runsConnect;
  const isWithout = configuration.repositories.length === 0;
  const services = [
    isOpenSsh
      ? isWithout
        ? '5. The services: run.txt names none yet. Add -R 127.0.0.1:PORT:HOST:PORT for each service. The first PORT is one of your ports on the appliance.'
        : '5. The services: each -R in run.txt names one. Correct the host and port if they differ.'
      : isWithout
        ? '5. The services: connect.yaml names none yet. Nothing is offered until you add them under repositories.'
        : '5. The services: check repositories in connect.yaml. Users see the names of groups and repositories.',
    ...(allotted === 0
      ? []
      : [
          `   You have ${allotted === 1 ? '1 port' : `${allotted} ports`} on the appliance; each service takes one.`,
        ]),
  ];
  return lines(
    `HOW ${site.clientId} IS CONNECTED`,
    '',
    `Connect opens one SSH connection from your network to ${address} and offers the services that you list to the`,
    'appliance. Nothing else in your network can be reached, and nothing connects to it from outside.',
    '',
    '1. Check these files: sha256sum -c SHA256SUMS',
    '2. The key',
    '   If you were given no private key, create a key pair here. The private key never leaves this computer:',
    `     ssh-keygen -t ed25519 -N '' -C ${site.clientId} -f ${keyName}`,
    `   Send ${keyName}.pub, the public key, to the operator, and nothing else.`,
    `   If you were given a private key, save it as ${keyName}. It must not be sent the same way as these files.`,
    `   Either way: chmod 600 ${keyName}. Connect refuses a key that others can read.`,
    place,
    '3. The firewall: see firewall.txt.',
    '4. The appliance',
    ...pinned,
    services,
    isOpenSsh
      ? [
          '6. Start: run the command in run.txt. It opens all services: you may have at most 4 connections at a time, so',
          '   give one ssh a -R for each service instead of starting several.',
        ]
      : '6. Start: run the commands in run.txt in order, down to the line "Started". It checks connect.yaml before it starts.',
    '7. Check that it runs',
    status,
    ...(isOpenSsh ? [] : ['   It must say connected, and name each service with its port.']),
    '',
    'If it does not work: tell the operator the time, your public address and what is shown. Never send the private key.',
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
    { name: 'README.txt', text: steps(site, configuration) },
    ...(deployments[site.runs].runsConnect ? [{ name: 'connect.yaml', text: connectYamlOf(site) }] : []),
    { name: 'run.txt', text: run },
    { name: 'firewall.txt', text: firewallSheet(configuration.appliance, configuration) },
  ];
}
