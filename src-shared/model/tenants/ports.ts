import { z } from 'zod';

/** First and last port that tenants' forwards may take, inclusive **[doc]**. */
export const firstPort = 2200;
export const lastPort = 5199;
export const portCount = lastPort - firstPort + 1;
/** Number of ports that a tenant gets by default **[doc]**. */
export const defaultQuota = 20;

/** Number of TCP ports. */
export const maxPorts = 65_535;
export const portSchema = z.int().min(1).max(maxPorts);

/** A contiguous block of ports, both ends included. */
export const portRangeSchema = z
  .object({ first: portSchema, last: portSchema })
  .refine((range) => range.first <= range.last, 'first must not be greater than last');
export type PortRange = z.infer<typeof portRangeSchema>;

export function rangeSize(range: PortRange): number {
  return range.last - range.first + 1;
}

export function countPorts(ranges: readonly PortRange[]): number {
  return ranges.reduce((sum, range) => sum + rangeSize(range), 0);
}

export function listPorts(ranges: readonly PortRange[]): number[] {
  return ranges.flatMap((range) =>
    Array.from({ length: rangeSize(range) }, (_, index) => range.first + index),
  );
}

export function hasPort(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some((range) => range.first <= port && port <= range.last);
}

/** Formats ranges for users, e.g. `2200–2219, 2300`. */
export function formatRanges(ranges: readonly PortRange[]): string {
  return ranges
    .map((range) => (range.first === range.last ? `${range.first}` : `${range.first}–${range.last}`))
    .join(', ');
}
