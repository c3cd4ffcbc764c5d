import { createReadStream } from 'node:fs';
import { open, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asSentence } from '../../src-shared/base/sentence.ts';
import { AppError } from '../../src-shared/errors.ts';
import { maxDocumentBytes } from '../../src-shared/model/licence/documents.ts';
import { readDocument } from '../../src-shared/model/licence/signedDocument.ts';
import type { ReadReport } from '../../src-shared/model/usage/readReport.ts';
import { usageStatementSchema, type UsageStatement } from '../../src-shared/model/usage/usageStatement.ts';
import { creationError } from '../../src-shared/node/namedFiles.ts';
import { checkReport } from '../driver/checkReport.ts';
import { formatChecksums, writeHashedFile, type WrittenFile } from '../syslog/export/hashedFile.ts';

const refuse = (number: number, reason: string) =>
  new AppError(
    'VERIFICATION_FAILED',
    `Statement ${number} was not exported: ${reason}. The appliance keeps it.`,
  );

/** Says which statement the appliance keeps, so that it is not made twice. */
function withNumber(thrown: unknown, number: number): unknown {
  if (!(thrown instanceof AppError) || thrown.code === 'VERIFICATION_FAILED') return thrown;
  const { code, message, detail } = thrown;
  const advice = `The appliance keeps it as statement ${number}; export that number.`;
  return new AppError(code, `${asSentence(message)} ${advice}`, { detail, cause: thrown });
}

/** The first line of a file, without its end. Null if it is longer than a signed document. */
async function readFirstLine(path: string): Promise<string | null> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(maxDocumentBytes + 1),
      position: 0,
    });
    const end = buffer.subarray(0, bytesRead).indexOf('\n');
    return end === -1 ? null : buffer.toString('latin1', 0, end);
  } finally {
    await file.close();
  }
}

function readManifest(document: string, number: number): UsageStatement {
  const read = readDocument(document, 'statement');
  if ('problem' in read) throw refuse(number, `its manifest can’t be read: ${read.reason}`);
  const manifest = usageStatementSchema.safeParse(read.payload);
  if (!manifest.success) throw refuse(number, 'its manifest has an unknown format');
  if (manifest.data.number !== number)
    throw refuse(number, `the appliance sent statement ${manifest.data.number}`);
  return manifest.data;
}

/** Writes the report of a statement that is on the disk, and compares it with the manifest. */
async function writeReport(
  folder: string,
  { path, start, manifest }: { path: string; start: number; manifest: UsageStatement },
): Promise<{ file: WrittenFile; report: ReadReport | null }> {
  let report: ReadReport | null = null;
  async function* readBytes() {
    for await (const chunk of createReadStream(path, { start })) yield Buffer.from(chunk);
  }
  const checked = checkReport(readBytes(), manifest.kind, (read) => {
    report = read;
  });
  const file = await writeHashedFile(join(folder, 'report.jsonl'), checked);
  if (file.sha256 !== manifest.sha256 || file.bytes !== manifest.bytes)
    throw refuse(manifest.number, 'its report is not the one that the manifest names');
  return { file, report };
}

/**
 * Writes a statement into a new folder that only this user can read: as the appliance prints it, its report byte for byte,
 * the manifest to read, and checksums. Leaves no folder behind if it fails. Throws ALREADY_EXISTS, and VERIFICATION_FAILED
 * for a wrong report, number, appliance or signature. `isSigned` is null if the appliance’s key is not known.
 */
export async function exportStatement(options: {
  folder: string;
  /** Called once the folder is there. */
  readNumber: () => Promise<number>;
  readBytes: (number: number) => AsyncIterable<Buffer>;
  isSignedByAppliance: (input: { document: string; applianceId: string }) => Promise<boolean | null>;
}) {
  const { folder } = options;
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (cause) {
    throw creationError(folder, cause);
  }
  let number: number | null = null;
  try {
    number = await options.readNumber();
    const path = join(folder, 'statement.jws');
    const statement = await writeHashedFile(path, options.readBytes(number));
    const document = await readFirstLine(path);
    if (document === null) throw refuse(number, 'it was cut off');
    const manifest = readManifest(document, number);
    const isSigned = await options.isSignedByAppliance({ document, applianceId: manifest.applianceId });
    if (isSigned === false) throw refuse(number, 'it is not signed by the appliance’s own key');
    const start = document.length + '\n'.length;
    const { file, report } = await writeReport(folder, { path, start, manifest });
    const written = await writeHashedFile(join(folder, 'manifest.json'), [
      Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
    ]);
    const files = [statement, file, written];
    const sums = await writeHashedFile(join(folder, 'SHA256SUMS'), [Buffer.from(formatChecksums(files))]);
    return { manifest, isSigned, accounts: report?.accounts ?? null, files: [...files, sums] };
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true });
    throw number === null ? thrown : withNumber(thrown, number);
  }
}
