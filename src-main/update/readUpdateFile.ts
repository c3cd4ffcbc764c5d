import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../src-shared/errors.ts';
import { maxDocumentBytes, type PublicKey } from '../../src-shared/model/licence/documents.ts';
import { isSignedBy, readDocument } from '../../src-shared/model/licence/signedDocument.ts';
import { updateManifestSchema, type UpdateManifest } from '../../src-shared/model/update/updateFile.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';

export type SignedUpdate = { manifest: UpdateManifest; keyId: string };

const chunkBytes = 1024 ** 2;

const refuse = (message: string) => new AppError('VERIFICATION_FAILED', message);

/** The first line, without its end. Throws INVALID_INPUT. */
async function readManifestLine(file: FileHandle): Promise<string> {
  const buffer = Buffer.alloc(maxDocumentBytes);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  const end = buffer.subarray(0, bytesRead).indexOf('\n');
  if (end < 0) throw new AppError('INVALID_INPUT', 'The file is not an update file of Sallyport.');
  return buffer.subarray(0, end).toString('latin1');
}

/** Throws INVALID_INPUT if it is no manifest, and VERIFICATION_FAILED if none of `keys` signed it. */
async function verifyManifest(line: string, keys: readonly PublicKey[]): Promise<SignedUpdate> {
  const document = readDocument(line, 'update');
  if ('problem' in document)
    throw new AppError('INVALID_INPUT', `The file is not an update file of Sallyport: ${document.reason}.`);
  const key = keys.find(({ kid }) => kid === document.keyId);
  if (key === undefined) throw refuse('The update is signed by a key that this program does not know.');
  if (key.retiredAt !== undefined) throw refuse('The update is signed by a retired key.');
  if (!(await isSignedBy(line, key))) throw refuse('The signature of the update is not valid.');
  const manifest = updateManifestSchema.safeParse(document.payload);
  if (!manifest.success) throw refuse('The signed content of the update has another format.');
  return { manifest: manifest.data, keyId: key.kid };
}

/** Reads the package that follows the manifest, in bounded pieces. Throws VERIFICATION_FAILED. */
async function readPackage(
  file: FileHandle,
  options: { offset: number; manifest: UpdateManifest; onChunk: (chunk: Buffer) => Promise<void> },
): Promise<void> {
  const { manifest, offset, onChunk } = options;
  const { size } = await file.stat();
  if (size - offset !== manifest.size)
    throw refuse(`The package has ${Math.max(size - offset, 0)} bytes instead of ${manifest.size}.`);
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(Math.min(chunkBytes, manifest.size));
  for (let at = 0; at < manifest.size;) {
    const { bytesRead } = await file.read(
      buffer,
      0,
      Math.min(buffer.length, manifest.size - at),
      offset + at,
    );
    if (bytesRead === 0) throw refuse('The package ended early.');
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    await onChunk(chunk);
    at += bytesRead;
  }
  if (hash.digest('hex') !== manifest.sha256) throw refuse('The package is not the one that was signed.');
}

/**
 * Verifies an update file from end to end. `onChunk` receives the bytes of the package, which may be used only if this
 * resolves. Throws NOT_FOUND, INVALID_INPUT or VERIFICATION_FAILED.
 */
export async function readUpdateFile(
  path: string,
  options: { keys: readonly PublicKey[]; onChunk?: (chunk: Buffer) => Promise<void> },
): Promise<SignedUpdate> {
  const { keys, onChunk = () => Promise.resolve() } = options;
  if (keys.length === 0)
    throw refuse('This build knows no key for updates, so it can verify none. Name the keys with --keys.');
  let file: FileHandle;
  try {
    // Without O_NONBLOCK, a pipe would be waited for. The flag is undefined on Windows.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const isMissing = systemErrorCode(cause) === 'ENOENT';
    throw new AppError(
      isMissing ? 'NOT_FOUND' : 'INVALID_INPUT',
      isMissing ? `${path} does not exist.` : `${path} can’t be read.`,
      { cause },
    );
  }
  try {
    if (!(await file.stat()).isFile()) throw new AppError('INVALID_INPUT', `${path} is no file.`);
    const line = await readManifestLine(file);
    const signed = await verifyManifest(line, keys);
    await readPackage(file, { offset: line.length + 1, manifest: signed.manifest, onChunk });
    return signed;
  } finally {
    await file.close();
  }
}
