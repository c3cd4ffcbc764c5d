import { minuteMs } from '../../src-shared/base/time.ts';
import { licencePingSchema } from '../../src-shared/model/licence/authorityApi.ts';
import type { ReadReport } from '../../src-shared/model/usage/readReport.ts';
import type { SearchHashes } from '../../src-shared/model/usage/reportRows.ts';
import { usageArgv } from '../../src-shared/model/usage/usageArgv.ts';
import type { AccountLine, StatementKind, UsageKind } from '../../src-shared/model/usage/usageReport.ts';
import { formatSearchedHashes, listSearched } from '../../src-shared/model/usage/usageSearch.ts';
import type { Session } from '../ssh/types.ts';
import { createAsk } from './askCommand.ts';
import { answers } from './answers.ts';
import { checkDocument, checkReport } from './checkReport.ts';
import { readCommand } from './readCommand.ts';

/** Counting or signing a million accounts takes seconds; a busy appliance may need longer **[ours]**. */
const timeoutMs = 5 * minuteMs;

type Report = { kind: UsageKind; month: string | null };

/**
 * Reads usage. Each method runs its command once. A kit without the command gives COMMAND_MISSING, and an unusable database
 * DATABASE_UNUSABLE; other errors are those of `Driver`. No error quotes a report.
 */
export function createUsageDriver(parts: {
  session: Pick<Session, 'stream'>;
  run: Session['run'];
  privileged: boolean;
  isInstalled: (program: string) => Promise<boolean>;
}) {
  const { ask, askNewKit } = createAsk(parts);

  return {
    /** The counts that pricing needs. Null is the present month of the appliance. */
    summary: (month: string | null) =>
      ask(usageArgv.report({ kind: 'summary', month }), { kind: 'usageSummary', timeoutMs }),
    /** Searches the report of a month for accounts with one of the hashes, which only the command's stdin has. */
    search: ({ month, hashes }: { month: string | null; hashes: SearchHashes }) => {
      const stdin = formatSearchedHashes(listSearched(hashes));
      return askNewKit(usageArgv.search({ month }), {
        kind: 'usageSearch',
        stdin,
        timeoutMs,
        isSecret: true,
      });
    },
    /** The exact bytes of a report, streamed and checked. Throws also at the end, for one that was cut off. */
    report(
      { kind, month }: Report,
      onRead?: (report: ReadReport) => void,
      onAccount?: (account: AccountLine) => void,
    ): AsyncGenerator<Buffer, void, void> {
      const bytes = readCommand({ ...parts, argv: usageArgv.report({ kind, month }) });
      switch (kind) {
        case 'standard':
        case 'per-user':
          return checkReport(bytes, kind, onRead, onAccount);
        case 'summary':
          return checkDocument(bytes, answers.usageSummary);
        case 'ping':
          return checkDocument(bytes, { schema: licencePingSchema, maxBytes: 16 * 1024, maxValues: 100 });
      }
    },
    /** Makes and keeps a statement with the next number. Resolves with its manifest. */
    makeStatement: async (input: { kind: StatementKind; month: string | null }) => {
      const { manifest } = await ask(usageArgv.makeStatement(input), { kind: 'usageStatement', timeoutMs });
      return manifest;
    },
    /** Keeps the authority's acknowledgement of a statement. Rejects with VERIFICATION_FAILED, and NOT_FOUND without it. */
    acknowledge: async (document: string) => {
      const argv = usageArgv.acknowledge();
      const answer = await ask(argv, { kind: 'usageAcknowledgement', stdin: document, timeoutMs });
      return answer.acknowledgement;
    },
    /** The exact bytes of a kept statement, unchecked. Rejects with NOT_FOUND. */
    statement: (number: number) => readCommand({ ...parts, argv: usageArgv.statement(number) }),
  };
}
export type UsageDriver = ReturnType<typeof createUsageDriver>;
