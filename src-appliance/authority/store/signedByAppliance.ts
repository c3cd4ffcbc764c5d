import { calculateJwkThumbprint } from 'jose';
import type { z } from 'zod';
import { quoteText } from '../../../src-shared/base/machineText.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { publicKeySchema, type DocumentType } from '../../../src-shared/model/licence/documents.ts';
import { isSignedBy, readDocument } from '../../../src-shared/model/licence/signedDocument.ts';

/** Refuses a document. `check` names what failed. */
export function refuse(
  check: 'file' | 'format' | 'signature' | 'identity' | 'request' | 'licence',
  message: string,
): AppError {
  return new AppError('VERIFICATION_FAILED', message, { detail: { check } });
}

/**
 * Reads a document that an appliance signs. Throws VERIFICATION_FAILED. The signature is not verified yet, because a
 * receipt doesn't contain the key.
 */
export function readApplianceDocument<Payload>(
  text: string,
  type: DocumentType,
  schema: z.ZodType<Payload>,
): { keyId: string; payload: Payload } {
  const document = readDocument(text, type);
  if ('problem' in document)
    throw refuse(document.problem, `This is no ${type} that can be used: ${document.reason}.`);
  const payload = schema.safeParse(document.payload);
  if (!payload.success) {
    const field = payload.error.issues[0]?.path.join('.') ?? '';
    throw refuse('format', `The field ${quoteText(field)} of the ${type} has an unexpected value.`);
  }
  return { keyId: document.keyId, payload: payload.data };
}

/** Throws VERIFICATION_FAILED unless the key `x` signed the document under its RFC 7638 thumbprint as key ID. */
export async function checkApplianceSignature(text: string, keyId: string, x: string): Promise<void> {
  const key = publicKeySchema.parse({ kty: 'OKP', crv: 'Ed25519', x, kid: keyId });
  if ((await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x })) !== keyId)
    throw refuse('signature', 'The document names another key than the appliance’s own.');
  if (!(await isSignedBy(text, key)))
    throw refuse(
      'signature',
      'The signature does not match the content. The document was changed or damaged.',
    );
}

/** The document without the line end that a file may have. */
export function documentText(text: string): string {
  return text.replace(/\r?\n$/, '');
}
