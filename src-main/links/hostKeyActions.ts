import { hostKeyDetailSchema } from '../../src-shared/errorFacts.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry, SshTarget } from '../../src-shared/model/appliance/applianceEntry.ts';
import { compareExpectedKey, readExpectedKey } from '../../src-shared/model/appliance/expectedKey.ts';
import type { HostKey } from '../../src-shared/model/appliance/hostKey.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { SshTransport } from '../ssh/types.ts';
import { hopsOf, createPinVerifier } from './hops.ts';
import type { KnownHosts } from './knownHosts.ts';
import type { Links } from './links.ts';
import { secondMs } from '../../src-shared/base/time.ts';

const scanTimeoutMs = 20 * secondMs;

export function auditTarget(entry: ApplianceEntry) {
  return { object: entry.name, destination: hopNameOf(entry.target) };
}

function assertSameKey(expected: string | undefined, actual: string, which: 'offered' | 'pinned'): void {
  if (expected !== actual)
    throw new AppError('VERIFICATION_FAILED', `The ${which} host key has changed since it was shown.`, {
      detail: { [which]: expected ?? null, expected: actual },
    });
}

function assertReadable(expected: string | null): void {
  if (expected !== null && readExpectedKey(expected) === null)
    throw new AppError(
      'INVALID_INPUT',
      'The expected key is neither a fingerprint (SHA256:… or MD5:…) nor a public key line.',
    );
}

/**
 * Compares the key of the server with `expected`, a fingerprint or a public key. Null if `expected` is null.
 * Throws INVALID_INPUT for any other text.
 */
function compareExpected(offered: HostKey, expected: string | null): 'match' | 'mismatch' | null {
  if (expected === null) return null;
  assertReadable(expected);
  return compareExpectedKey(offered, expected) === 'match' ? 'match' : 'mismatch';
}

/** Fetches, accepts and replaces host keys. Accepting and replacing are recorded in the audit trail. */
export function createHostKeyActions(options: {
  inventory: Inventory;
  links: Links;
  audit: Audit;
  transport: SshTransport;
  knownHosts: KnownHosts;
}) {
  const { inventory, links, audit, knownHosts } = options;
  return {
    /**
     * Pins the host key that the link shows for confirmation. Rejects with NOT_FOUND if it shows no key, and
     * with VERIFICATION_FAILED if the key does not match `fingerprint`, or `expected` if that is not null.
     */
    acceptHostKey: async (id: string, fingerprint: string, expected: string | null = null): Promise<void> => {
      const entry = inventory.get(id);
      const state = links.state(id);
      const waiting = state.state === 'waiting-host-key' ? state : null;
      const hop = hopsOf(entry).find((target) => hopNameOf(target) === waiting?.hop);
      const action = { ...auditTarget(entry), event: 'hostKey.accept', detail: fingerprint } as const;
      await audit.act(action, () => {
        if (waiting === null || hop === undefined)
          throw new AppError('NOT_FOUND', `${entry.name} is not waiting for a host key to be accepted.`);
        assertSameKey(waiting.offered.fingerprint, fingerprint, 'offered');
        if (compareExpected(waiting.offered, expected) === 'mismatch')
          throw new AppError('VERIFICATION_FAILED', 'The offered host key is not the expected key.', {
            detail: { offered: fingerprint, expected },
          });
        knownHosts.findUnlessRevoked(hop, waiting.offered);
        inventory.pin(hop, waiting.offered);
        links.connect(id);
      });
    },
    /**
     * Replaces a pinned key by the new key that stopped the link. Both fingerprints must match those in the
     * link's state.
     */
    replaceHostKey: async (change: {
      id: string;
      oldFingerprint: string;
      newFingerprint: string;
    }): Promise<void> => {
      const { id, oldFingerprint, newFingerprint } = change;
      const entry = inventory.get(id);
      const state = links.state(id);
      const stopped =
        state.state === 'stopped' && state.error.code === 'HOST_KEY_CHANGED'
          ? hostKeyDetailSchema.required().safeParse(state.error.detail).data
          : undefined;
      const detail = `${oldFingerprint} by ${newFingerprint}`;
      const action = { ...auditTarget(entry), event: 'hostKey.replace', detail } as const;
      await audit.act(action, () => {
        if (stopped === undefined)
          throw new AppError('NOT_FOUND', `${entry.name} has no changed host key to replace.`);
        assertSameKey(inventory.pinned(stopped)?.fingerprint, oldFingerprint, 'pinned');
        assertSameKey(stopped.offered.fingerprint, newFingerprint, 'offered');
        knownHosts.findUnlessRevoked({ host: stopped.host, port: stopped.port }, stopped.offered);
        inventory.pin(stopped, stopped.offered);
        links.connect(id);
      });
    },
    /**
     * Fetches the host key of a server without logging in. Rejects with CONNECT_FAILED or another link error.
     */
    scanHostKey: async (request: {
      target: SshTarget;
      jumps: readonly SshTarget[];
      legacyAlgorithms?: boolean;
      expected?: string | null;
    }) => {
      const { target, jumps, legacyAlgorithms = false, expected = null } = request;
      assertReadable(expected);
      const offered = await fetchHostKey(options, { target, jumps, legacyAlgorithms });
      return {
        offered,
        pinned: inventory.pinned(target),
        knownHosts: knownHosts.find(target, offered),
        expected: compareExpected(offered, expected),
      };
    },
  };
}

async function fetchHostKey(
  options: { inventory: Inventory; transport: SshTransport; knownHosts: KnownHosts },
  request: { target: SshTarget; jumps: readonly SshTarget[]; legacyAlgorithms: boolean },
): Promise<HostKey> {
  const seen: HostKey[] = [];
  const verifyPinned = createPinVerifier(options.inventory, options.knownHosts);
  const lastHop = hopNameOf(request.target);
  try {
    const connection = await options.transport.connect({
      ...request,
      verifyHostKey: async (hop, offered) => {
        if (hop.name !== lastHop) return verifyPinned(hop, offered);
        seen.push(offered);
        throw new AppError('CANCELLED', 'The host key was read; no login is needed.');
      },
      askSecret: async () => null,
      onStep: () => {},
      signal: AbortSignal.timeout(scanTimeoutMs),
    });
    connection.close();
  } catch (thrown) {
    if (seen.length === 0) throw thrown;
  }
  const [offered] = seen;
  if (offered !== undefined) return offered;
  throw new AppError('CONNECT_FAILED', `${lastHop} sent no host key.`, { detail: { hop: lastHop } });
}
