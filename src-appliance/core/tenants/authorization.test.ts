import { describe, expect, it } from 'vitest';
import { authorizedKeysLine, canListenOnClusterAddress } from './authorization.ts';

const address = '10.77.0.2';

/** The `permitlisten` options for a tenant with this many ports from 2200 on. */
function permitsOf(portCount: number, listenAddress?: string): string[] {
  const line = authorizedKeysLine({
    authorization: {
      clientId: 'acme',
      createdAt: null,
      suspended: false,
      fingerprint: 'SHA256:x',
      keyType: 'ssh-ed25519',
      keyBlob: 'AAAA',
      ports: [{ first: 2200, last: 2199 + portCount }],
      deadline: { expiresAt: null, whileRunning: null },
    },
    command: 'exec registrar',
    listenAddress,
  });
  return [...line.matchAll(/permitlisten="([^"]*)"/gu)].map(([, permit = '']) => permit);
}

describe('the addresses on which a tenant may listen', () => {
  it('when no address for cluster members is set, are loopback only', () => {
    expect(permitsOf(1)).toStrictEqual(['127.0.0.1:2200', 'localhost:2200']);
  });

  it.each([
    ['IPv4', address, `${address}:2200`],
    ['IPv6', 'fd00::2', '[fd00::2]:2200'],
  ])('when an address of %s is set, are loopback and that address', (_, given, permit) => {
    expect(permitsOf(1, given)).toStrictEqual(['127.0.0.1:2200', 'localhost:2200', permit]);
  });

  it.each([
    [1365, [address, '127.0.0.1', 'localhost']],
    [1366, ['127.0.0.1', 'localhost']],
    [2048, ['127.0.0.1', 'localhost']],
    [2049, ['127.0.0.1']],
    [3000, ['127.0.0.1']],
  ])('when a tenant has %i ports, are as many as sshd accepts, and each has a host', (count, hosts) => {
    const permits = permitsOf(count, address);
    expect(permits.length).toBeLessThanOrEqual(4096);
    expect(permits).toHaveLength(count * hosts.length);
    // No option may be a port without a host, because sshd would permit every address.
    expect([...new Set(permits.map((permit) => permit.replace(/:\d+$/u, '')))].toSorted()).toStrictEqual(
      hosts,
    );
    expect(canListenOnClusterAddress(count, address)).toBe(hosts.includes(address));
  });
});
