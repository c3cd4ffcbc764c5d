import { z } from 'zod';
import {
  connectKeyPath,
  deployments,
  exampleKeyPath,
  isMountedKeyPath,
  type Deployment,
} from './deployments.ts';
import {
  destinationOf,
  isLoopback,
  readHost,
  readPort,
  repositoryUriFaults,
  splitHostPort,
  wordFaults,
  type ConnectEndpoint,
  type FixedValue,
  type ValueFault,
} from './connectYaml.ts';
import { readWrittenPath } from '../../base/writtenPath.ts';
import { fingerprintSchema } from '../appliance/hostKey.ts';
import { firstPort, lastPort } from '../tenants/ports.ts';
import { findTooOldSides } from './serviceVersions.ts';

/** Known facts about the site that will use the file. A rule is skipped if it needs an unknown fact. */
export type ConnectYamlContext = {
  /** With `openssh`, the tenant runs plain `ssh -R`, and the file only lists the forwards. */
  runs?: Deployment | undefined;
  applianceVersion?: string | null | undefined;
  connectVersion?: string | null | undefined;
  allottedPorts?: number | null | undefined;
  /** The appliance's host key, if a person has checked it. */
  hostKey?: string | null | undefined;
};

/** Parses `host:port`; null if the text is something else. */
export function readEndpoint(text: string): ConnectEndpoint | null {
  const parts = splitHostPort(text);
  const host = readHost(parts.host);
  const port = readPort(parts.port ?? '');
  return host === null || port === null ? null : { host, port };
}

const sshPort = '22';

function withPort(host: string, port: string): FixedValue {
  return { title: `Write ${host}:${port}`, value: `${host}:${port}` };
}

/** Adds the SSH port. This is a guess, because an appliance behind a load balancer may have any port. */
function withSshPort(host: string): FixedValue {
  return { ...withPort(host, sshPort), isGuess: true };
}

