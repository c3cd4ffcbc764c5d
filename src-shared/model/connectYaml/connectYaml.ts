import { isPlainLine } from '../../base/machineText.ts';
import { nearest } from '../../base/nearest.ts';
import type { ConnectYamlCode } from './connectYamlCodes.ts';

/** Services that Connect may forward to **[doc]**, and the schemes of those that speak several. */
const repositoryServices = {
  smb: [],
  webdav: ['http', 'https'],
  cmis: ['http', 'https'],
  alfresco: ['http', 'https'],
  cq5: ['http', 'https'],
} as const satisfies Record<string, readonly string[]>;
export type RepositoryService = keyof typeof repositoryServices;

export const repositoryServiceNames = ['smb', 'webdav', 'cmis', 'alfresco', 'cq5'] as const;
function isService(name: string): name is RepositoryService {
  return Object.hasOwn(repositoryServices, name);
}

/** `service[+scheme]://host:port[path]` **[doc]**, taken apart. An IPv6 `host` has no brackets here. */
export type RepositoryUri = {
  service: RepositoryService;
  scheme: string | null;
  host: string;
  port: number;
  path: string;
};
export type ConnectRepository = { group: string; repository: string; uri: RepositoryUri };
export type ConnectEndpoint = { host: string; port: number };

/**
 * Connect's configuration **[doc]**: `appliance`, `ssh_key` and `repositories: {GROUP: {REPOSITORY: URI}}`. Besides these, **[ours]**:
 * `host_key` pins the appliance's host key, `bind_address` is the local address that Connect dials from.
 */
export type ConnectConfiguration = {
  appliance: ConnectEndpoint;
  sshKey: string;
  hostKey: string | null;
  bindAddress: string | null;
  /** By group, then by repository, in code-unit order. */
  repositories: ConnectRepository[];
};

/** `isGuess`: another value may be just as right, and only a person can tell. */
export type FixedValue = { title: string; value: string; isGuess?: boolean };

/** A fault of one value. `mended` are values without it, the likeliest first. */
export type ValueFault = {
  code: ConnectYamlCode;
  message: string;
  fixed: readonly FixedValue[];
};

/** What people call a service, and what Connect calls it. */
const otherNames: Readonly<Record<string, { service: RepositoryService; scheme: string | null }>> = {
  http: { service: 'webdav', scheme: 'http' },
  https: { service: 'webdav', scheme: 'https' },
  dav: { service: 'webdav', scheme: 'http' },
  davs: { service: 'webdav', scheme: 'https' },
  cifs: { service: 'smb', scheme: null },
  samba: { service: 'smb', scheme: null },
  smb2: { service: 'smb', scheme: null },
  smb3: { service: 'smb', scheme: null },
  aem: { service: 'cq5', scheme: null },
  cq: { service: 'cq5', scheme: null },
};

/** As each service listens unless told otherwise: Tomcat's 8080 for Alfresco, 4502 for an author instance of CQ5. */
function usualPort(service: string, scheme: string | null): number {
  if (service === 'smb') return 445;
  if (scheme === 'https' || scheme === null) return 443;
  return service === 'alfresco' ? 8080 : service === 'cq5' ? 4502 : 80;
}

type Parts = {
  service: string;
  scheme: string | null;
  credentials: string | null;
  host: string;
  port: string | null;
  path: string;
};

/** `host[:port]`, not judged. The port stands behind the first colon that is not inside the brackets of an IPv6 address. */
export function splitHostPort(address: string): { host: string; port: string | null } {
  const colon = address.indexOf(':', address.startsWith('[') ? address.indexOf(']') + 1 : 0);
  return colon === -1
    ? { host: address, port: null }
    : { host: address.slice(0, colon), port: address.slice(colon + 1) };
}

function splitAuthority(authority: string): Pick<Parts, 'credentials' | 'host' | 'port'> {
  const at = authority.lastIndexOf('@');
  const credentials = at === -1 ? null : authority.slice(0, at);
  return { credentials, ...splitHostPort(authority.slice(at + 1)) };
}

function splitUri(text: string): Parts | null {
  const match = /^([^:/?#+@]+)(?:\+([^:/?#@]*))?:\/\/([^/?#]*)(.*)$/su.exec(text);
  if (match === null) return null;
  const [, service = '', scheme, authority = '', path = ''] = match;
  return { service, scheme: scheme ?? null, ...splitAuthority(authority), path };
}

function joinUri(parts: Parts): string {
  const scheme = parts.scheme === null ? '' : `+${parts.scheme}`;
  const credentials = parts.credentials === null ? '' : `${parts.credentials}@`;
  const port = parts.port === null ? '' : `:${parts.port}`;
  return `${parts.service}${scheme}://${credentials}${parts.host}${port}${parts.path}`;
}

export function readPort(digits: string): number | null {
  const port = Number(digits);
  return /^\d{1,5}$/u.test(digits) && port >= 1 && port <= 65_535 ? port : null;
}

/** The host without its brackets; null where it is none. */
export function readHost(text: string): string | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})))$/u.exec(text);
  return match === null ? null : (match[1] ?? match[2] ?? null);
}

