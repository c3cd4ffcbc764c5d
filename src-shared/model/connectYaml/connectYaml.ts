import { withLookAlike } from '../../base/lookAlikes.ts';
import { isPlainLine } from '../../base/machineText.ts';
import { findNearest } from '../../base/nearest.ts';
import type { ConnectYamlCode } from './connectYamlCodes.ts';
import {
  isRepositoryService,
  repositoryServiceNames,
  schemesOf,
  serviceByOtherName,
  usualPort,
  type RepositoryService,
} from './repositoryServices.ts';

/** The parts of `service[+scheme]://host:port[path]` **[doc]**. An IPv6 `host` has no brackets here. */
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
 * The configuration of Connect **[doc]**: `appliance`, `ssh_key` and `repositories: {GROUP: {REPOSITORY:
 * URI}}`. Also **[ours]**: `host_key` pins the appliance's host key, and Connect connects from the local
 * address `bind_address`.
 */
export type ConnectConfiguration = {
  appliance: ConnectEndpoint;
  sshKey: string;
  hostKey: string | null;
  bindAddress: string | null;
  /** Sorted by group, then by repository, in code-unit order. */
  repositories: ConnectRepository[];
};

/** A corrected value. `isGuess`: another correction may be right too, so a person must choose. */
export type FixedValue = { title: string; value: string; isGuess?: boolean };

/** A fault of one value. `fixed` lists corrected values, the most likely first. */
export type ValueFault = {
  code: ConnectYamlCode;
  message: string;
  fixed: readonly FixedValue[];
};

type Parts = {
  service: string;
  scheme: string | null;
  credentials: string | null;
  host: string;
  port: string | null;
  path: string;
};

/** Splits `host[:port]` at the first colon outside the brackets of an IPv6 address. Checks nothing. */
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

/** Returns the host without its brackets, or null if it is not a host. */
export function readHost(text: string): string | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})))$/u.exec(text);
  return match === null ? null : (match[1] ?? match[2] ?? null);
}

function meantService(name: string): RepositoryService | null {
  if (isRepositoryService(name)) return name;
  return serviceByOtherName(name)?.service ?? findNearest(name, repositoryServiceNames);
}

function likelyScheme(service: RepositoryService, parts: Parts): string | null {
  const schemes: readonly string[] = schemesOf(service);
  if (schemes.length === 0) return null;
  if (parts.scheme !== null && schemes.includes(parts.scheme)) return parts.scheme;
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
      // A guess: a web server may speak several protocols, and its port doesn't show whether it uses TLS.
      isGuess: changed.scheme !== null && (parts.scheme !== changed.scheme || /^https?$/iu.test(service)),
    };
  };
  if (!isRepositoryService(service)) {
    const other = serviceByOtherName(service);
    const meant = meantService(service);
    return [
      {
        code: 'C-1302',
        message: `unknown service ${service}; known services: ${repositoryServiceNames.join(', ')}`,
        fixed:
          meant === null
            ? []
            : [write({ service: meant, scheme: other?.scheme ?? likelyScheme(meant, parts) })],
      },
    ];
  }
  const schemes: readonly string[] = schemesOf(service);
  if (schemes.length === 0)
    return scheme === null
      ? []
      : [
          {
            code: 'C-1304',
            message: `${service} takes no scheme after +; write ${service}:// instead`,
            fixed: [write({ scheme: null })],
          },
        ];
  if (scheme !== null && schemes.includes(scheme)) return [];
  const likely = likelyScheme(service, parts);
  const inOrder = [...schemes].sort((left, right) => Number(right === likely) - Number(left === likely));
  return [
    {
      code: 'C-1303',
      message: `${service} speaks several protocols; write ${schemes.map((name) => `${service}+${name}://`).join(' or ')}`,
      fixed: inOrder.map((name) => write({ scheme: name })),
    },
  ];
}

const bareIpv6 = /^[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}$/u;

/** The service's usual port. `isDefault`: Connect uses this port for a URI without a port. */
function usualPortOf(parts: Parts): { port: string; isDefault: boolean } | null {
  const { service } = parts;
  if (!isRepositoryService(service)) return null;
  const { port, isDefault } = usualPort(service, likelyScheme(service, parts));
  const isCertain = parts.scheme !== null || schemesOf(service).length === 0;
  return { port: String(port), isDefault: isDefault && isCertain };
}

