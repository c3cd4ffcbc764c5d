import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import {
  licenceRequestSchema,
  type LicenceRequest,
} from '../../../src-shared/model/licence/licenceRequest.ts';
import type { ApplianceRecord, ApplianceStore } from './appliances.ts';
import type { AuthorityDatabase } from './database.ts';
import { planLicence, recordedLicence, type LicenceStore } from './licences.ts';
import { checkApplianceSignature, documentText, readApplianceDocument, refuse } from './signedByAppliance.ts';

/**
 * A request may claim a higher installed sequence than was issued here, e.g. after a restored backup. Higher claims
 * are refused, so that a faulty appliance can't use up all numbers **[ours]**.
 */
const maxClaimedSequence = 1_000_000_000;
/** So many new licences at most get to one appliance within a day, so that a faulty one can't fill the disk **[ours]**. */
export const maxAnswersPerDay = 200;
/** A licence is valid from the appliance's time if its clock is behind by at most this **[ours]**. */
const maxClockLagMs = dayMs;

const answerRowSchema = z.object({ request: z.string(), licence: z.string() });

export type Answer = {
  appliance: ApplianceRecord;
  request: LicenceRequest;
  licence: LicencePayload;
  /** The signed licence. */
  document: string;
  /** True if this request was answered before. The document is then the same. */
  isRepeated: boolean;
  /** The licence that was issued before this one, null if none was. */
  previous: LicencePayload | null;
  /** The number of the newest request that was answered. A request with a lower number is void. */
  newestNumber: number;
};

/** Verifies a request and reads it without answering it. Throws VERIFICATION_FAILED. */
export async function readRequest(text: string): Promise<LicenceRequest> {
  const { keyId, payload } = readApplianceDocument(text, 'request', licenceRequestSchema);
  await checkApplianceSignature(text, keyId, payload.publicKey);
  return payload;
}

/** The answer that `request` got before, null if it is new. Throws if it may get none. */
function findAnswer(
  database: AuthorityDatabase,
  appliance: ApplianceRecord,
  request: { text: string; content: LicenceRequest },
): string | null {
  if (appliance.revokedAt !== null)
    throw new AppError('CONTRACT_ENDED', `The contract of ${appliance.name} was revoked.`);
  if (appliance.identity !== null && appliance.identity !== request.content.publicKey)
    throw refuse(
      'identity',
      `Another machine’s key signed the request of ${appliance.name}. If the appliance was reinstalled, forget its old key first.`,
    );
  const earlier = database.first(
    answerRowSchema,
    'SELECT request.document AS request, licence.document AS licence FROM request JOIN licence ON licence.id = licenceId WHERE request.id = ?',
    request.content.id,
  );
  if (earlier !== null && earlier.request !== request.text)
    throw refuse('request', 'Another request with the same ID was answered before.');
  return earlier?.licence ?? null;
}

/** The licence that answers `request`. Throws CONTRACT_ENDED or VERIFICATION_FAILED. */
function planAnswer(
  appliance: ApplianceRecord,
  request: LicenceRequest,
  context: { now: number; appliances: ApplianceStore },
): LicencePayload {
  const { now, appliances } = context;
  const granted = planLicence(appliance, now);
  if (Date.parse(granted.expiresAt) <= now)
    throw new AppError('CONTRACT_ENDED', `The contract of ${appliance.name} has ended.`);
  const claimed = request.licence.sequence ?? 0;
  if (claimed > maxClaimedSequence)
    throw refuse('request', 'The request names an impossible sequence number of the installed licence.');
  const startMs = Math.max(Math.min(now, Date.parse(request.madeAt)), now - maxClockLagMs);
  return {
    ...granted,
    sequence: Math.max(appliance.sequence, claimed) + 1,
    notBefore: new Date(startMs).toISOString(),
    request: { id: request.id, nonce: request.nonce },
    configuration: appliances.changesSince(appliance.id, request.configurationRevision),
  };
}

export type AnswerStore = {
  /**
   * Answers a request. The same request gets the same bytes. Throws VERIFICATION_FAILED, NOT_FOUND or CONTRACT_ENDED,
   * with nothing changed.
   */
  answer: (text: string) => Promise<Answer>;
};

export function createAnswerStore(options: {
  database: AuthorityDatabase;
  appliances: ApplianceStore;
  licences: LicenceStore;
  now: () => number;
}): AnswerStore {
  const { database, appliances, licences } = options;
  const requireRoom = ({ id, name }: ApplianceRecord): void => {
    const row = database.first(
      z.object({ count: z.int() }),
      'SELECT count(*) AS count FROM request WHERE applianceId = ? AND answeredAt > ?',
      id,
      new Date(options.now() - dayMs).toISOString(),
    );
    if ((row?.count ?? 0) < maxAnswersPerDay) return;
    const message = `${name} got ${maxAnswersPerDay} licences within a day. Find out why it asks so often.`;
    throw new AppError('TOO_MANY_REQUESTS', message);
  };
  const answerNew = (text: string, request: LicenceRequest, appliance: ApplianceRecord): string => {
    requireRoom(appliance);
    const licence = planAnswer(appliance, request, { now: options.now(), appliances });
    if (appliance.identity === null) appliances.pinIdentity(appliance.id, request.publicKey);
    const document = licences.record(licence);
    database.run(
      'INSERT INTO request (id, applianceId, number, nonce, document, answeredAt, licenceId) VALUES (?, ?, ?, ?, ?, ?, ?)',
      request.id,
      appliance.id,
      request.number,
      request.nonce,
      text,
      licence.issuedAt,
      licence.id,
    );
    return document;
  };
  const newestNumber = (applianceId: string): number =>
    database.first(
      z.object({ number: z.int().nullable() }),
      'SELECT max(number) AS number FROM request WHERE applianceId = ?',
      applianceId,
    )?.number ?? 0;
  return {
    answer: async (file) => {
      const text = documentText(file);
      const request = await readRequest(text);
      return database.write(() => {
        const appliance = appliances.find(request.applianceId);
        const earlier = findAnswer(database, appliance, { text, content: request });
        const document = earlier ?? answerNew(text, request, appliance);
        const licence = recordedLicence(document);
        return {
          appliance: appliances.find(appliance.id),
          request,
          licence,
          document,
          isRepeated: earlier !== null,
          previous: licences.before(licence),
          newestNumber: newestNumber(appliance.id),
        };
      });
    },
  };
}
