import type { ProtocolFacts } from './serviceProbe.ts';
import type { HttpAnswer } from './httpExchange.ts';
import { wantsCertificate } from './tlsAlerts.ts';

/** Statuses of nginx for a client's certificate that is wrong or missing. */
const certificateStatuses: ReadonlySet<number> = new Set([495, 496]);
/** Statuses with which servers refuse a client without a certificate, and say why only in their words. */
const refusalStatuses: ReadonlySet<number> = new Set([400, 403]);

/** How nginx, Apache, IIS, HAProxy and load balancers say that a client's certificate is missing. */
const certificateWords: readonly RegExp[] = [
  /\bno (?:required |valid )?(?:(?:ssl|tls|client|user) ){1,2}certificate\b/iu,
  /\bthe ssl certificate error\b/iu,
  /\b(?:client|user|ssl client)[ _-]cert(?:ificate)?\b[^<.]{0,60}\b(?:required|requires|missing|needed|not[ _](?:provided|sent|presented|supplied))/iu,
  /\b(?:requires?|required|needs?|missing|provide|present|send)\b[^<.]{0,80}\bclient[ -]cert(?:ificate)?\b/iu,
  /client_cert(?:ificate)?_(?:required|missing|not_provided)/iu,
  /\bcannot perform post-handshake authentication\b/iu,
  /\b403\.7\b/u,
];

/** The words that a page shows. */
const textOf = (body: string) =>
  body
    .slice(0, 16_384)
    .replaceAll(/<[^<>]{0,200}>/gu, ' ')
    .replaceAll(/\s+/gu, ' ');

/**
 * The result if an answer inside TLS says that the client's certificate is missing. Servers complete the handshake
 * without it, and refuse the request.
 */
export function findMissingCertificate({ status, described, body, tls }: HttpAnswer): ProtocolFacts | null {
  if (tls === null) return null;
  const text = refusalStatuses.has(status) ? textOf(body) : '';
  const isMissing = certificateStatuses.has(status) || certificateWords.some((words) => words.test(text));
  if (!isMissing) return null;
  const { means, cause } = wantsCertificate;
  return { outcome: 'tls-failed', reason: `${described}: ${means}`, cause };
}
