import { AppError } from '../../../src-shared/errors.ts';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { findLegacyAlgorithms, type AlgorithmKind } from './algorithms.ts';
import type { ServerOffer } from './serverOffer.ts';

/**
 * ssh2's error messages if both sides share no algorithm, and the kind of algorithm that each is about.
 */
const kinds: readonly (readonly [words: RegExp, kind: AlgorithmKind, name: string])[] = [
  [/no matching key exchange algorithm/u, 'kex', 'key exchange'],
  [/no matching host key format/u, 'serverHostKey', 'host key'],
  [/no matching \S+ cipher/u, 'cipher', 'cipher'],
  [/no matching \S+ MAC/u, 'hmac', 'MAC'],
  [/no matching \S+ compression/u, 'compress', 'compression'],
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
 * the server offered. Null for any other failure.
 */
export function createAlgorithmsError(
  hop: string,
  error: unknown,
  offer: ServerOffer | null,
): AppError | null {
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
