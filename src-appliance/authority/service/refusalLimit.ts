import { isIP } from 'node:net';
import { secondMs } from '../../../src-shared/base/time.ts';

/** An address may have so many requests refused at once, and then one more each second **[ours]**. */
export const maxRefusals = 60;
const restoreMs = secondMs;
/** Addresses beyond this number are forgotten, the ones without a refusal for the longest time first. */
export const maxClients = 4096;

const groupsOf = (part = '') => (part === '' ? [] : part.split(':'));

/** All addresses of one IPv6 network count together, because one client has them all. */
function clientOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/iu, '');
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = plain.split('%', 1)[0]?.split('::') ?? [];
  const [first, last] = [groupsOf(head), groupsOf(tail)];
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array.from({ length: missing }, () => '0'), ...last].slice(0, 4).join(':');
}

/**
 * Limits wrong requests of one client, so that no one can try out licence keys, or keep the authority busy with them.
 * `clock`: milliseconds.
 */
export function createRefusalLimit(clock: () => number = () => performance.now()) {
  /** When the refusals of a client are all restored again. The newest is the last one. */
  const restored = new Map<string, number>();
  return {
    /** Milliseconds until the client may ask again; 0 if it may now. */
    waitMs: (address: string): number => {
      const until = restored.get(clientOf(address)) ?? 0;
      return Math.max(0, until - clock() - (maxRefusals - 1) * restoreMs);
    },
    count: (address: string): void => {
      const client = clientOf(address);
      const until = Math.max(restored.get(client) ?? 0, clock()) + restoreMs;
      restored.delete(client);
      restored.set(client, until);
      const [oldest] = restored.keys();
      if (restored.size > maxClients && oldest !== undefined) restored.delete(oldest);
    },
  };
}
