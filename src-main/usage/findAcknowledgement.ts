import { AppError } from '../../src-shared/errors.ts';
import { findDocuments } from '../../src-shared/model/licence/findDocument.ts';

/**
 * Finds the acknowledgement of a usage statement in a text that was pasted or read from a file. Other text around it does no
 * harm. Throws INVALID_INPUT without one, or with several.
 */
export function findAcknowledgement(text: string): string {
  const [found, ...others] = findDocuments(text).filter(({ type }) => type === 'acknowledgement');
  if (found === undefined)
    throw new AppError(
      'INVALID_INPUT',
      'The text contains no acknowledgement. `sallyport-authority statement` prints it for a statement.',
    );
  if (others.length > 0)
    throw new AppError(
      'INVALID_INPUT',
      `The text contains ${others.length + 1} acknowledgements. Enter one at a time.`,
    );
  return found.text;
}
