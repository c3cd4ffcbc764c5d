import type { z } from 'zod';
import { measureJson } from '../../src-shared/base/measureJson.ts';
import { AppError } from '../../src-shared/errors.ts';
import { createReportReader, type ReadReport } from '../../src-shared/model/usage/readReport.ts';
import type { AccountLine, StatementKind } from '../../src-shared/model/usage/usageReport.ts';
import { createMessageSplitter } from '../../src-shared/node/lineSplitter.ts';
import { unparsedOutputError } from './unparsed.ts';

const command = 'ke_usage_report';
/** An account has at most four names of 320 characters, each of up to twelve bytes **[ours]**. */
const maxLineBytes = 64 * 1024;
const lineFeed = 0x0a;

/** Quotes nothing of a report, because it may have names in plain text. */
const unreadable = (reason: string) => unparsedOutputError({ command, output: '', isEmpty: false, reason });

function checkLine(work: () => void): void {
  try {
    work();
  } catch (thrown) {
    throw thrown instanceof AppError ? unreadable(thrown.message) : thrown;
  }
}

/**
 * Passes on the bytes of a report once each of their lines is known to be valid. Throws OUTPUT_UNPARSED for one that was
 * changed or cut off. `onRead` is called at the end of a whole report, `onAccount` for each account before.
 */
export async function* checkReport(
  bytes: AsyncIterable<Buffer>,
  kind: StatementKind,
  onRead: (report: ReadReport) => void = () => undefined,
  onAccount: (account: AccountLine) => void = () => undefined,
): AsyncGenerator<Buffer, void, void> {
  const split = createMessageSplitter(maxLineBytes);
  const reader = createReportReader(kind, onAccount);
  let last: number | undefined;
  for await (const chunk of bytes) {
    for (const line of split(chunk)) {
      if (line === null) throw unreadable(`a line has more than ${maxLineBytes} bytes`);
      checkLine(() => reader.add(line));
    }
    last = chunk.at(-1) ?? last;
    yield chunk;
  }
  if (last !== lineFeed) throw unreadable('the report was cut off');
  checkLine(() => onRead(reader.end()));
}

/** Passes on the bytes of one JSON document. Throws OUTPUT_TOO_LARGE or OUTPUT_UNPARSED before the first one. */
export async function* checkDocument(
  bytes: AsyncIterable<Buffer>,
  { schema, maxBytes, maxValues }: { schema: z.ZodType; maxBytes: number; maxValues: number },
): AsyncGenerator<Buffer, void, void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxBytes)
      throw new AppError('OUTPUT_TOO_LARGE', `${command} printed more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  const content = Buffer.concat(chunks);
  const text = content.toString('utf8');
  const bounds = { maxDepth: 16, maxValues };
  const { depth, values } = measureJson(text, bounds);
  if (depth > bounds.maxDepth || values > maxValues) throw unreadable('it has too many values');
  checkLine(() => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      throw new AppError('INVALID_INPUT', 'it is not JSON');
    }
    const parsed = schema.safeParse(json);
    if (!parsed.success)
      throw new AppError(
        'INVALID_INPUT',
        `${parsed.error.issues[0]?.path.join('.') ?? ''} has an unexpected value`,
      );
  });
  yield content;
}
