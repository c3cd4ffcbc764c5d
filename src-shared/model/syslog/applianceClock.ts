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