function schemesOf(service: string): readonly string[] {
  return isService(service) ? repositoryServices[service] : [];
}

function meantService(name: string): RepositoryService | null {
  if (isService(name)) return name;
  const lower = name.toLowerCase();
  const other = Object.hasOwn(otherNames, lower) ? otherNames[lower] : undefined;
  return other?.service ?? nearest(name, repositoryServiceNames);
}

function likelyScheme(service: string, parts: Parts): string | null {
  if (schemesOf(service).length === 0) return null;
  if (parts.scheme !== null && schemesOf(service).includes(parts.scheme)) return parts.scheme;
  return parts.port === null || ['443', '8443'].includes(parts.port) ? 'https' : 'http';
}

function serviceFaults(parts: Parts): ValueFault[] {
  const { service, scheme } = parts;
  const write = (change: Partial<Parts>): FixedValue => {
    const changed = { ...parts, ...change };
    const named = changed.scheme === null ? changed.service : `${changed.service}+${changed.scheme}`;
    return {
      title: `Write ${named}://`,
      value: joinUri(changed),
      // A web server may speak any of several protocols, and a port does not tell whether it does so over TLS.
      isGuess: changed.scheme !== null && (parts.scheme !== changed.scheme || /^https?$/iu.test(service)),
    };
  };
  if (!isService(service)) {
    const lower = service.toLowerCase();
    const other = Object.hasOwn(otherNames, lower) ? otherNames[lower] : undefined;
    const meant = meantService(service);
    return [
      {
        code: 'C-1302',
        message: `unknown service ${service}; known are ${repositoryServiceNames.join(', ')}`,
        fixed:
          meant === null
            ? []
            : [write({ service: meant, scheme: other?.scheme ?? likelyScheme(meant, parts) })],
      },
    ];
  }
  const schemes = schemesOf(service);
  if (schemes.length === 0)
    return scheme === null
      ? []
      : [
          {
            code: 'C-1304',
            message: `${service} takes no scheme; write ${service}://`,
            fixed: [write({ scheme: null })],
          },
        ];
  if (scheme !== null && schemes.includes(scheme)) return [];
  const likely = likelyScheme(service, parts);
  const inOrder = [...schemes].sort((left, right) => Number(right === likely) - Number(left === likely));
  return [
    {
      code: 'C-1303',
      message: `${service} speaks several protocols; write ${schemes.map((one) => `${service}+${one}://`).join(' or ')}`,
      fixed: inOrder.map((one) => write({ scheme: one })),
    },
  ];
}

const bareIpv6 = /^[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}$/u;

function addressFaults(parts: Parts): ValueFault[] {
  const faults: ValueFault[] = [];
  if (parts.credentials !== null)
    faults.push({
      code: 'C-1305',
      message: 'user names and passwords do not belong into connect.yaml',
      fixed: [{ title: 'Leave them out', value: joinUri({ ...parts, credentials: null }) }],
    });
  const port = String(usualPort(parts.service, likelyScheme(parts.service, parts)));
  // What a URI without a port stands for; the ports of application servers are only the usual ones.
  const isDefault = parts.service === 'smb' || (parts.scheme !== null && ['80', '443'].includes(port));
  const whole = parts.port === null ? parts.host : `${parts.host}:${parts.port}`;
  if (bareIpv6.test(whole)) {
    faults.push({
      code: 'C-1306',
      message: 'no host name or address is recognised; an IPv6 address needs brackets',
      fixed: isService(parts.service)
        ? [
            {
              title: `Write [${whole}]:${port}`,
              value: joinUri({ ...parts, host: `[${whole}]`, port }),
              isGuess: true,
            },
          ]
        : [],
    });
    return faults;
  }
  if (readHost(parts.host) === null)
    faults.push({
      code: 'C-1306',
      message: 'no host name or address is recognised; an IPv6 address needs brackets',
      fixed: [],
    });
  const takeUsual = isService(parts.service)
    ? [{ title: `Take port ${port}`, value: joinUri({ ...parts, port }), isGuess: !isDefault }]
    : [];
  if (parts.port === null || parts.port === '')
    faults.push({ code: 'C-1307', message: 'the port is missing; it must be host:port', fixed: takeUsual });
  else if (readPort(parts.port) === null)
    faults.push({ code: 'C-1308', message: 'the port must be a number from 1 to 65535', fixed: [] });
  if (parts.path !== '' && !parts.path.startsWith('/'))
    faults.push({
      code: 'C-1309',
      message: 'the path must start with /',
      fixed: [{ title: 'Put a / before it', value: joinUri({ ...parts, path: `/${parts.path}` }) }],
    });
  return faults;
}

