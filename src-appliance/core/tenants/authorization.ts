import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPorts } from '../../../src-shared/model/tenants/ports.ts';
import { isExpired, readMoment, type Deadline } from '../licence/moment.ts';

/**
 * The login path. sshd calls it for every key that a client offers. The state was validated when it was
 * written, so refuse anything malformed.
 */
export type Authorization = {
  clientId: string;
  /** Tells a tenant from an earlier one with the same name. Null if the state doesn't say. */
  createdAt: string | null;
  suspended: boolean;
  fingerprint: string;
  keyType: string;
  /** The public key in wire format, as base64. */
  keyBlob: string;
  ports: { first: number; last: number }[];
  deadline: Deadline;
};

export function tenantsPath(stateFolder: string): string {
  return join(stateFolder, 'tenants.json');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readRanges(value: unknown): Authorization['ports'] | null {
  if (!Array.isArray(value)) return null;
  const ranges: Authorization['ports'] = [];
  for (const range of value) {
    if (!isRecord(range)) return null;
    const { first, last } = range;
    if (typeof first !== 'number' || typeof last !== 'number') return null;
    ranges.push({ first, last });
  }
  return ranges;
}

/** Format 1 has no deadlines and no former keys. */
function isKnownFormat(format: unknown): boolean {
  return format === 1 || format === 2;
}

/** Reads a key's deadline. Null if it is invalid; the key is then refused. */
function readDeadline(key: Record<string, unknown>): Deadline | null {
  const { expiresAt = null, whileRunning = null } = key;
  if (expiresAt !== null && typeof expiresAt !== 'string') return null;
  if (whileRunning === null) return { expiresAt, whileRunning };
  if (!isRecord(whileRunning)) return null;
  const { bootId, uptimeMs } = whileRunning;
  if (typeof bootId !== 'string' || typeof uptimeMs !== 'number') return null;
  return { expiresAt, whileRunning: { bootId, uptimeMs } };
}

/**
 * The tenants by path of the state file. Cached, because every login and, several times a second, every
 * session reads them.
 */
const cache = new Map<string, { version: string; tenants: unknown[] }>();

function parseTenants(text: string): unknown[] {
  const state: unknown = JSON.parse(text);
  if (!isRecord(state) || !isKnownFormat(state['format']) || !Array.isArray(state['tenants']))
    throw new Error('the tenants file has an unknown format');
  return state['tenants'];
}

function readTenants(stateFolder: string): unknown[] {
  const path = tenantsPath(stateFolder);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isRecord(error) && error['code'] === 'ENOENT') return [];
    throw error;
  }
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(file, { bigint: true });
    const version = [dev, ino, size, mtimeNs, ctimeNs].join(':');
    const known = cache.get(path);
    if (known?.version === version) return known.tenants;
    const tenants = parseTenants(readFileSync(file, 'utf8'));
    cache.set(path, { version, tenants });
    return tenants;
  } finally {
    closeSync(file);
  }
}

type Lookup = { stateFolder: string } & (
  { keyBlob: string } | { clientId: string; fingerprint?: string | undefined }
);

function findTenant(lookup: Lookup): Authorization | null {
  for (const tenant of readTenants(lookup.stateFolder)) {
    if (!isRecord(tenant) || !Array.isArray(tenant['keys'])) continue;
    if ('clientId' in lookup && tenant['clientId'] !== lookup.clientId) continue;
    for (const key of tenant['keys']) {
      if (!isRecord(key) || ('keyBlob' in lookup && key['blob'] !== lookup.keyBlob)) continue;
      if ('clientId' in lookup && (lookup.fingerprint ?? key['fingerprint']) !== key['fingerprint']) continue;
      const { clientId, suspended, createdAt } = tenant;
      const { fingerprint, type, blob } = key;
      const ports = readRanges(tenant['ports']);
      const deadline = readDeadline(key);
      if (
        typeof clientId !== 'string' ||
        typeof suspended !== 'boolean' ||
        typeof fingerprint !== 'string' ||
        typeof type !== 'string' ||
        typeof blob !== 'string' ||
        ports === null ||
        deadline === null
      )
        return null;
      return {
        clientId,
        createdAt: typeof createdAt === 'string' ? createdAt : null,
        suspended,
        fingerprint,
        keyType: type,
        keyBlob: blob,
        ports,
        deadline,
      };
    }
  }
  return null;
}

