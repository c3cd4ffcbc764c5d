import { z } from 'zod';
import { clientIdSchema } from './clientId.ts';
import {
  maxApplianceRefusals,
  maxListedForwards,
  maxListedSessions,
  maxListedUnplaced,
  maxRefusedLogins,
  maxTenants,
} from './listLimits.ts';
import { countPorts, maxPorts, portCount, portRangeSchema, portSchema, type PortRange } from './ports.ts';
import { dialFailureSchema } from '../tunnels/dialFailures.ts';
import { instantSchema } from '../../base/time.ts';

const text = z.string().max(2048);
const name = z.string().max(256);

/**
 * Maximum number of listed keys: at most five valid keys, and replaced keys for a while after they expired.
 */
const maxKeys = 64;

const countAll = (tenants: readonly { [Each in List]: readonly unknown[] }[], list: List): number =>
  tenants.reduce((sum, tenant) => sum + tenant[list].length, 0);
type List = 'forwards' | 'unplaced' | 'sessions';

/**
 * Rejects ranges that contain more ports than exist. Otherwise a few bytes could make the console iterate
 * over billions.
 */
function hasPossiblePortCount(ranges: readonly PortRange[]): boolean {
  return countPorts(ranges) <= maxPorts;
}

/** A public key that may log in as the tenant. `fingerprint` is OpenSSH's `SHA256:…`. */
export const tenantKeySchema = z.object({
  type: name,
  fingerprint: name,
  addedAt: instantSchema,
  /** When a replaced key expires. Null for a key that stays valid. */
  expiresAt: instantSchema.nullable().default(null),
});
export type TenantKey = z.infer<typeof tenantKeySchema>;

/**
 * A live SSH connection of a tenant. `kind`: `connect` announced its repositories, `plain` is stock OpenSSH.
 * `silentSince`: set when Connect missed three heartbeats although its sshd process is alive.
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
  /**
   * True if sshd's monitor process of this session died. The session forwards until it exchanges keys again.
   * Absent otherwise and in older kits.
   */
  isOrphaned: z.boolean().optional(),
  /**
   * Whether the appliance's kernel repeats data to the client that is not acknowledged. Absent if not known, e.g. in
   * older kits.
   */
  isSendingStalled: z.boolean().optional(),
  /**
   * True while data to the client is not acknowledged and was not repeated often enough to tell whether the sending is
   * stalled. Absent otherwise and in older kits.
   */
  isSendingPending: z.boolean().optional(),
});
export type TenantSession = z.infer<typeof tenantSessionSchema>;

/**
 * The process that holds a port if it is no healthy session of the port's tenant. Each local user can choose the
 * name of its processes.
 */
const listenerHolderSchema = z.object({
  /** Null if the system hides the process, e.g. in another container. */
  name: name.nullable(),
  user: name.nullable(),
  /** The other tenant whose session it is. */
  clientId: clientIdSchema.nullable(),
  /** Whether `release` ends it: it is the sshd of a tenant, without a live session. */
  isReleasable: z.boolean(),
});
export type ListenerHolder = z.infer<typeof listenerHolderSchema>;

/** The process that holds a port on the appliance. `pid` is null if the system does not report it. */
export const listenerSchema = z.object({
  address: name,
  pid: z.int().nullable(),
  /** Absent for the tenant's own sessions and in older kits. */
  holder: listenerHolderSchema.optional(),
});

/** A port of the tenant that Connect announced, that a process listens on, or both. */
export const forwardSchema = z.object({
  port: portSchema,
  group: name.nullable(),
  repository: name.nullable(),
  /** `service[+scheme]://host:port[path]` **[doc]**, as Connect announced it; null for plain OpenSSH. */
  uri: text.nullable(),
  announcedAt: instantSchema.nullable(),
  /** The listener on loopback, which the appliance and its probes use. */
  listener: listenerSchema.nullable(),
  /**
   * In a cluster: the listener on the member's own address, which the other members use. Otherwise absent.
   */
  memberListener: listenerSchema.nullable().optional(),
  /**
   * A process that also listens on the port, on another address of loopback, so that some connections to the port
   * reach it. Absent without such a process and in older kits.
   */
  rival: listenerSchema.optional(),
  /**
   * The session that owns the listener. Null if the port is held by a process that is no live session of this
   * tenant.
   */
  sessionPid: z.int().nullable(),
  /**
   * The last connection that this session's Connect could not open to the announced URI. Absent if there is
   * none, and for older kits and Connects.
   */
  dialFailure: dialFailureSchema.nullable().optional(),
});
export type Forward = z.infer<typeof forwardSchema>;

/** A repository that gets no port, because the tenant's quota is used up. */
export const unplacedRepositorySchema = z.object({ group: name, repository: name, uri: text });
export type UnplacedRepository = z.infer<typeof unplacedRepositorySchema>;

/**
 * A refused login with a key, read from sshd's log; one entry per key and address, newest first.
 * `formerKeyOf`: the tenant that had this key until it was replaced or removed. `keyOf`: the tenant that has
 * this key and is or was suspended. At most one of the two is set; for an unknown key neither is.
 */
