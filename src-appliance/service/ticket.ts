import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 128 bits in 32 characters. The client program expects this length. */
export function createTicket(): string {
  return randomBytes(16).toString('hex');
}

/** The form in which a ticket is stored. It can't be used as a ticket. */
export function hashTicket(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex');
}

export function matchesTicket(ticket: string, hash: string | null): boolean {
  if (hash === null) return false;
  const given = Buffer.from(hashTicket(ticket));
  const kept = Buffer.from(hash);
  return given.length === kept.length && timingSafeEqual(given, kept);
}
