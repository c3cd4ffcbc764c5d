import { formatDuration, minuteMs, secondMs } from '../../base/time.ts';
import type { TimeContext } from './syslogTime.ts';

/** How far an appliance's clock is ahead of the console's; negative if it is behind. */
export type ClockSkew = { skewMs: number };

/** A smaller difference is not stated, because the answer that shows it was on its way **[ours]**. */
const minStatedMs = 500;

/** How lines that arrived at `receivedAt` (epoch milliseconds of the console) are read by the appliance's clock. */
export function toTimeContext({
  receivedAt,
  skewMs,
  zoneOffsetMinutes,
}: ClockSkew & { receivedAt: number; zoneOffsetMinutes: number }): TimeContext {
  return { receivedAt: receivedAt + skewMs, zoneOffsetMinutes };
}

/** The time of a line by the console's clock, so that lines of several appliances can be merged. */
export function correctTime(time: string, { skewMs }: ClockSkew): string {
  const corrected = new Date(Date.parse(time) - skewMs);
  // A skew from a broken clock must not lead outside the times that a line can have.
  const year = corrected.getUTCFullYear();
  return year >= 0 && year <= 9999 ? corrected.toISOString() : time;
}

/** The skew for people, e.g. `+2.4 s` or `−3 min`; null if no skew is known. */
export function formatSkew({ skewMs }: ClockSkew): string | null {
  const distance = Math.abs(skewMs);
  if (distance < minStatedMs) return null;
  const text = distance < minuteMs ? `${(distance / secondMs).toFixed(1)} s` : formatDuration(distance);
  return `${skewMs < 0 ? '−' : '+'}${text}`;
}

/** How far a skew may be off, as `± 0.6 s`; empty if that is not known. */
export function formatSkewError(errorMs: number | null | undefined): string {
  if (errorMs === null || errorMs === undefined) return '';
  // Rounded up, so that the true time is never outside of what is stated.
  if (errorMs < minuteMs) return `± ${(Math.ceil(errorMs / 100) / 10).toFixed(1)} s`;
  return `± ${Math.ceil(errorMs / minuteMs)} min`;
}

/** A line whose time is by the console's clock: `sort`, in epoch milliseconds. */
type TimedLine = { applianceId: string; key: { sort: number }; skewErrorMs?: number | null | undefined };

/**
 * Whether the order of two lines is known: lines of one appliance are in the order of its files; those of two only if they
 * are further apart than the clocks may be off.
 */
export function isOrderKnown(left: TimedLine, right: TimedLine): boolean {
  if (left.applianceId === right.applianceId) return true;
  const { skewErrorMs: leftError } = left;
  const { skewErrorMs: rightError } = right;
  if (typeof leftError !== 'number' || typeof rightError !== 'number') return false;
  return Math.abs(left.key.sort - right.key.sort) > leftError + rightError;
}
