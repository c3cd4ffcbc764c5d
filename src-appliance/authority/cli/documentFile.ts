import { createReadStream } from 'node:fs';
import { AppError } from '../../../src-shared/errors.ts';
import { readStreamBounded } from '../../../src-shared/node/files.ts';
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

/** A million accounts have 330 MB. SQLite and JavaScript hold texts of up to 512 MB. */
const maxStatementBytes = 500 * 1024 * 1024;

/** Reads a usage statement as it is, from a file or from standard input. Throws INVALID_INPUT. */
export async function readStatementFile(path: string): Promise<Buffer> {
  const source = path === '-' ? process.stdin : createReadStream(path);
  try {
    const content = await readStreamBounded(source, maxStatementBytes);
    if (content !== null) return content;
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `${path} can’t be read.`, { cause });
  }
  throw new AppError('INVALID_INPUT', `${path} is larger than ${maxStatementBytes} bytes.`);
}