const maxValue = 2000;
const isOneWord = (text: string): boolean => isPlainLine(text) && !/\s/u.test(text);

/** Faults of a value that must be one word: nothing else can be judged where there are some. */
export function wordFaults(text: string): ValueFault[] {
  if (text.length > maxValue)
    return [{ code: 'C-1310', message: `is longer than ${maxValue} characters`, fixed: [] }];
  if (isOneWord(text)) return [];
  const trimmed = text.trim();
  return [
    {
      code: 'C-1310',
      message: 'must be one word without spaces and invisible characters',
      fixed: trimmed === '' || !isOneWord(trimmed) ? [] : [{ title: 'Leave the spaces out', value: trimmed }],
    },
  ];
}

/** What a URI of another shape was meant to be, mended as a whole; null where that is a guess. */
function reshaped(text: string): { value: string; isGuess: boolean } | null {
  const share = /^\\\\([^\\/]+)(.*)$/su.exec(text) ?? /^\/\/([^\\/]+)(.*)$/su.exec(text);
  const shape = /^([A-Za-z0-9]+(?:\+[A-Za-z]+)?):\/?([^/\\].*)$/su.exec(text);
  const candidate =
    share !== null
      ? `smb://${share[1] ?? ''}${(share[2] ?? '').replaceAll('\\', '/')}`
      : shape !== null && isService((shape[1] ?? '').split('+')[0] ?? '')
        ? `${shape[1] ?? ''}://${shape[2] ?? ''}`
        : null;
  return candidate === null ? null : fixedWholly(candidate);
}

function fixedWholly(text: string): { value: string; isGuess: boolean } | null {
  let value = text;
  let isGuess = false;
  for (let round = 0; round < 6; round += 1) {
    const [fault] = repositoryUriFaults(value);
    if (fault === undefined) return { value, isGuess };
    const [next] = fault.fixed;
    if (next === undefined) return null;
    ({ value } = next);
    isGuess ||= next.isGuess === true;
  }
  return null;
}

/** Everything that keeps `text` from being a repository's URI. Mending one fault adds no other. */
export function repositoryUriFaults(text: string): ValueFault[] {
  const word = wordFaults(text);
  if (word.length > 0) {
    const trimmed = word[0]?.fixed[0]?.value;
    return trimmed === undefined ? word : [...word, ...repositoryUriFaults(trimmed)];
  }
  const parts = splitUri(text);
  if (parts !== null) return [...serviceFaults(parts), ...addressFaults(parts)];
  const whole = reshaped(text);
  return [
    {
      code: 'C-1301',
      message: 'a repository is written service[+scheme]://host:port[path]',
      fixed: whole === null ? [] : [{ title: `Write ${whole.value}`, ...whole }],
    },
  ];
}

/** What the URI leads to, whether or not it is written well; null where that is not recognised. */
export function destinationOf(text: string): { service: RepositoryService; host: string | null } | null {
  const trimmed = text.trim();
  const parts = splitUri(trimmed) ?? splitUri(reshaped(trimmed)?.value ?? '');
  const service = parts === null ? null : meantService(parts.service);
  return parts === null || service === null ? null : { service, host: readHost(parts.host) };
}

/** Takes a repository's URI apart, or says in one sentence why it can't. */
export function readRepositoryUri(text: string): RepositoryUri | string {
  const [fault] = repositoryUriFaults(text);
  if (fault !== undefined) return fault.message;
  const parts = splitUri(text);
  const host = parts === null ? null : readHost(parts.host);
  const port = parts === null ? null : readPort(parts.port ?? '');
  if (parts === null || host === null || port === null || !isService(parts.service))
    return 'a repository is written service[+scheme]://host:port[path]';
  return { service: parts.service, scheme: parts.scheme, host, port, path: parts.path };
}

export function formatEndpoint(endpoint: ConnectEndpoint): string {
  return `${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
}

export function formatRepositoryUri(uri: RepositoryUri): string {
  return `${uri.service}${uri.scheme === null ? '' : `+${uri.scheme}`}://${formatEndpoint(uri)}${uri.path}`;
}

/** Names under `localhost` are whoever asks themselves, and are looked up nowhere (RFC 6761, 6.3). */
export function isLocalName(host: string): boolean {
  return /^(?:.*\.)?localhost$/iu.test(host);
}

export function isLoopback(host: string): boolean {
  return isLocalName(host) || host === '::1' || /^127\.\d+\.\d+\.\d+$/u.test(host);
}
