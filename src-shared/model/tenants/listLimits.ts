import { portCount } from './ports.ts';

/**
 * Limits of an appliance's list: the kit keeps to them and the console reads no more **[ours]**. Each tenant has at
 * least one port, so there are at most as many tenants as ports.
 */
export const maxTenants = portCount;
/** Maximum number of keys that a tenant may log in with, including replaced keys that are still valid. */
export const maxTenantKeys = 5;
/**
 * Maximum number of live sessions of one tenant. One is usual; a second one exists until the first is known to be dead.
 */
export const maxTenantSessions = 4;
/** Keys that were refused in the last hour. */
export const maxRefusedLogIns = 50;
/** Repositories without a port, of all tenants together. */
export const maxListedUnplaced = portCount;
/** Maximum bytes of JSON for all tenants' announcements in one list. */
export const maxListedText = 2 * 1024 * 1024;

/** Sessions that are ending and ports that now belong to another tenant are also listed. */
const maxPassing = 1_000;
export const maxListedForwards = portCount + maxPassing;
export const maxListedSessions = maxTenants * maxTenantSessions + maxPassing;

/**
 * Maximum size of one item as JSON, without parts that are counted separately: its bytes, and its values as
 * `measureJson` counts them (one for the object, one for each member except the first, one for its place in the list).
 */
const items = [
  { count: maxTenants, bytes: 600, values: 24 },
  { count: maxTenants * maxTenantKeys, bytes: 200, values: 5 },
  { count: maxListedSessions, bytes: 400, values: 11 },
  { count: maxListedForwards, bytes: 300, values: 16 },
  { count: maxListedUnplaced, bytes: 0, values: 5 },
  { count: maxRefusedLogIns, bytes: 4_096, values: 12 },
] as const;

function sumOf(measure: 'bytes' | 'values'): number {
  return items.reduce((sum, item) => sum + item.count * item[measure], 0);
}

/** Maximum size of the list of all tenants. */
export const maxListBytes = sumOf('bytes') + maxListedText;
export const maxListValues = sumOf('values');
