import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 128 bits, 32 characters: the client knows their number. */
export function createTicket(): string {
  return randomBytes(16).toString('hex');
}

/** What is kept of a ticket: a reader of it can't log in with it. */
export function hashTicket(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex');
}

export function isTicket(ticket: string, hash: string | null): boolean {
  if (hash === null) return false;
  const given = Buffer.from(hashTicket(ticket));
  const kept = Buffer.from(hash);
  return given.length === kept.length && timingSafeEqual(given, kept);
}
