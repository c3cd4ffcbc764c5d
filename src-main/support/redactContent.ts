import { AppError } from '../../src-shared/errors.ts';
import type { Redactor } from '../syslog/export/readLines.ts';

/** A longer line, or a larger document, is not read, so that memory stays bounded **[ours]**. */
const maxLineBytes = 8 * 1024 * 1024;

/** What a preview shows of a file: lines in which something was hidden. */
export type NoteHidden = (line: string) => void;

/** Hides values in all texts of a JSON value, also in names of fields. Its form stays. */
function redactValue(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redactValue(item, redact)]),
  );
}

async function* splitLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, from)) {
      yield Buffer.concat([...waiting, chunk.subarray(from, end)]).toString('utf8');
      waiting = [];
      size = 0;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    waiting.push(Buffer.from(chunk.subarray(from)));
    size += chunk.length - from;
    if (size > maxLineBytes)
      throw new AppError('INVALID_INPUT', 'A line is longer than 8 MB, so it can’t be redacted.');
  }
  if (size > 0) yield Buffer.concat(waiting).toString('utf8');
}

/** Throws INVALID_INPUT. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'A file of the bundle is not valid JSON.', { cause });
  }
}

async function readAll(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > maxLineBytes)
      throw new AppError('INVALID_INPUT', 'A document is larger than 8 MB, so it can’t be redacted.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Hides values in a file by its form: JSON, an object a line, or text. Null as redactor hides nothing. */
export async function* redactContent(
  name: string,
  content: AsyncIterable<Uint8Array>,
  redactor: Redactor | null,
  noteHidden: NoteHidden,
): AsyncGenerator<Uint8Array, void, void> {
  if (redactor === null) return yield* content;
  let hasHidden = false;
  const redact = (text: string) => {
    const { text: redacted } = redactor.redact(text);
    hasHidden ||= redacted !== text;
    return redacted;
  };
  const note = (line: string) => {
    if (hasHidden) noteHidden(line);
    hasHidden = false;
    return line;
  };
  if (name.endsWith('.json')) {
    const value = redactValue(parseJson(await readAll(content)), redact);
    for (const line of JSON.stringify(value, null, 2).split('\n')) {
      if (hasHidden && /<[a-z-]+-(?:\d+|other)>/u.test(line)) noteHidden(line.trim());
      yield Buffer.from(`${line}\n`);
    }
    return;
  }
  for await (const line of splitLines(content)) {
    const redacted = name.endsWith('.jsonl')
      ? JSON.stringify(redactValue(parseJson(line), redact))
      : redact(line);
    yield Buffer.from(`${note(redacted)}\n`);
  }
}
