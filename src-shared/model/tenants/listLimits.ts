import { portCount } from './ports.ts';

/**
 * Limits of an appliance's list. The kit lists no more and the console reads no more **[ours]**. There are at
 * most as many tenants as ports, because each tenant has a port.
 */
export const maxTenants = portCount;
/** Maximum number of keys that a tenant may log in with, including replaced keys that are still valid. */
export const maxTenantKeys = 5;
/**
 * Maximum number of live sessions of a tenant. Usually there is one. After a lost connection, there is a
 * second until the appliance notices the loss.
 */
export const maxTenantSessions = 4;
/** Maximum number of entries for keys that were refused in the last hour. */
export const maxRefusedLogins = 50;
/** Maximum number of failed connections to repositories, of all tenants together. */
export const maxListedDialFailures = 1_000;
/** Maximum number of reasons for which the appliance itself refuses tenants. */
export const maxApplianceRefusals = 8;
/** Maximum number of repositories without a port, of all tenants together. */
export const maxListedUnplaced = portCount;
/** Maximum size of all tenants' announcements in one list, in bytes of JSON. */
export const maxListedText = 2 * 1024 * 1024;

/**
 * Maximum number of extra entries for sessions that are ending and for ports that now belong to another
 * tenant.
 */
const maxExtraEntries = 1_000;
export const maxListedForwards = portCount + maxExtraEntries;
export const maxListedSessions = maxTenants * maxTenantSessions + maxExtraEntries;

/**
 * Maximum size of each kind of item in JSON bytes and in values as counted by `measureJson` (one for the
 * object, one for each member but the first, one for its place in the list). Excludes parts that are counted
 * separately.
 */
const itemLimits = [
  { count: maxTenants, bytes: 600, values: 24 },
  { count: maxTenants * maxTenantKeys, bytes: 200, values: 5 },
  { count: maxListedSessions, bytes: 420, values: 12 },
  { count: maxListedForwards, bytes: 1_050, values: 31 },
  { count: maxListedUnplaced, bytes: 0, values: 5 },
  { count: maxListedDialFailures, bytes: 1_000, values: 5 },
  { count: maxRefusedLogins, bytes: 4_096, values: 12 },
  { count: maxApplianceRefusals, bytes: 4_096, values: 8 },
] as const;

function sumOf(measure: 'bytes' | 'values'): number {
  return itemLimits.reduce((sum, item) => sum + item.count * item[measure], 0);
}

/** Maximum size of the whole list in bytes. */
export const maxListBytes = sumOf('bytes') + maxListedText;
export const maxListValues = sumOf('values');
