import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors.ts';
import { shorten } from '../../../src-shared/base/machineText.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';
import { authorityPaths, maxSentReportBytes } from '../../../src-shared/model/licence/authorityApi.ts';
import { documentTypes } from '../../../src-shared/model/licence/documents.ts';
import { chooseUsageMonth, monthBefore } from '../../../src-shared/model/usage/usageMonth.ts';
import type { StatementKind } from '../../../src-shared/model/usage/usageReport.ts';
import type { SentStatements, StatementList } from '../../../src-shared/model/usage/usageStatement.ts';
import type { Appliance } from '../appliance.ts';
import { attemptWhenDue, type AttemptState } from '../licence/attemptWhenDue.ts';
import { createAuthorityClient, type AuthorityClient } from '../licence/authorityClient.ts';
import { requireAuthority } from '../licence/connectedUpdate.ts';
import { readClock, requireKnownTime } from '../licence/clock.ts';
import { showLicence } from '../licence/licence.ts';
import { readLicenceKey } from '../licence/pingContent.ts';
import { createFileLock } from '../state/stateLock.ts';
import { keepAcknowledgement, listStatements, readStatementBytes } from './keptStatements.ts';
import { makeStatement } from './makeStatement.ts';
import { sendingRecord } from './sendingRecord.ts';

/** A statement of 64 MiB takes this long at 1 Mbit/s. */
const sendTimeoutMs = 10 * minuteMs;
const lockSeconds = 10;
const maxProblem = 512;

type Kept = StatementList['statements'][number];

/** The whole statement, byte for byte as `statement --number` prints it. Throws INVALID_INPUT if the authority takes none so large. */
async function readStatement(appliance: Appliance, { number, bytes, manifest }: Kept): Promise<Buffer> {
  if (bytes + manifest.length + 1 > maxSentReportBytes)
    throw new AppError(
      'INVALID_INPUT',
      `it has ${bytes} bytes, and the authority takes ${maxSentReportBytes} at once; carry it there`,
    );
  const parts: Buffer[] = [];
  for await (const part of readStatementBytes(appliance, number)) parts.push(part);
  return Buffer.concat(parts);
}

async function sendStatement(appliance: Appliance, client: AuthorityClient, kept: Kept) {
  const licenceKey = await readLicenceKey(appliance);
  const content = await readStatement(appliance, kept);
  const answer = await client.post(authorityPaths.usageStatement, {
    contentType: documentTypes.statement,
    fields: ['manifest', 'report'],
    licenceKey,
    timeoutMs: sendTimeoutMs,
    body: () => content,
  });
  const { number, receivedAt, missing } = await keepAcknowledgement(appliance, answer);
  return { number, bytes: content.length, receivedAt, missing };
}

/** Errors that concern one statement. After any other, the authority can’t be used at all. */
const ofOneStatement: readonly string[] = [
  'INVALID_INPUT',
  'COMMAND_FAILED',
  'VERIFICATION_FAILED',
  'NOT_FOUND',
];

/**
 * Sends the kept statements that the authority has not acknowledged, oldest first, and keeps its answers. A refused statement
 * stops no other one; COMMAND_FAILED then names the first. Throws INVALID_INPUT in offline mode, NOT_FOUND without a licence key,
 * CONNECT_FAILED, AUTHORITY_UNTRUSTED, and BUSY while others are sent.
 */
export function sendStatements(appliance: Appliance): Promise<SentStatements> {
  const authority = requireAuthority(appliance, null);
  const path = join(appliance.config.stateFolder, 'usage-sending.lock');
  return createFileLock({ path, waitSeconds: lockSeconds })(async () => {
    await readLicenceKey(appliance);
    const client = createAuthorityClient(authority, null);
    const open = listStatements(appliance).statements.filter(
      ({ acknowledgement }) => acknowledgement === null,
    );
    const sent: SentStatements['sent'] = [];
    const problems: string[] = [];
    for (const kept of open.toReversed())
      try {
        sent.push(await sendStatement(appliance, client, kept));
      } catch (error) {
        if (!(error instanceof AppError) || !ofOneStatement.includes(error.code)) throw error;
        problems.push(`statement ${kept.number}: ${error.message}`);
      }
    const [first] = problems;
    if (first === undefined) return { contract: 1, url: authority.url, sent };
    throw new AppError('COMMAND_FAILED', `${problems.length} of ${open.length} were not sent; ${first}`);
  });
}

/** Per-user reports are for prices that depend on end users **[doc]**. */
async function chooseKind(appliance: Appliance): Promise<StatementKind> {
  const { entitlements, plans } = await showLicence(appliance);
  const plan = plans?.find(({ id }) => id === entitlements?.plan);
  const countsUsers = plan?.lines.some((line) => line.kind !== 'flat' && line.counted.unit === 'endUser');
  return countsUsers === true ? 'per-user' : 'standard';
}

/** Makes the statement of the month that is over, once. An appliance without an account database has nothing to state. */
async function stateLastMonth(appliance: Appliance): Promise<void> {
  const now = requireKnownTime(await readClock(appliance.config.stateFolder, appliance.now()));
  const month = monthBefore(chooseUsageMonth(undefined, now).month);
  const kind = await chooseKind(appliance);
  const { statements } = listStatements(appliance);
  if (statements.some((kept) => kept.month === month && kept.kind === kind)) return;
  try {
    await makeStatement(appliance, { kind, month });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
  }
}

const describeFailure = (error: unknown) =>
  error instanceof AppError ? shorten(error.message, maxProblem) : 'an internal error';

/**
 * In connected mode, makes the statement of the month that is over and sends all that are not acknowledged **[doc: usage is
 * sent; ours: when]**. Resolves with when to call it again. Rejects only if the record of attempts can't be written.
 */
export function sendWhenDue(
  appliance: Appliance,
  call: {
    random: () => number;
    /** Runs the sending and logs it. */
    run: (send: () => Promise<SentStatements>) => Promise<SentStatements>;
  },
): Promise<{ state: AttemptState; waitMs: number }> {
  const { random, run } = call;
  // Statements made earlier are sent also if this month's can't be made.
  const send = async () => {
    const [made] = await Promise.allSettled([stateLastMonth(appliance)]);
    const sent = await sendStatements(appliance);
    if (made.status === 'rejected') throw made.reason;
    return sent;
  };
  const attempt = () =>
    run(() => sendingRecord.record(appliance, { random, describe: describeFailure }, send));
  return attemptWhenDue(appliance, { record: sendingRecord, random, attempt });
}
