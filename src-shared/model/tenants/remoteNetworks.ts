import { z } from 'zod';
import { clientIdSchema } from './clientId.ts';
import {
  maxListedForwards,
  maxListedSessions,
  maxListedUnplaced,
  maxRefusedLogIns,
  maxTenants,
} from './listLimits.ts';
import { countPorts, maxPorts, portCount, portRangeSchema, portSchema, type PortRange } from './ports.ts';
import { instantSchema } from '../../base/time.ts';

/**
 * Output of `ke_manage_remote_networks list --json` **[ours; the verb is doc]**. Times are by the appliance's clock.
 * Arrays are ordered: tenants by name, ports ascending.
 */
const text = z.string().max(2048);
const name = z.string().max(256);

/** At most five keys are valid; replaced keys stay in the list for a while. */
const maxKeys = 64;

const countAll = (tenants: readonly { [Each in List]: readonly unknown[] }[], list: List): number =>
  tenants.reduce((sum, tenant) => sum + tenant[list].length, 0);
type List = 'forwards' | 'unplaced' | 'sessions';

/** Many functions iterate over ports, so a few bytes must not stand for billions of them. */
function areAsManyAsThereAre(ranges: readonly PortRange[]): boolean {
  return countPorts(ranges) <= maxPorts;
}

/** A public key that may log in as the tenant. `fingerprint` is OpenSSH's `SHA256:…`. */
export const tenantKeySchema = z.object({
  type: name,
  fingerprint: name,
  addedAt: instantSchema,
  /** When a replaced key expires; null for a key that stays valid. */
  expiresAt: instantSchema.nullable().default(null),
});
export type TenantKey = z.infer<typeof tenantKeySchema>;

/**
 * One live SSH connection of a tenant. `kind`: `connect` announced its repositories, `plain` is stock OpenSSH.
 * `silentSince` is set when Connect missed three heartbeats: its sshd process lives, but it does not answer.
 */
export const tenantSessionSchema = z.object({
  pid: z.int().nonnegative(),
  kind: z.enum(['connect', 'plain']),
  peerAddress: name.nullable(),
  peerPort: z.int().nullable(),
  since: instantSchema,
  keyFingerprint: name.nullable(),
  connectVersion: name.nullable(),
  lastHeartbeatAt: instantSchema.nullable(),
  silentSince: instantSchema.nullable(),
});
export type TenantSession = z.infer<typeof tenantSessionSchema>;

/** The process that holds a port on the appliance. `pid` is null if the system does not report it. */
export const listenerSchema = z.object({ address: name, pid: z.int().nullable() });

/** A port of the tenant that is announced, bound, or both. */
export const forwardSchema = z.object({
  port: portSchema,
  group: name.nullable(),
  repository: name.nullable(),
  /** `service[+scheme]://host:port[path]` **[doc]**, as Connect announced it; null for plain OpenSSH. */
  uri: text.nullable(),
  announcedAt: instantSchema.nullable(),
  /** On loopback, where the appliance and its probes reach the port. */
  listener: listenerSchema.nullable(),
  /** On the address of a cluster member, where the other members reach the port; absent on any other appliance. */
  memberListener: listenerSchema.nullable().optional(),
  /** The session of the listener; null if the process that holds the port is no live session of this tenant. */
  sessionPid: z.int().nullable(),
});
export type Forward = z.infer<typeof forwardSchema>;

/** A repository that Connect should forward, but its tenant's allotment has no port left for it. */
export const unplacedSchema = z.object({ group: name, repository: name, uri: text });
export type Unplaced = z.infer<typeof unplacedSchema>;

/**
 * A key that was refused in a tenant's login, read from sshd's log lines; one entry per key and address, newest first.
 * `formerKeyOf` names the tenant that had the key until it was replaced or removed. `keyOf` names its present tenant,
 * which is or was suspended. At most one of them is set; an unknown key has neither.
 */
export const refusedLogInSchema = z.object({
  fingerprint: name,
  keyType: name,
  peerAddress: name,
  count: z.int().positive(),
  lastAt: instantSchema,
  formerKeyOf: clientIdSchema.nullable(),
  keyOf: clientIdSchema.nullable().default(null),
  /** The last of the log lines, unchanged. */
  line: text,
});
export type RefusedLogIn = z.infer<typeof refusedLogInSchema>;

export const tenantSchema = z.object({
  clientId: clientIdSchema,
  quota: z.int().nonnegative(),
  suspended: z.boolean(),
  /** The tenant's allotted ports; kept while suspended. */
  ports: z.array(portRangeSchema).max(portCount).refine(areAsManyAsThereAre, 'more ports than exist'),
  keys: z.array(tenantKeySchema).max(maxKeys),
  createdAt: instantSchema,
  changedAt: instantSchema,
  sessions: z.array(tenantSessionSchema).max(maxListedSessions),
  forwards: z.array(forwardSchema).max(maxListedForwards),
  /** Announced, but the quota is used up. */
  unplaced: z.array(unplacedSchema).max(maxListedUnplaced).default([]),
  /** Number of further ones that the appliance left out. */
  unplacedOmitted: z.int().nonnegative().optional(),
  /** The latest session that ended, and why as far as the appliance knows. */
  lastSession: z.object({ endedAt: instantSchema, peerAddress: name.nullable(), reason: text }).nullable(),
});
export type Tenant = z.infer<typeof tenantSchema>;

/** Number of repositories without a port, including those that the appliance left out. */
export function countUnplaced({
  unplaced,
  unplacedOmitted = 0,
}: Pick<Tenant, 'unplaced' | 'unplacedOmitted'>): number {
  return unplaced.length + unplacedOmitted;
}

export const remoteNetworksSchema = z.object({
  contract: z.literal(1),
  portRange: portRangeSchema,
  /** In a cluster: forwards may also listen on this address, besides loopback. */
  listenAddress: text.optional(),
  tenants: z
    .array(tenantSchema)
    .max(maxTenants)
    .refine(
      (tenants) => areAsManyAsThereAre(tenants.flatMap((tenant) => tenant.ports)),
      'more ports than exist',
    )
    .refine((tenants) => countAll(tenants, 'forwards') <= maxListedForwards, 'too many forwards')
    .refine(
      (tenants) => countAll(tenants, 'unplaced') <= maxListedUnplaced,
      'too many repositories without a port',
    )
    .refine((tenants) => countAll(tenants, 'sessions') <= maxListedSessions, 'too many sessions'),
  /** Of the last hour. */
  refusedLogIns: z.array(refusedLogInSchema).max(maxRefusedLogIns).default([]),
});
export type RemoteNetworks = z.infer<typeof remoteNetworksSchema>;

/**
 * Output of `add`, `change` and `remove` with `--json`. `privateKey` is set only if `add` generated one: no copy exists
 * elsewhere.
 */
export const tenantChangeSchema = z.object({
  contract: z.literal(1),
  clientId: clientIdSchema,
  action: z.enum(['added', 'key-added', 'replaced', 'changed', 'suspended', 'removed', 'released']),
  quota: z.int().nonnegative(),
  ports: z.array(portRangeSchema).max(portCount),
  /** Ports that `change` took from the tenant; absent from other commands and from older kits. */
  givenUp: z.array(portRangeSchema).max(portCount).optional(),
  endedSessions: z.int().nonnegative(),
  fingerprint: name.nullable(),
  /** Number of keys that the tenant may log in with afterwards; absent from older kits. */
  validKeys: z.int().nonnegative().optional(),
  privateKey: z.string().max(16_384).optional(),
});
export type TenantChange = z.infer<typeof tenantChangeSchema>;
