import { base64url } from 'jose';
import { z } from 'zod';
import { findEncodingFault } from '../../base/textEncoding.ts';
import { documentTypeOf, maxDocumentBytes, type DocumentType } from './documents.ts';

/** The letters of an Ed25519 signature in base64url. */
const signatureLength = 86;
const maxHeaderLength = 1024;
/** How many beginnings of a header are tried in one text, so that no text makes the search slow. */
const maxBeginnings = 512;
const maxDocuments = 16;

export type FoundDocument = { text: string; type: DocumentType };

const typSchema = z.object({ typ: z.string() });

function typeOfHeader(encoded: string): DocumentType | null {
  try {
    const header = typSchema.safeParse(JSON.parse(new TextDecoder().decode(base64url.decode(encoded))));
    return header.success ? documentTypeOf(header.data.typ) : null;
  } catch {
    return null;
  }
}

/** Finds the header at the end of a word, because words before it may have been joined to it. */
function createHeaderSearch() {
  let triesLeft = maxBeginnings;
  return (word: string): { encoded: string; type: DocumentType } | null => {
    const text = word.slice(-maxHeaderLength);
    for (let at = text.indexOf('eyJ'); at !== -1 && triesLeft > 0; at = text.indexOf('eyJ', at + 1)) {
      triesLeft -= 1;
      const encoded = text.slice(at);
      const type = typeOfHeader(encoded);
      if (type !== null) return { encoded, type };
    }
    return null;
  };
}

/** Undoes what mail programs, chats and editors do to a long line. Invisible characters are removed. */
function joinLines(text: string): string {
  const plain = findEncodingFault(text)?.plain ?? text;
  return plain
    .replaceAll(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/^(?:[^\S\n]*[>|])+/gmu, '')
    .replaceAll(/=[^\S\n]*\r?\n/gu, '')
    .replaceAll(/\s+/gu, '');
}

/**
 * Finds signed documents in a text as people paste it: wrapped by a mail program, quoted with `> `, in UTF-16, with
 * words before and after. A document that is cut off is found too, so that its verification can say so. Lists the same
 * document once, and does not verify any.
 */
export function findDocuments(text: string): FoundDocument[] {
  const words = joinLines(text).split('.');
  const found = new Map<string, FoundDocument>();
  const findHeader = createHeaderSearch();
  for (const [at, word] of words.entries()) {
    if (found.size >= maxDocuments) break;
    const header = findHeader(word);
    if (header === null) continue;
    const payload = words[at + 1] ?? '';
    const signature = /^[\w-]*/u.exec(words[at + 2] ?? '')?.[0] ?? '';
    const document = `${header.encoded}.${payload}.${signature.slice(0, signatureLength)}`;
    if (document.length <= maxDocumentBytes) found.set(document, { text: document, type: header.type });
  }
  return [...found.values()];
}
