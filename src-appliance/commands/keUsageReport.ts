import { formatInstant, secondMs } from '../../src-shared/base/time.ts';
import { maxDocumentBytes } from '../../src-shared/model/licence/documents.ts';
import { accountHashSchema } from '../../src-shared/model/usage/manageAccounts.ts';
import {
  maxSearchBytes,
  maxSearchedHashes,
  readSearchedHashes,
  type SearchedHash,
} from '../../src-shared/model/usage/usageSearch.ts';
import {
  statementKindSchema,
  usageKinds,
  type StatementKind,
  type UsageKind,
} from '../../src-shared/model/usage/usageReport.ts';
import type { SentStatements } from '../../src-shared/model/usage/usageStatement.ts';
import type { Appliance } from '../core/appliance.ts';
import { readInput } from '../core/readInput.ts';
import { readUsageContext, withAccountSnapshot } from '../core/usage/usageContext.ts';
import { readArguments, readWholeNumber, usage } from './arguments.ts';
import type { KeCommand } from './command.ts';
import { logAttempt } from './logAttempt.ts';

const program = 'ke_usage_report';
const kindNames = Object.keys(usageKinds).join('|');

type Call = Parameters<KeCommand>[0];
type Print = Call['print'];
type ReportCall = { appliance: Appliance; month: string | undefined; hasKey: boolean; print: Print };

/** The hashes of `--hashed`: one MD5, or many on stdin. On the command line, other users see the hash, and no name. */
async function readSearched(stdin: Call['stdin'], hashed: string): Promise<SearchedHash[]> {
  if (hashed !== '-') {
    if (accountHashSchema.safeParse(hashed).success) return [{ field: null, hash: hashed }];
    throw usage('--hashed must be an MD5 of 32 digits in lower case, or - for many on stdin');
  }
  const name = 'list of hashes';
  const input = await readInput({ path: '-', stdin, maxBytes: maxSearchBytes, name, stdinArgument: '-' });
  if ('problem' in input) throw usage(`the ${name} is larger than ${maxSearchBytes} bytes`);
  const { searched, wrongLine } = readSearchedHashes(input.content.toString('latin1'));
  if (wrongLine !== null)
    throw usage(
      `line ${wrongLine} of the ${name} is no “MD5” and no “FIELD MD5”, or more than ${maxSearchedHashes}`,
    );
  if (searched.length === 0) throw usage(`the ${name} is empty`);
  return searched;
}

/** Shows how the accounts with one of the hashes would be sent. */
async function search(call: ReportCall, searched: readonly SearchedHash[]): Promise<void> {
  const context = await readContext(call);
  const { searchAccounts } = await import('../core/usage/searchAccounts.ts');
  const found = await withAccountSnapshot(call.appliance, (reader, { place }) =>
    searchAccounts(context, { searched, reader, place }),
  );
  call.print.json(found);
}

async function readContext({ appliance, month, print }: ReportCall) {
  const context = await readUsageContext(appliance, month);
  context.notes.forEach(print.note);
  return context;
}

/** Prints each kind, and loads only what it needs. */
const reports: Record<UsageKind, (call: ReportCall) => Promise<void>> = {
  standard: async (call) => {
    const context = await readContext(call);
    const { makeStandardReport } = await import('../core/usage/standardReport.ts');
    const report = await withAccountSnapshot(call.appliance, (reader) => makeStandardReport(context, reader));
    await call.print.exact(report);
  },
  'per-user': async (call) => {
    const context = await readContext(call);
    const { makePerUserReport } = await import('../core/usage/perUserReport.ts');
    await withAccountSnapshot(call.appliance, async (reader, { place }) => {
      for await (const text of makePerUserReport(context, { reader, place })) await call.print.exact(text);
    });
  },
  ping: async ({ appliance, month, hasKey, print }) => {
    if (month !== undefined) throw usage('a ping is of no month');
    const { makePingReport } = await import('../core/usage/pingReport.ts');
    await print.exact(await makePingReport(appliance, { hasKey }));
    if (!hasKey) print.note('the licence key is masked; --with-key prints what is sent');
  },
  summary: async (call) => {
    const context = await readContext(call);
    const { summariseUsage } = await import('../core/usage/usageSummary.ts');
    const summary = await withAccountSnapshot(call.appliance, (reader, { place, dialect }) =>
      summariseUsage(context, { reader, place, dialect }),
    );
    call.print.json(summary);
  },
};

