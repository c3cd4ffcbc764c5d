import { AppError } from '../../src-shared/errors.ts';
import { findDocuments } from '../../src-shared/model/licence/findDocument.ts';
import { refuse } from './store/signedByAppliance.ts';

/** What a person brings from an appliance to the authority. */
export type CarriedDocument = { type: 'request' | 'receipt'; text: string };

/**
 * The request or receipt in a text as people upload or paste it: wrapped, quoted by a mail program, with words around
 * it. Null if the text has none. Throws INVALID_INPUT if it has several, and VERIFICATION_FAILED if it has a licence.
 */
export function findCarriedDocument(text: string): CarriedDocument | null {
  const found = findDocuments(text);
  const [first, ...others] = found.flatMap(({ type, text: document }): CarriedDocument[] =>
    type === 'request' || type === 'receipt' ? [{ type, text: document }] : [],
  );
  if (first !== undefined && others.length > 0)
    throw new AppError(
      'INVALID_INPUT',
      `The text contains ${others.length + 1} different requests or receipts. Enter only one.`,
    );
  if (first !== undefined) return first;
  if (found.some(({ type }) => type === 'licence'))
    throw refuse('format', 'This is a licence. Apply it to the appliance; the authority needs no copy.');
  return null;
}
