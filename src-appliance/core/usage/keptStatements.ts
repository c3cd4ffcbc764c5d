import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { shorten } from '../../../src-shared/base/machineText.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { isSignedBy, readDocument } from '../../../src-shared/model/licence/signedDocument.ts';
import {
  maxDamageReason,
  usageAcknowledgementSchema,
  type StatementList,
  type UsageAcknowledgement,
} from '../../../src-shared/model/usage/usageStatement.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';
import type { Appliance } from '../appliance.ts';
import { readClock, requireKnownTime } from '../licence/clock.ts';
import { readTrustedKeys } from '../licence/licenceContext.ts';
import { sha256 } from './makeStatement.ts';
import { deleteOldStatements, deleteUnfinished } from './deleteStatements.ts';
import {
  createStatementLock,
  listStatementNumbers,
  readAcknowledgement,
  readManifest,
  statementPath,
} from './statementFiles.ts';

/** Runs `read`. If the file is damaged, adds the number and why to `damaged` and returns null. */
function readOrReport<Value>(
  damaged: StatementList['damaged'],
  number: number,
  read: () => Value,
): Value | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    damaged.push({ number, problem: shorten(error.message, maxDamageReason) });
    return null;
  }
}

/** The kept statements, newest first. A damaged file hides no other one. */
export function listStatements({ config }: Appliance): StatementList {
  const damaged: StatementList['damaged'] = [];
  const statements = listStatementNumbers(config.stateFolder)
    .toReversed()
    .flatMap((number) => {
      const kept = readOrReport(damaged, number, () => readManifest(config.stateFolder, number));
      if (kept === null) return [];
      const { kind, month, madeAt, sha256: hash, bytes, lines } = kept.manifest;
      const answer = readOrReport(damaged, number, () => readAcknowledgement(config.stateFolder, number));
      const acknowledgement =
        answer === null
          ? null
          : {
              receivedAt: answer.payload.receivedAt,
              missing: answer.payload.missing,
              document: answer.document,
            };
      const manifest = kept.document;
      return [{ number, kind, month, madeAt, sha256: hash, bytes, lines, manifest, acknowledgement }];
    });
  return { contract: 1, statements, damaged };
}

/**
 * The bytes of a kept statement: its signed manifest in the first line, then the report. Throws NOT_FOUND, and
 * VERIFICATION_FAILED at the end if the kept report is not the one that was signed.
 */
export async function* readStatementBytes({ config }: Appliance, number: number): AsyncGenerator<Buffer> {
  const { manifest, document } = readManifest(config.stateFolder, number);
  yield Buffer.from(`${document}\n`);
  const digest = createHash('sha256');
  for await (const part of createReadStream(statementPath(config.stateFolder, number, 'report.jsonl'))) {
    const content = Buffer.from(part);
    digest.update(content);
    yield content;
  }
  if (digest.digest('hex') !== manifest.sha256)
    throw new AppError(
      'VERIFICATION_FAILED',
      `the kept report of statement ${number} is not the one that was signed`,
    );
}

const refuse = (reason: string) => new AppError('VERIFICATION_FAILED', `nothing was changed; ${reason}`);

/**
 * Keeps the authority's answer to a statement. Throws VERIFICATION_FAILED, with nothing changed, unless the authority signed it
 * for a statement that is kept here.
 */
export async function keepAcknowledgement(appliance: Appliance, text: string): Promise<UsageAcknowledgement> {
  const { stateFolder, applianceId } = appliance.config;
  const read = readDocument(text, 'acknowledgement');
  if ('problem' in read) throw refuse(`this is no acknowledgement: ${read.reason}`);
  const key = (await readTrustedKeys(appliance)).find(({ kid }) => kid === read.keyId);
  if (key === undefined || !(await isSignedBy(text, key)))
    throw refuse('it is not signed by the licence authority');
  const parsed = usageAcknowledgementSchema.safeParse(read.payload);
  if (!parsed.success) throw refuse('it has an unknown format');
  const answer = parsed.data;
  if (answer.applianceId !== applianceId) throw refuse('it is for another appliance');
  return createStatementLock(stateFolder)(async () => {
    const { manifest, document } = readManifest(stateFolder, answer.number);
    if (sha256(document) !== answer.manifestSha256 || manifest.sha256 !== answer.reportSha256)
      throw refuse(`it is for another statement ${answer.number} than the one that is kept here`);
    const path = statementPath(stateFolder, answer.number, 'acknowledgement.jws');
    replaceFile({ path, data: text.trim(), mode: 0o600, isDurable: true });
    return answer;
  });
}

/**
 * Deletes statements that are older than 12 months, and what failed calls left. Resolves with the number of statements. Throws
 * COMMAND_FAILED if the clock is wrong, with nothing deleted, or after all others if some can't be deleted.
 */
export async function pruneStatements(appliance: Appliance): Promise<number> {
  const { stateFolder } = appliance.config;
  const now = requireKnownTime(await readClock(stateFolder, appliance.now()));
  return createStatementLock(stateFolder)(async () => {
    const left = deleteUnfinished(stateFolder);
    const { deleted, problems } = deleteOldStatements(stateFolder, now);
    const [first] = [...left, ...problems];
    if (first === undefined) return deleted;
    const count = left.length + problems.length;
    throw new AppError('COMMAND_FAILED', `${count} files are left, the others were deleted: ${first}`);
  });
}
