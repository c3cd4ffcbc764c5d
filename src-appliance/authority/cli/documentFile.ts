import { maxDocumentBytes } from '../../../src-shared/model/licence/documents.ts';
import { readInputText, readTextFile } from '../../../src-shared/node/namedFiles.ts';

/** Reads a document from a file, or from standard input if `path` is `-`. Throws INVALID_INPUT. */
export async function readDocumentFile(path: string): Promise<string> {
  return path === '-' ? readInputText(maxDocumentBytes) : readTextFile(path, maxDocumentBytes);
}