export const refusedLoginSchema = z.object({
  fingerprint: name,
  keyType: name,
  peerAddress: name,
  count: z.int().positive(),
  lastAt: instantSchema,
  formerKeyOf: clientIdSchema.nullable(),
  keyOf: clientIdSchema.nullable().default(null),
  /** The latest log line of this key, unchanged. */
  line: text,
});
export type RefusedLogin = z.infer<typeof refusedLoginSchema>;

/**
 * Why the appliance's sshd keeps tenants from logging in for a reason of the appliance itself, read from sshd's
 * log. `everyone`: no tenant can log in. `some`: sshd drops a part of the new connections.
 */
export const applianceRefusalSchema = z.object({
  scope: z.enum(['everyone', 'some']),
  reason: text,
  count: z.int().positive(),
  since: instantSchema,
  lastAt: instantSchema,
  /** The latest log line, unchanged. */
  line: text,
});
export type ApplianceRefusal = z.infer<typeof applianceRefusalSchema>;

export const tenantSchema = z.object({
  clientId: clientIdSchema,
  quota: z.int().nonnegative(),
  suspended: z.boolean(),
  /** The tenant's allotted ports. The tenant keeps them while it is suspended. */
  ports: z.array(portRangeSchema).max(portCount).refine(hasPossiblePortCount, 'more ports than exist'),
  keys: z.array(tenantKeySchema).max(maxKeys),
  createdAt: instantSchema,
  changedAt: instantSchema,
  sessions: z.array(tenantSessionSchema).max(maxListedSessions),
  forwards: z.array(forwardSchema).max(maxListedForwards),
  /** Repositories that Connect announced but that got no port. */
  unplaced: z.array(unplacedRepositorySchema).max(maxListedUnplaced).default([]),
  /** How many more repositories without a port the appliance left out of this list. */
  unplacedOmitted: z.int().nonnegative().optional(),
  /** The last session that ended, and why it ended if the appliance knows. */
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

/** What is wrong with a list as a whole, and how to see it. Otherwise it could hold more than any appliance has. */
const listProblems: readonly { problem: string; isFound: (tenants: readonly Tenant[]) => boolean }[] = [
  {
    problem: 'more ports than exist',
    isFound: (tenants) => !hasPossiblePortCount(tenants.flatMap(({ ports }) => ports)),
  },
  { problem: 'too many forwards', isFound: (tenants) => countAll(tenants, 'forwards') > maxListedForwards },
  {
    problem: 'too many repositories without a port',
    isFound: (tenants) => countAll(tenants, 'unplaced') > maxListedUnplaced,
  },
  { problem: 'too many sessions', isFound: (tenants) => countAll(tenants, 'sessions') > maxListedSessions },
];

/** Null if an appliance may have these tenants together. */
export function findListProblem(tenants: readonly Tenant[]): string | null {
  if (tenants.length > maxTenants) return 'too many tenants';
  return listProblems.find(({ isFound }) => isFound(tenants))?.problem ?? null;
}

/** What the list says besides its tenants. */
export const networkFactsSchema = z.object({
  contract: z.literal(1),
  portRange: portRangeSchema,
  /** In a cluster: the address on which forwards listen in addition to loopback. */
  listenAddress: text.optional(),
  /** Refused logins of the last hour. */
  refusedLogIns: z.array(refusedLoginSchema).max(maxRefusedLogins).default([]),
  /** Present reasons of the appliance itself, newest first. Absent if there are none, and in older kits. */
  applianceRefusals: z.array(applianceRefusalSchema).max(maxApplianceRefusals).optional(),
  /**
   * Why sshd's settings permit tenants no forward, e.g. `DisableForwarding is yes`. Absent if they permit
   * forwards, or if no session lacks one.
   */
  forwardingOff: text.optional(),
});

/**
 * Output of `ke_manage_remote_networks list --json` **[ours; the verb is doc]**. Times are by the appliance's clock.
 * Tenants are sorted by name, ports in ascending order.
 */
export const remoteNetworksSchema = networkFactsSchema.extend({
  tenants: z
    .array(tenantSchema)
    .max(maxTenants)
    .superRefine((tenants, context) => {
      const problem = findListProblem(tenants);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    }),
});
export type RemoteNetworks = z.infer<typeof remoteNetworksSchema>;

/**
 * Output of `add`, `change` and `remove` with `--json`. `privateKey` is set only if `add` generated the key.
 * No other copy of it exists.
 */
export const tenantChangeSchema = z.object({
  contract: z.literal(1),
  clientId: clientIdSchema,
  action: z.enum(['added', 'key-added', 'replaced', 'changed', 'suspended', 'removed', 'released']),
  quota: z.int().nonnegative(),
  ports: z.array(portRangeSchema).max(portCount),
  /** Ports that `change` took from the tenant. Absent for other commands and in older kits. */
  givenUp: z.array(portRangeSchema).max(portCount).optional(),
  endedSessions: z.int().nonnegative(),
  fingerprint: name.nullable(),
  /** How many keys the tenant can log in with after the change. Absent in older kits. */
  validKeys: z.int().nonnegative().optional(),
  privateKey: z.string().max(16_384).optional(),
});
export type TenantChange = z.infer<typeof tenantChangeSchema>;