const isKind = (kind: string | undefined): kind is UsageKind =>
  kind !== undefined && Object.hasOwn(usageKinds, kind);

const loadKept = () => import('../core/usage/keptStatements.ts');
const maxNumber = 1_000_000;

function readStatementKind(kind: string | undefined): StatementKind {
  const parsed = statementKindSchema.safeParse(kind);
  if (parsed.success) return parsed.data;
  throw usage(`--kind must be ${statementKindSchema.options.join(' or ')}`);
}

async function printStatement({ appliance, print }: Call, number: number): Promise<void> {
  const { readStatementBytes } = await loadKept();
  for await (const part of readStatementBytes(appliance, number)) await print.exact(part);
}

/** Makes a statement and prints it, or prints a kept one again. */
const statement: KeCommand = async (call) => {
  const { words, flags, values } = readArguments(call.words, {
    flags: ['quiet'],
    values: ['kind', 'month', 'number'],
  });
  const number = values.get('number');
  if (words.length > 0 || (number === undefined) === (values.get('kind') === undefined))
    throw usage(
      `usage: ${program} statement --kind standard|per-user [--month YYYY-MM] [--quiet] | --number NUMBER`,
    );
  if (number !== undefined)
    return printStatement(call, readWholeNumber(number, { what: '--number', least: 1, most: maxNumber }));
  const kind = readStatementKind(values.get('kind'));
  const { makeStatement } = await import('../core/usage/makeStatement.ts');
  const { manifest, notes } = await logAttempt(call.appliance, {
    program,
    what: 'a usage statement',
    work: () => makeStatement(call.appliance, { kind, month: values.get('month') }),
    describe: ({ manifest: made }) =>
      `usage statement ${made.number} (${made.kind}, ${made.month}) made by ${call.appliance.caller}`,
  });
  notes.forEach(call.print.note);
  if (flags.has('quiet')) return call.print.json({ contract: 1, manifest });
  await printStatement(call, manifest.number);
};

const statements: KeCommand = async ({ words, appliance, print }) => {
  const found = readArguments(words, {});
  if (found.words.length > 0) throw usage(`usage: ${program} statements [--json]`);
  const { listStatements } = await loadKept();
  const listed = listStatements(appliance);
  if (found.flags.has('json')) return print.json(listed);
  for (const { number, kind, month, bytes, acknowledgement } of listed.statements)
    print.line(
      `${number}  ${month}  ${kind}  ${bytes} bytes  ${acknowledgement === null ? 'not acknowledged' : 'acknowledged'}`,
    );
  for (const { number, problem } of listed.damaged) print.note(`statement ${number}: ${problem}`);
};

const acknowledge: KeCommand = async ({ words, appliance, stdin, print }) => {
  const found = readArguments(words, {});
  if (found.words.length > 1) throw usage(`usage: ${program} acknowledge [FILE|-] [--json]`);
  const name = 'acknowledgement';
  const input = await readInput({
    path: found.words[0],
    stdin,
    maxBytes: maxDocumentBytes,
    name,
    stdinArgument: '-',
  });
  if ('problem' in input) throw usage('the acknowledgement is no file, or too large');
  const { keepAcknowledgement } = await loadKept();
  const answer = await logAttempt(appliance, {
    program,
    what: 'an acknowledgement',
    work: () => keepAcknowledgement(appliance, input.content.toString('latin1')),
    describe: ({ number }) => `acknowledgement of usage statement ${number} kept for ${appliance.caller}`,
  });
  if (found.flags.has('json')) return print.json({ contract: 1, acknowledgement: answer });
  print.line(`statement ${answer.number} was received at ${formatInstant(answer.receivedAt)}`);
  if (answer.missing.length > 0) print.note(`the authority has not received: ${answer.missing.join(', ')}`);
};