function addressFaults(parts: Parts): ValueFault[] {
  const faults: ValueFault[] = [];
  if (parts.credentials !== null)
    faults.push({
      code: 'C-1305',
      message: 'user names and passwords do not belong in connect.yaml',
      fixed: [{ title: 'Remove them', value: joinUri({ ...parts, credentials: null }) }],
    });
  const usual = usualPortOf(parts);
  const whole = parts.port === null ? parts.host : `${parts.host}:${parts.port}`;
  if (bareIpv6.test(whole)) {
    faults.push({
      code: 'C-1306',
      message: 'not a valid host name or address; put an IPv6 address in brackets',
      fixed:
        usual === null
          ? []
          : [
              {
                title: `Write [${whole}]:${usual.port}`,
                value: joinUri({ ...parts, host: `[${whole}]`, port: usual.port }),
                isGuess: true,
              },
            ],
    });
    return faults;
  }
  if (readHost(parts.host) === null)
    faults.push({
      code: 'C-1306',
      message: withLookAlike('not a valid host name or address; put an IPv6 address in brackets', parts.host),
      fixed: [],
    });
  const takeUsual =
    usual === null
      ? []
      : [
          {
            title: `Use port ${usual.port}`,
            value: joinUri({ ...parts, port: usual.port }),
            isGuess: !usual.isDefault,
          },
        ];
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

/** Faults of a value that must be one word. If there are any, skip the other checks of this value. */
export function wordFaults(text: string): ValueFault[] {
  if (text.length > maxValue)
    return [{ code: 'C-1310', message: `is longer than ${maxValue} characters`, fixed: [] }];
  if (isOneWord(text)) return [];
  const trimmed = text.trim();
  return [
    {
      code: 'C-1310',
      message: withLookAlike('must not contain spaces or invisible characters', text),
      fixed: trimmed === '' || !isOneWord(trimmed) ? [] : [{ title: 'Remove the spaces', value: trimmed }],
    },
  ];
}

/** Rewrites other notations, e.g. a UNC path, as a URI without faults. Null if that is not possible. */
function reshapeUri(text: string): { value: string; isGuess: boolean } | null {
  const share = /^\\\\([^\\/]+)(.*)$/su.exec(text) ?? /^\/\/([^\\/]+)(.*)$/su.exec(text);
  const shape = /^([A-Za-z0-9]+(?:\+[A-Za-z]+)?):\/?([^/\\].*)$/su.exec(text);
  const candidate =
    share !== null
      ? `smb://${share[1] ?? ''}${(share[2] ?? '').replaceAll('\\', '/')}`
      : shape !== null && isRepositoryService((shape[1] ?? '').split('+')[0] ?? '')
        ? `${shape[1] ?? ''}://${shape[2] ?? ''}`
        : null;
  return candidate === null ? null : fixAllFaults(candidate);
}

function fixAllFaults(text: string): { value: string; isGuess: boolean } | null {
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

/** Lists every fault of a repository's URI. A fix never adds another fault. */
export function repositoryUriFaults(text: string): ValueFault[] {
  const word = wordFaults(text);
  if (word.length > 0) {
    const trimmed = word[0]?.fixed[0]?.value;
    return trimmed === undefined ? word : [...word, ...repositoryUriFaults(trimmed)];
  }
  const parts = splitUri(text);
  if (parts !== null) return [...serviceFaults(parts), ...addressFaults(parts)];
  const whole = reshapeUri(text);
  return [
    {
      code: 'C-1301',
      message: 'write a repository as service[+scheme]://host:port[path]',
      fixed: whole === null ? [] : [{ title: `Write ${whole.value}`, ...whole }],
    },
  ];
}

/** The service and host that a URI means, even if the URI has faults. Null if they can't be recognized. */
export function destinationOf(text: string): { service: RepositoryService; host: string | null } | null {
  const trimmed = text.trim();
  const parts = splitUri(trimmed) ?? splitUri(reshapeUri(trimmed)?.value ?? '');
  const service = parts === null ? null : meantService(parts.service);
  return parts === null || service === null ? null : { service, host: readHost(parts.host) };
}

/** Parses a repository's URI. Returns one sentence with the reason if that fails. */
export function readRepositoryUri(text: string): RepositoryUri | string {
  const [fault] = repositoryUriFaults(text);
  if (fault !== undefined) return fault.message;
  const parts = splitUri(text);
  const host = parts === null ? null : readHost(parts.host);
  const port = parts === null ? null : readPort(parts.port ?? '');
  if (parts === null || host === null || port === null || !isRepositoryService(parts.service))
    return 'write a repository as service[+scheme]://host:port[path]';
  return { service: parts.service, scheme: parts.scheme, host, port, path: parts.path };
}

export function formatEndpoint(endpoint: ConnectEndpoint): string {
  return `${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
}

export function formatRepositoryUri(uri: RepositoryUri): string {
  return `${uri.service}${uri.scheme === null ? '' : `+${uri.scheme}`}://${formatEndpoint(uri)}${uri.path}`;
}

/** Names under `localhost` always mean this computer and are never looked up (RFC 6761, 6.3). */
export function isLocalName(host: string): boolean {
  return /^(?:.*\.)?localhost$/iu.test(host);
}

export function isLoopback(host: string): boolean {
  return isLocalName(host) || host === '::1' || /^127\.\d+\.\d+\.\d+$/u.test(host);
}