/**
 * The owner of a public key according to the state file now. Null for an unknown or expired key. Also returns
 * suspended tenants, which the caller must refuse. `keyBlob` is the wire format as base64: sshd's `%k`,
 * ssh2's `key.data`. Throws if the state can't be read, so that no tenant can log in.
 */
export function findTenantByKey(query: { stateFolder: string; keyBlob: string }): Authorization | null {
  const { stateFolder, keyBlob } = query;
  const found = findTenant({ stateFolder, keyBlob });
  if (found === null || found.deadline.expiresAt === null) return found;
  return isExpired(found.deadline, readMoment(stateFolder, Date.now())) ? null : found;
}

/**
 * Finds a tenant by its name. The result contains its first key, even if that is expired. Null if there is no
 * such tenant.
 */
export function findTenantById(query: { stateFolder: string; clientId: string }): Authorization | null {
  return findTenant({ stateFolder: query.stateFolder, clientId: query.clientId });
}

/** The deadline of a tenant's key. Null if the tenant no longer has the key. */
export function findDeadline(query: {
  stateFolder: string;
  clientId: string;
  fingerprint: string;
}): Deadline | null {
  return findTenant(query)?.deadline ?? null;
}

/** Maps each allotted port to its tenant. */
export function readPortOwners(stateFolder: string): ReadonlyMap<number, string> {
  const owners = new Map<number, string>();
  for (const tenant of readTenants(stateFolder)) {
    if (!isRecord(tenant) || typeof tenant['clientId'] !== 'string') continue;
    for (const port of listPorts(readRanges(tenant['ports']) ?? [])) owners.set(port, tenant['clientId']);
  }
  return owners;
}

/** Number of tenants that may log in. */
export function countActiveTenants(stateFolder: string): number {
  return readTenants(stateFolder).filter((tenant) => isRecord(tenant) && tenant['suspended'] === false)
    .length;
}

/** sshd accepts at most this many `permitlisten` options in one line. */
const maxPermits = 4096;

/**
 * The hosts that a tenant may listen on, as many as `maxPermits` allows. `localhost` is the clients' default,
 * which differs from 127.0.0.1, as sshd compares names. A port without a host would permit every address.
 */
function permittedHosts(portCount: number, listenAddress: string | undefined): string[] {
  const hosts = ['127.0.0.1', 'localhost', ...(listenAddress === undefined ? [] : [listenAddress])];
  return hosts.slice(0, Math.floor(maxPermits / portCount));
}

/**
 * Whether a tenant with this many ports (at most 1,365) may listen for the other members of a cluster
 * **[ours]**.
 */
export function canListenOnClusterAddress(portCount: number, listenAddress: string): boolean {
  return permittedHosts(portCount, listenAddress).includes(listenAddress);
}

/**
 * The authorized_keys line of a tenant. It permits only to listen on the tenant's own ports (loopback and
 * cluster address) and to talk to the registrar **[ours]**. Needs OpenSSH 7.8 for `permitlisten`.
 */
export function authorizedKeysLine(line: {
  authorization: Authorization;
  /** The forced command, which connects the client with the registrar. */
  command: string;
  listenAddress?: string | undefined;
}): string {
  const { authorization, command } = line;
  const options = ['restrict', 'port-forwarding'];
  const ports = authorization.ports.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  for (const host of permittedHosts(ports.length, line.listenAddress)) {
    const name = host.includes(':') ? `[${host}]` : host;
    for (const port of ports) options.push(`permitlisten="${name}:${port}"`);
  }
  options.push(`command="${command}"`);
  return `${options.join(',')} ${authorization.keyType} ${authorization.keyBlob}`;
}
