import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { formatCount } from '../../../../../src-shared/base/formatCount.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import type { ReadReport } from '../../../../../src-shared/model/usage/readReport.ts';
import type { UsageKind } from '../../../../../src-shared/model/usage/usageReport.ts';
import { writeHashedFile, type WrittenFile } from '../../../../syslog/export/hashedFile.ts';
import { untilStopped } from '../../stopSignal.ts';
import { findAppliance, withConsole, type Globals } from '../../withConsole.ts';
import { describePlainText } from './usageText.ts';

type Written = { result: WrittenFile; report: ReadReport | null };
export type ReportOptions = { kind: UsageKind; month?: string; out?: string };

/** Writes a new file, and deletes it again if the report was cut off or the user stopped. */
async function writeFile(
  path: string,
  read: (write: (bytes: AsyncIterable<Buffer>) => Promise<WrittenFile>) => Promise<Written>,
): Promise<Written> {
  let isNew = false;
  async function* pass(bytes: AsyncIterable<Buffer>) {
    isNew = true;
    yield* bytes;
  }
  try {
    return await untilStopped((signal) => read((bytes) => writeHashedFile(path, pass(bytes), signal)));
  } catch (thrown) {
    if (isNew) await rm(path, { force: true });
    throw thrown;
  }
}

/** Prints the exact bytes of a report, also with --json, because a report is JSON already. With a file, prints its facts. */
export function reportUsage(globals: Globals, name: string, options: ReportOptions): Promise<number> {
  const { kind, month = null, out } = options;
  return withConsole(globals, async (services) => {
    const { id: applianceId } = findAppliance(services, name);
    const request = { applianceId, kind, month };
    if (out === undefined) {
      await untilStopped((signal) =>
        services.usage.report({ ...request, to: 'standard output' }, (bytes) =>
          pipeline(Readable.from(bytes, { objectMode: false }), process.stdout, { end: false, signal }),
        ),
      );
      return exitCodes.done;
    }
    const { result, report } = await writeFile(out, (write) =>
      services.usage.report({ ...request, to: out }, write),
    );
    const { bytes, sha256 } = result;
    const accounts = report?.accounts ?? null;
    globals.output.print({ file: out, kind, bytes, sha256, accounts }, () =>
      [
        `${out}: ${formatCount(bytes)} bytes, SHA-256 ${sha256}`,
        ...(accounts === null ? [] : [describePlainText(accounts.internal, accounts.all)]),
      ].join('\n'),
    );
    return exitCodes.done;
  });
}
