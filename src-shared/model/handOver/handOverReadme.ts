import { connectKeyPath, connectYamlPath, deployments, type Deployment } from '../connectYaml/deployments.ts';
import { formatEndpoint, type ConnectConfiguration } from '../connectYaml/connectYaml.ts';
import { listPorts } from '../tenants/ports.ts';
import { containerName, keyName, lines, type HandOverSite } from './handOverSite.ts';

/** How the site makes sure that it talks to the right appliance. */
function hostKeySteps(
  { hostKey, runs }: HandOverSite,
  appliance: ConnectConfiguration['appliance'],
): readonly string[] {
  const { isIsolated, runsConnect } = deployments[runs];
  if (hostKey === null)
    return [
      '   The key of the appliance is not pinned in these files. At the first connection, compare the fingerprint that',
      '   is shown with the one that the operator gives you over another channel.',
      ...(isIsolated
        ? ['   Write it into connect.yaml as host_key before you start: the container can’t remember it.']
        : []),
    ];
  return runsConnect
    ? [
        `   connect.yaml pins its fingerprint: ${hostKey}`,
        '   Connect accepts no other machine as the appliance. If the fingerprint ever changes, ask the operator before you edit the file.',
      ]
    : [
        `   Its fingerprint is ${hostKey}`,
        `   Fetch its key once (ssh-keyscan -t ed25519 -p ${appliance.port} ${appliance.host} >> ~/.ssh/known_hosts),`,
        '   and compare what ssh-keygen -lf ~/.ssh/known_hosts shows for it.',
      ];
}

function serviceListSteps(site: HandOverSite, hasRepositories: boolean): readonly string[] {
  const allotted = listPorts(site.ports).length;
  const connectText = hasRepositories
    ? 'check repositories in connect.yaml. Users see the names of groups and repositories.'
    : 'connect.yaml names none yet. Nothing is offered until you add them under repositories.';
  const sshText = hasRepositories
    ? 'each -R in run.txt names one. Correct the host and port if they are wrong.'
    : 'run.txt names none yet. Add -R 127.0.0.1:PORT:HOST:PORT for each service. The first PORT is one of your ports on the appliance.';
  const portsText = allotted === 1 ? '1 port' : `${allotted} ports`;
  return [
    `5. The services: ${deployments[site.runs].runsConnect ? connectText : sshText}`,
    ...(allotted === 0 ? [] : [`   You have ${portsText} on the appliance; each service takes one.`]),
  ];
}

const keyPlaces: Record<Deployment, string> = {
  container: `   Keep it beside connect.yaml; run.txt mounts both into the container, the key at ${connectKeyPath}.`,
  service: `   run.txt puts it at ${connectKeyPath}, and connect.yaml at ${connectYamlPath}.`,
  openssh: '   Keep it in the folder that you start ssh from, as run.txt does.',
};

const statusChecks: Record<Deployment, string> = {
  container: `   docker exec ${containerName} connect status`,
  service: '   /opt/sallyport-connect/bin/connect status',
  openssh:
    '   If ssh stays in the foreground and prints nothing, it is connected. It reports each forward that is refused.',
};

/** The text of README.txt: how to connect the tenant's site, step by step. */
export function handOverReadme(site: HandOverSite, configuration: ConnectConfiguration): string {
  const address = formatEndpoint(configuration.appliance);
  const isOpenSsh = !deployments[site.runs].runsConnect;
  return lines(
    `HOW ${site.clientId} IS CONNECTED`,
    '',
    `Connect opens one SSH connection from your network to ${address} and offers the appliance the services`,
    'that you list. Nothing else in your network can be reached, and nothing connects to it from outside.',
    '',
    '1. Check these files: sha256sum -c SHA256SUMS',
    '2. The key',
    '   If the operator gave you no private key, create a key pair here. The private key never leaves this computer:',
    `     ssh-keygen -t ed25519 -N '' -C ${site.clientId} -f ${keyName}`,
    `   Send ${keyName}.pub, the public key, to the operator, and nothing else.`,
    `   If the operator gave you a private key, save it as ${keyName}. If it came together with these files, ask for`,
    '   a new key: a private key must be sent separately.',
    `   Either way: chmod 600 ${keyName}. Connect refuses a key that others can read.`,
    keyPlaces[site.runs],
    '3. The firewall: see firewall.txt.',
    '4. The appliance',
    hostKeySteps(site, configuration.appliance),
    serviceListSteps(site, configuration.repositories.length > 0),
    isOpenSsh
      ? [
          '6. Start: run the command in run.txt. It opens all services over one SSH connection. To add a service, add a -R to',
          '   this command. Do not start another ssh for it: you may have at most 4 connections at a time.',
        ]
      : '6. Start: run the commands in run.txt in order, down to the line "Started". It checks connect.yaml before it starts.',
    '7. Check that it runs',
    statusChecks[site.runs],
    ...(isOpenSsh ? [] : ['   It must say connected, and name each service with its port.']),
    '',
    'If it does not work: tell the operator the time, your public address and what is shown. Never send the private key.',
  );
}
