import { AppError } from '../../../src-shared/errors.ts';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { findLegacyAlgorithms, type AlgorithmKind } from './algorithms.ts';
import type { ServerOffer } from './serverOffer.ts';

/** ssh2's messages if both sides have no algorithm in common, and the kind of algorithm. */
const kinds: readonly (readonly [words: RegExp, kind: AlgorithmKind, name: string])[] = [
  [/no matching key exchange algorithm/u, 'kex', 'key exchange'],
  [/no matching host key format/u, 'serverHostKey', 'host key'],
  [/no matching \S+ cipher/u, 'cipher', 'cipher'],
  [/no matching \S+ MAC/u, 'hmac', 'MAC'],
  [/no matching \S+ compression/u, 'compress', 'compression'],
];

const howToAllow =
  'Update its SSH server; if you can’t, allow legacy algorithms in its entry (--legacy-algorithms).';

/** The error for a server whose host key is too short. */
export function weakHostKey(hop: string, fault: string): AppError {
  return new AppError('ALGORITHMS_REFUSED', `${hop} has an ${fault}, which is too short. ${howToAllow}`, {
    detail: { hop, kind: 'serverHostKey', offered: [fault], legacy: [fault] },
  });
}

/**
 * The error for a handshake that failed because both sides have no algorithm in common, with the server's offer; null
 * for any other failure.
 */
export function algorithmsRefused(hop: string, error: unknown, offer: ServerOffer | null): AppError | null {
  const message = error instanceof Error ? error.message : '';
  const found = kinds.find(([words]) => words.test(message));
  if (found === undefined) return null;
  const [, kind, name] = found;
  const offered = (offer?.[kind] ?? []).slice(0, 32).map((one) => visibleLine(one.slice(0, 64)));
  const legacy = findLegacyAlgorithms(kind, offered);
  const list = offered.length === 0 ? 'its list could not be read' : `it offers ${offered.join(', ')}`;
  const advice = legacy.length > 0 ? howToAllow : 'Update its SSH server; no setting allows any of these.';
  return new AppError('ALGORITHMS_REFUSED', `${hop} offers no secure ${name} algorithm: ${list}. ${advice}`, {
    detail: { hop, kind, offered, legacy },
    cause: error,
  });
}
