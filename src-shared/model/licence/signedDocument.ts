import { z } from 'zod';
import { base64url, compactVerify, importJWK } from 'jose';
import { quoteText } from '../../base/machineText.ts';
import { measureJson } from '../../base/measureJson.ts';
import { documentTypeOf, maxDocumentBytes, type DocumentType, type PublicKey } from './documents.ts';

const bounds = { maxDepth: 8, maxValues: 4_000 };

/** Strict, so that an unknown critical header or any other header is refused. */
const headerSchema = z.strictObject({
  alg: z.literal('EdDSA'),
  typ: z.string().max(128),
  kid: z.string().max(128),
});

export type SignedDocument = { keyId: string; payload: unknown };
/** `file`: no whole document. `format`: a document of another kind or format. */
export type DocumentProblem = { problem: 'file' | 'format'; reason: string };

/** The text of a part, or null unless the part is base64url in its only possible spelling. */
function decodePart(part: string): string | null {
  if (!/^[\w-]+$/.test(part)) return null;
  try {
    const bytes = base64url.decode(part);
    if (base64url.encode(bytes) !== part) return null;
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * Parses JSON only in the spelling that `JSON.stringify` writes. This refuses duplicate keys and the key `__proto__`,
 * which parsers understand differently.
 */
function parseExactJson(text: string): { value: unknown } | null {
  const { depth, values } = measureJson(text, bounds);
  if (depth > bounds.maxDepth || values > bounds.maxValues) return null;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text && !text.includes('"__proto__":') ? { value } : null;
  } catch {
    return null;
  }
}

/**
 * Reads a document without verifying its signature. `text` is the file's content; one line end at its end is
 * allowed. Never throws.
 */
export function readDocument(text: string, type: DocumentType): SignedDocument | DocumentProblem {
  if (text.length > maxDocumentBytes)
    return { problem: 'file', reason: `it is larger than ${maxDocumentBytes} bytes` };
  const parts = text.replace(/\r?\n$/, '').split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3 || !/^[\w-]{85}[AQgw]$/.test(signature))
    return { problem: 'file', reason: 'it is cut off or damaged, or no Sallyport document' };
  const [headerText, payloadText] = [decodePart(header), decodePart(payload)];
  if (headerText === null || payloadText === null) return { problem: 'file', reason: 'it is damaged' };
  const readHeader = headerSchema.safeParse(parseExactJson(headerText)?.value);
  if (!readHeader.success)
    return {
      problem: 'format',
      reason: 'its header is not one that Sallyport signs (EdDSA, typ and kid only)',
    };
  const { typ } = readHeader.data;
  const found = documentTypeOf(typ);
  if (found !== type)
    return {
      problem: 'format',
      reason: `it is not a ${type}, but ${found === null ? quoteText(typ) : `a ${found}`}`,
    };
  const json = parseExactJson(payloadText);
  if (json === null) return { problem: 'format', reason: 'its content is not JSON as Sallyport writes it' };
  return { keyId: readHeader.data.kid, payload: json.value };
}

/** Whether `key` signed the document. Never throws. */
export async function isSignedBy(text: string, key: PublicKey): Promise<boolean> {
  try {
    const { kty, crv, x } = key;
    await compactVerify(text.replace(/\r?\n$/, ''), await importJWK({ kty, crv, x }, 'EdDSA'), {
      algorithms: ['EdDSA'],
    });
    return true;
  } catch {
    return false;
  }
}