function findApplianceValueFaults(text: string, context: ConnectYamlContext): ValueFault[] {
  const word = wordFaults(text);
  const trimmed = word[0]?.fixed[0]?.value;
  if (trimmed !== undefined) return [...word, ...findApplianceValueFaults(trimmed, context)];
  if (word.length > 0) return word;
  const faults: ValueFault[] = [];
  const [, scheme, credentials, address = '', path = ''] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:([^/?#]*)@)?([^/?#@]*)(.*)$/su.exec(text) ?? [];
  if (scheme !== undefined || path !== '')
    faults.push({
      code: 'C-1402',
      message: scheme === undefined ? 'a path is not allowed here' : `${scheme}:// does not belong here`,
      fixed: fixAddress(address),
    });
  if (credentials !== undefined)
    faults.push({
      code: 'C-1403',
      message: 'a user is not allowed here',
      fixed: fixAddress(address),
    });
  return [...faults, ...addressFaults(address, context)];
}

/**
 * Corrects an address that was copied from a browser and may contain a web server's port. Empty if there is
 * no valid host.
 */
function fixAddress(address: string): FixedValue[] {
  const { host, port } = splitHostPort(address);
  const isLeftOver = port === null || ['', '443', '80'].includes(port);
  const fixed = isLeftOver ? withSshPort(host) : withPort(host, port);
  return readEndpoint(fixed.value) === null ? [] : [fixed];
}

function addressFaults(text: string, context: ConnectYamlContext): ValueFault[] {
  if (z.ipv6().safeParse(text).success)
    return [
      {
        code: 'C-1404',
        message: 'an IPv6 address needs brackets',
        fixed: [withSshPort(`[${text}]`)],
      },
    ];
  const { host, port } = splitHostPort(text);
  const plainHost = readHost(host);
  const faults: ValueFault[] = [];
  if (plainHost === null)
    faults.push({
      code: 'C-1404',
      message: 'not a valid host name or address; put an IPv6 address in brackets',
      fixed: [],
    });
  if (port === null || port === '')
    faults.push({
      code: 'C-1401',
      message: 'the port is missing; it must be host:port',
      fixed: plainHost === null ? [] : [withSshPort(host)],
    });
  else if (readPort(port) === null)
    faults.push({ code: 'C-1308', message: 'the port must be a number from 1 to 65535', fixed: [] });
  else if (Number(port) >= firstPort && Number(port) <= lastPort)
    faults.push({
      code: 'C-1405',
      message: `port ${port} is reserved for tenants`,
      fixed: plainHost === null ? [] : [withSshPort(host)],
    });
  if (plainHost !== null && isLoopback(plainHost)) faults.push(...loopbackFaults(plainHost, context));
  return faults;
}

function loopbackFaults(host: string, context: ConnectYamlContext): ValueFault[] {
  return isIsolated(context)
    ? [{ code: 'C-1311', message: `${host} is the container itself`, fixed: [] }]
    : [];
}

const privateKeyText = /-----BEGIN [A-Z ]*PRIVATE KEY-----/u;

/**
 * Whether Connect's files have fixed paths at the site. If not, the linter can only guess the key's path.
 */
export function hasKnownKeyPath({ runs }: ConnectYamlContext): boolean {
  return runs !== undefined && deployments[runs].runsConnect;
}

export function isIsolated({ runs }: ConnectYamlContext): boolean {
  return runs !== undefined && deployments[runs].isIsolated;
}

function keyPathFaults(path: string, context: ConnectYamlContext): ValueFault[] {
  const isGuess = !hasKnownKeyPath(context);
  const takeMounted = [{ title: `Write ${connectKeyPath}`, value: connectKeyPath, isGuess }];
  if (privateKeyText.test(path))
    return [{ code: 'C-1417', message: 'this is a private key, not its path', fixed: takeMounted }];
  if (path === '' || path.length > 4096 || /[\u0000-\u001f]/u.test(path))
    return [{ code: 'C-1416', message: 'must be the path of a private key', fixed: takeMounted }];
  if (/^~|^%[A-Za-z]+%|\$\{?[A-Za-z_]/u.test(path))
    return [{ code: 'C-1412', message: '~ and variables are not expanded here', fixed: takeMounted }];
  const plain = readWrittenPath(path);
  if (plain !== path && plain !== '')
    return [
      {
        code: 'C-1418',
        message: 'the path is written as for a shell or file manager',
        fixed: [{ title: `Write ${plain}`, value: plain }],
      },
      ...keyPathFaults(plain, context),
    ];
  const faults: ValueFault[] = [];
  const isWindows = /^[A-Za-z]:[\\/]|^\\\\/u.test(path);
  if (isWindows) faults.push({ code: 'C-1413', message: 'this is a Windows path', fixed: takeMounted });
  else if (isIsolated(context) && !path.startsWith('/') && !isMountedKeyPath(path))
    faults.push({
      code: 'C-1411',
      message: 'nothing is mounted at this path in the container',
      fixed: takeMounted,
    });
  if (path === exampleKeyPath)
    faults.push({
      code: 'C-1414',
      message: `this path is from a published example, but the key is mounted at ${connectKeyPath}`,
      fixed: takeMounted,
    });
  if (path.endsWith('.pub'))
    faults.push({
      code: 'C-1415',
      message: 'this looks like a public key',
      fixed: path.length > 4 ? [{ title: 'Remove .pub', value: path.slice(0, -4) }] : [],
    });
  return faults;
}

function hostKeyFaults(text: string, context: ConnectYamlContext): ValueFault[] {
  const known = context.hostKey ?? null;
  const takeKnown = known === null ? [] : [{ title: 'Write the key that is pinned', value: known }];
  if (fingerprintSchema.safeParse(text).success)
    return known === null || known === text
      ? []
      : [
          {
            code: 'C-1423',
            message: `the appliance’s key is ${known}`,
            fixed: takeKnown.map((fix) => ({ ...fix, isGuess: true })),
          },
        ];
  const bare = text
    .trim()
    .replace(/^SHA256:/iu, '')
    .replace(/=+$/u, '');
  const value = `SHA256:${bare}`;
  const isReadable = fingerprintSchema.safeParse(value).success && (known === null || known === value);
  return [
    {
      code: 'C-1421',
      message: 'a fingerprint is SHA256: followed by 43 characters',
      fixed: known !== null ? takeKnown : isReadable ? [{ title: `Write ${value}`, value }] : [],
    },
  ];
}

const ipAddress = z.union([z.ipv4(), z.ipv6()]);

export const connectYamlKeys = ['appliance', 'ssh_key', 'host_key', 'bind_address', 'repositories'] as const;
/** What each key means. */
export const connectYamlMeanings: Readonly<Record<(typeof connectYamlKeys)[number], string>> = {
  appliance: 'The appliance that Connect logs in to, as host:port',
  ssh_key: 'The private key of the tenant; a relative path counts from the folder of this file',
  host_key: 'The fingerprint of the appliance’s host key, so that Connect trusts no other appliance',
  bind_address: 'The address of this computer from which Connect opens its connections',
  repositories: 'The repositories by group, each as service[+scheme]://host:port[path]',
};
export const requiredConnectYamlKeys = ['appliance', 'ssh_key', 'repositories'] as const;

/** Faults of the value of a top-level key. */
export function valueFaults(
  key: Exclude<(typeof connectYamlKeys)[number], 'repositories'>,
  text: string,
  context: ConnectYamlContext,
): ValueFault[] {
  switch (key) {
    case 'appliance':
      return findApplianceValueFaults(text, context);
    case 'ssh_key':
      return keyPathFaults(text, context);
    case 'host_key':
      return hostKeyFaults(text, context);
    case 'bind_address':
      return ipAddress.safeParse(text).success
        ? []
        : [{ code: 'C-1431', message: 'must be an IP address', fixed: [] }];
  }
}

/** Faults of a repository's URI at the site where it is used. */
export function repositoryFaults(text: string, context: ConnectYamlContext): ValueFault[] {
  const faults = repositoryUriFaults(text);
  const destination = destinationOf(text);
  if (destination === null) return faults;
  const { service, host } = destination;
  for (const { part, has, needs } of findTooOldSides(service, {
    appliance: context.applianceVersion,
    connect:
      context.runs === undefined || deployments[context.runs].runsConnect ? context.connectVersion : null,
  }))
    faults.push({
      code: part === 'appliance' ? 'C-1312' : 'C-1313',
      message: `${service} needs ${part === 'appliance' ? 'an appliance' : 'Connect'} of version ${needs} or later; this one is ${has}`,
      fixed: [],
    });
  if (host !== null && isLoopback(host)) faults.push(...loopbackFaults(host, context));
  return faults;
}
