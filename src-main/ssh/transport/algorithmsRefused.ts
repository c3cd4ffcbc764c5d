import { AppError } from '../../../src-shared/errors.ts';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { algorithmLists, findLegacyAlgorithms, type AlgorithmKind } from './algorithms.ts';
import type { ServerOffer } from './serverOffer.ts';

/**
 * ssh2's error messages if both sides share no algorithm, and the kind of algorithm that each is about.
 */
const kinds: readonly (readonly [words: RegExp, kind: AlgorithmKind, name: string, setting: string])[] = [
  [/no matching key exchange algorithm/u, 'kex', 'key exchange', 'KexAlgorithms'],
  [/no matching host key format/u, 'serverHostKey', 'host key', 'HostKeyAlgorithms'],
  [/no matching \S+ cipher/u, 'cipher', 'cipher', 'Ciphers'],
  [/no matching \S+ MAC/u, 'hmac', 'MAC', 'MACs'],
  [/no matching \S+ compression/u, 'compress', 'compression', 'Compression'],
];

const howToAllow =
  'Update its SSH server; if you can’t, allow legacy algorithms in its entry (--legacy-algorithms).';

/** Creates the error for a server with a short host key. */
export function createWeakHostKeyError(hop: string, fault: string): AppError {
  return new AppError('ALGORITHMS_REFUSED', `${hop} has an ${fault}, which is too short. ${howToAllow}`, {
    detail: { hop, kind: 'serverHostKey', offered: [fault], legacy: [fault] },
  });
}

/**
 * Returns the error for a handshake that failed because both sides share no algorithm; the error lists what
 * the server offered and what this console offers. Null for any other failure.
 */
export function createAlgorithmsError(
  hop: string,
  {
    error,
    offer,
    legacyAlgorithms,
  }: { error: unknown; offer: ServerOffer | null; legacyAlgorithms: boolean },
): AppError | null {
  const message = error instanceof Error ? error.message : '';
  const found = kinds.find(([words]) => words.test(message));
  if (found === undefined) return null;
  const [, kind, name, setting] = found;
  const offered = (offer?.[kind] ?? []).slice(0, 32).map((one) => visibleLine(one.slice(0, 64)));
  const legacy = findLegacyAlgorithms(kind, offered);
  const theirs = offered.length === 0 ? 'its list could not be read' : `it offers ${offered.join(', ')}`;
  const ours = algorithmLists({ legacyAlgorithms, pinnedTypes: [] })[kind].join(', ');
  const advice =
    legacy.length > 0
      ? howToAllow
      : `Let its SSH server offer one of the console’s too (${setting} in sshd_config), or update it; no setting allows any of these.`;
  return new AppError(
    'ALGORITHMS_REFUSED',
    `${hop} offers no secure ${name} algorithm that this console has: ${theirs}; the console offers ${ours}. ${advice}`,
    {
      detail: { hop, kind, offered, legacy },
      cause: error,
    },
  );
}
