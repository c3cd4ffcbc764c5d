import { z } from 'zod';

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** An instant as ISO 8601 in UTC, e.g. `2026-11-20T09:30:00.000Z`. All instants in contracts have this form. */
export const instantSchema = z.iso.datetime().max(40);

/** Milliseconds since `instant`. Never negative, although the clocks of two machines differ. */
export function ageMs(instant: string, now: number): number {
  return Math.max(0, now - Date.parse(instant));
}

/** How far an instant may be ahead of the clock without being treated as a future instant. */
const futureToleranceMs = 5 * secondMs;

/**
 * Whether a value seen at `instant` is too old to be trusted at `now`. A future instant also counts as too
 * old, because the clock was set back and the real age is unknown.
 */
export function isOlderThan(instant: string, limitMs: number, now: number): boolean {
  const age = now - Date.parse(instant);
  return age > limitMs || age < -futureToleranceMs;
}

/** A duration in short form: `now`, `42 s`, `6 min`, `3 h`, `3 d 4 h`, `212 d`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h`;
  const days = Math.floor(hours / 24);
  const restHours = hours % 24;
  return days < 10 && restHours > 0 ? `${days} d ${restHours} h` : `${days} d`;
}

/** Instants in a text, as `formatInstant` writes them. */
export const instantInText = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/u;

/** An instant in UTC to the second: `2026-11-20 09:30:00 UTC`. */
export function formatInstant(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