const describeSent = ({ sent, url }: SentStatements, caller: string): string | null =>
  sent.length === 0
    ? null
    : `usage statement ${sent.map(({ number }) => number).join(', ')} sent to ${url} by ${caller}`;

/** Sends the statements that the authority has not acknowledged. With `--when-due`, prints how many seconds to wait. */
const send: KeCommand = async ({ words, appliance, print }) => {
  const found = readArguments(words, { flags: ['when-due'] });
  if (found.words.length > 0) throw usage(`usage: ${program} send [--when-due] [--json]`);
  const isJson = found.flags.has('json');
  const { sendStatements, sendWhenDue } = await import('../core/usage/sendStatements.ts');
  const run = (work: () => Promise<SentStatements>) =>
    logAttempt(appliance, {
      program,
      what: 'the sending of usage statements',
      work,
      describe: (sent) => describeSent(sent, appliance.caller),
    });
  if (found.flags.has('when-due')) {
    const { state, waitMs } = await sendWhenDue(appliance, { random: Math.random, run });
    const waitSeconds = Math.ceil(waitMs / secondMs);
    if (isJson) return print.json({ contract: 1, state, waitSeconds });
    return print.line(`${waitSeconds}`);
  }
  const sent = await run(() => sendStatements(appliance));
  if (isJson) return print.json(sent);
  print.line(describeSent(sent, appliance.caller) ?? 'every kept statement is acknowledged');
};

const prune: KeCommand = async ({ words, appliance, print }) => {
  const found = readArguments(words, {});
  if (found.words.length > 0) throw usage(`usage: ${program} prune [--json]`);
  const { pruneStatements } = await loadKept();
  const deleted = await logAttempt(appliance, {
    program,
    what: 'the deletion of old usage statements',
    work: () => pruneStatements(appliance),
    describe: (count) =>
      count === 0 ? null : `${count} usage statements older than 12 months deleted by ${appliance.caller}`,
  });
  if (found.flags.has('json')) return print.json({ contract: 1, deleted });
  print.line(`${deleted} statements deleted that were older than 12 months`);
};

const verbs: ReadonlyMap<string, KeCommand> = new Map(
  Object.entries({ statement, statements, send, acknowledge, prune }),
);

/** Prints a report exactly as it would be sent **[doc: what is in it; ours: its form]**. Changes nothing. Its verbs keep statements. */
export const keUsageReport: KeCommand = async (call) => {
  const { words, appliance, print } = call;
  const [first = '', ...rest] = words;
  const verb = verbs.get(first);
  if (verb !== undefined) return verb({ ...call, words: rest });
  const found = readArguments(words, { flags: ['with-key'], values: ['kind', 'month', 'hashed'] });
  const kind = found.values.get('kind');
  const hashed = found.values.get('hashed');
  if (found.words.length > 0 || !isKind(kind))
    throw usage(`usage: ${program} --kind ${kindNames} [--month YYYY-MM] [--hashed MD5|-] [--with-key]`);
  const hasKey = found.flags.has('with-key');
  if (hasKey && kind !== 'ping') throw usage('--with-key is for --kind ping only');
  if (hashed !== undefined && kind !== 'per-user') throw usage('--hashed is for --kind per-user only');
  const reportCall = { appliance, month: found.values.get('month'), hasKey, print };
  await (hashed === undefined
    ? reports[kind](reportCall)
    : search(reportCall, await readSearched(call.stdin, hashed)));
};
