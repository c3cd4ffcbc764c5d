import { maxDocumentBytes } from '../../../../../src-shared/model/licence/documents.ts';
import { decodeText } from '../../../../../src-shared/base/textEncoding.ts';
import { readInputText, readTableFile } from '../../files.ts';

/** Text with line breaks and quoting is longer than the document in it. */
const maxAnswerFile = 4 * maxDocumentBytes;

/** Reads a file in UTF-8 or UTF-16, or standard input for `-`. Throws INVALID_INPUT. */
export async function readAnswerText(file: string): Promise<string> {
  if (file !== '-') return readTableFile(file, maxAnswerFile);
  return decodeText(Buffer.from(await readInputText(maxAnswerFile)));
}
