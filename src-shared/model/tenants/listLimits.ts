import { portCount } from './ports.ts';

/**
 * What one appliance may list: the kit keeps to it and the console reads no more **[ours]**. A tenant has a port at least,
 * so there are no more tenants than ports.
 */
export const maxTenants = portCount;
/** Keys that one tenant may log in with, those in their overlap included. */
export const maxTenantKeys = 5;
/** Live sessions of one tenant. One is usual; a second is there while a first is not known to be dead yet. */
export const maxTenantSessions = 4;
/** Keys that were refused in the last hour. */
export const maxRefusedLogIns = 50;
/** Repositories without a port, of all tenants together. */
export const maxListedUnplaced = portCount;
/** Bytes of JSON that all tenants' announcements take in one list. */
export const maxListedText = 2 * 1024 * 1024;

/** Sessions that are about to end, and ports that are another tenant's by now, are listed as well. */
const maxPassing = 1_000;
export const maxListedForwards = portCount + maxPassing;
export const maxListedSessions = maxTenants * maxTenantSessions + maxPassing;

/**
 * What one item takes at most, as JSON without what is counted on its own: bytes, and values as `measureJson` counts them,
 * one for an object, one for each member but the first, one for its place in the list.
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

/** The longest list of all tenants. */
export const maxListBytes = sumOf('bytes') + maxListedText;
export const maxListValues = sumOf('values');
