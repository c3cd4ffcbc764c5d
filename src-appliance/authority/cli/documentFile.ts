import { decodeText } from '../../../src-shared/base/textEncoding.ts';
import { maxDocumentBytes } from '../../../src-shared/model/licence/documents.ts';
import { readInputText, readTableFile } from '../../../src-shared/node/namedFiles.ts';
import { findCarriedDocument, type CarriedDocument } from '../carriedDocument.ts';
import { refuse } from '../store/signedByAppliance.ts';

const commandOf: Record<CarriedDocument['type'], string> = {
  request: 'sallyport-authority answer',
  receipt: 'sallyport-authority receipt',
};

/**
 * Reads a request or a receipt from a file, or from standard input if `path` is `-`. Other text around it does no
 * harm. Throws INVALID_INPUT, and VERIFICATION_FAILED for a document of another type.
 */
export async function readCarriedFile(path: string, type: CarriedDocument['type']): Promise<string> {
  const content =
    path === '-'
      ? decodeText(Buffer.from(await readInputText(maxDocumentBytes)))
      : readTableFile(path, maxDocumentBytes);
  const found = findCarriedDocument(content);
  if (found !== null && found.type !== type)
    throw refuse('format', `This is a ${found.type}, not a ${type}. It is for “${commandOf[found.type]}”.`);
  return found?.text ?? content;
}
