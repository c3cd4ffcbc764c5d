import { AppError } from '../../src-shared/errors.ts';
import { createMessageSplitter } from '../../src-shared/node/lineSplitter.ts';
import {
  formatPosition,
  maxWatchLine,
  watchLineSchema,
  type WatchLine,
  type WatchPosition,
} from '../../src-shared/model/watch/watchLines.ts';
import type { Session } from '../ssh/types.ts';
import { readCommand } from './readCommand.ts';

const watchCommand = 'ke_watch';

const invalidLine = (reason: string) =>
  new AppError('OUTPUT_UNPARSED', `${watchCommand} printed a line that can’t be used: ${reason}`);

function parseLine(text: string | null): WatchLine {
  if (text === null) throw invalidLine('it is too long');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidLine('it is not JSON');
  }
  const line = watchLineSchema.safeParse(value);
  if (!line.success) throw invalidLine(line.error.issues[0]?.message ?? 'it is not known');
  return line.data;
}

/**
 * The lines of `ke_watch` **[ours]**, as they come: a snapshot, or what changed since `position`, then changes. Ends when
 * the appliance ends it or `signal` aborts. Throws like `readCommand`, COMMAND_MISSING for a kit without it, and OUTPUT_UNPARSED.
 */
export async function* watchAppliance(
  parts: {
    session: Pick<Session, 'stream'>;
    privileged: boolean;
    isInstalled: (program: string) => Promise<boolean>;
  },
  { position, signal }: { position: WatchPosition | null; signal: AbortSignal },
): AsyncGenerator<WatchLine, void, void> {
  const since = position === null ? [] : ['--since', formatPosition(position)];
  const split = createMessageSplitter(maxWatchLine);
  for await (const chunk of readCommand({ ...parts, argv: [watchCommand, '--json', ...since], signal }))
    for (const text of split(chunk)) yield parseLine(text);
}
