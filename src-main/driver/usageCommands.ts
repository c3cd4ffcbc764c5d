import { minuteMs } from '../../src-shared/base/time.ts';
import { licencePingSchema } from '../../src-shared/model/licence/authorityApi.ts';
import type { ReadReport } from '../../src-shared/model/usage/readReport.ts';
import { usageArgv } from '../../src-shared/model/usage/usageArgv.ts';
import type { AccountLine, StatementKind, UsageKind } from '../../src-shared/model/usage/usageReport.ts';
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
  const { ask } = createAsk(parts);

  return {
    /** The counts that pricing needs. Null is the present month of the appliance. */
    summary: (month: string | null) =>
      ask(usageArgv.report({ kind: 'summary', month }), { kind: 'usageSummary', timeoutMs }),
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
    /** The exact bytes of a kept statement, unchecked. Rejects with NOT_FOUND. */
    statement: (number: number) => readCommand({ ...parts, argv: usageArgv.statement(number) }),
  };
}
export type UsageDriver = ReturnType<typeof createUsageDriver>;
