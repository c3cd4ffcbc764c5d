import { z } from 'zod';
import { clientIdSchema } from './clientId.ts';
import { countPorts, mostPorts, portRangeSchema, portSchema, type PortRange } from './ports.ts';
import { instantSchema } from './time.ts';

/**
 * What `ke_manage_remote_networks list --json` prints **[ours; the verb is doc]**.
 * Times are the appliance's own clock. Arrays are ordered: tenants by name, ports ascending.
 */
const text = z.string().max(2048);

/** Ports are counted one by one in many places: a few bytes must not stand for billions of them. */
function areAsManyAsThereAre(ranges: readonly PortRange[]): boolean {
  return countPorts(ranges) <= mostPorts;
}

/** A public key that may log in as the tenant. `fingerprint` is OpenSSH's `SHA256:…`. */
export const tenantKeySchema = z.object({
  type: text,
  fingerprint: text,
  addedAt: instantSchema,
  /** When a replaced key stops to be accepted; null for one that stays. */
  expiresAt: instantSchema.nullable().default(null),
});
export type TenantKey = z.infer<typeof tenantKeySchema>;

/**
 * One live SSH connection of a tenant. `kind`: `connect` announced itself to the registrar, `plain` is stock OpenSSH.
 * `silentSince` is set once a Connect missed three heartbeats: its sshd lives, it does not answer.
 */
export const tenantSessionSchema = z.object({
  pid: z.int().nonnegative(),
  kind: z.enum(['connect', 'plain']),
  peerAddress: text.nullable(),
  peerPort: z.int().nullable(),
  since: instantSchema,
  keyFingerprint: text.nullable(),
  connectVersion: text.nullable(),
  lastHeartbeatAt: instantSchema.nullable(),
  silentSince: instantSchema.nullable(),
});
export type TenantSession = z.infer<typeof tenantSessionSchema>;

/** Who holds a port on the appliance. `pid` is null where the system does not tell. */
export const listenerSchema = z.object({ address: text, pid: z.int().nullable() });

/** A port of the tenant that is announced, bound, or both. */
export const forwardSchema = z.object({
  port: portSchema,
  group: text.nullable(),
  repository: text.nullable(),
  /** `service[+scheme]://host:port[path]` **[doc]**, as Connect announced it; null for plain OpenSSH. */
  uri: text.nullable(),
  announcedAt: instantSchema.nullable(),
  /** On loopback, where the appliance and its probes reach the port. */
  listener: listenerSchema.nullable(),
  /** On the address of a cluster member, where the other members reach the port; absent on any other appliance. */
  memberListener: listenerSchema.nullable().optional(),
  /** The session the listener belongs to; null where the port is bound by something that is no live session of this tenant. */
  sessionPid: z.int().nullable(),
});
export type Forward = z.infer<typeof forwardSchema>;

/** A repository that Connect was told to forward and for which its tenant's allotment holds no port. */
export const unplacedSchema = z.object({ group: text, repository: text, uri: text });
export type Unplaced = z.infer<typeof unplacedSchema>;

/**
 * A key that was offered in a tenant's log-in and refused, read from sshd's own log lines; one entry a key and address,
 * newest first. `formerKeyOf` names the tenant whose key it was until it was replaced or removed, `keyOf` the one whose
 * key it is now: suspended when it came, or still. At most one of the two is set; a stranger's key has neither.
 */
export const refusedLogInSchema = z.object({
  fingerprint: text,
  keyType: text,
  peerAddress: text,
  count: z.int().positive(),
  lastAt: instantSchema,
  formerKeyOf: clientIdSchema.nullable(),
  keyOf: clientIdSchema.nullable().default(null),
  /** The last of the log lines, as it stands there. */
  line: text,
});
export type RefusedLogIn = z.infer<typeof refusedLogInSchema>;

export const tenantSchema = z.object({
  clientId: clientIdSchema,
  quota: z.int().nonnegative(),
  suspended: z.boolean(),
  /** The tenant's allotted ports; kept while suspended. */
  ports: z.array(portRangeSchema).refine(areAsManyAsThereAre, 'more ports than there are'),
  keys: z.array(tenantKeySchema),
  createdAt: instantSchema,
  changedAt: instantSchema,
  sessions: z.array(tenantSessionSchema),
  forwards: z.array(forwardSchema),
  /** Announced, but beyond the allotment: the quota is exhausted. */
  unplaced: z.array(unplacedSchema).default([]),
  /** The latest session that ended, and why as far as the appliance knows. */
  lastSession: z.object({ endedAt: instantSchema, peerAddress: text.nullable(), reason: text }).nullable(),
});
export type Tenant = z.infer<typeof tenantSchema>;

export const remoteNetworksSchema = z.object({
  contract: z.literal(1),
  portRange: portRangeSchema,
  /** Of a cluster member: forwards may listen on this address as well as on loopback. */
  listenAddress: text.optional(),
  tenants: z
    .array(tenantSchema)
    .refine(
      (tenants) => areAsManyAsThereAre(tenants.flatMap((tenant) => tenant.ports)),
      'more ports than there are',
    ),
  /** Of the last hour. */
  refusedLogIns: z.array(refusedLogInSchema).default([]),
});
export type RemoteNetworks = z.infer<typeof remoteNetworksSchema>;

/** What `add`, `change` and `remove` print with `--json`. `privateKey` only where `add` made one: it exists nowhere else. */
export const tenantChangeSchema = z.object({
  contract: z.literal(1),
  clientId: clientIdSchema,
  action: z.enum(['added', 'replaced', 'changed', 'suspended', 'removed', 'released']),
  quota: z.int().nonnegative(),
  ports: z.array(portRangeSchema),
  endedSessions: z.int().nonnegative(),
  fingerprint: text.nullable(),
  privateKey: z.string().optional(),
});
export type TenantChange = z.infer<typeof tenantChangeSchema>;
