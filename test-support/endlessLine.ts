import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogEngine } from '../src-main/syslog/store/process/engine.ts';
import { createLogEngineClient } from '../src-main/syslog/store/process/engineClient.ts';
import { forkEngine } from '../src-main/syslog/store/process/forkEngine.ts';
import { keepLogApart, peakMbOfEngine } from './keepLogApart.ts';

const first = 'Nov 20 09:04:12 kiln app[7]: the line before zanzibar\n';
const last = 'Nov 20 09:04:13 kiln app[7]: the line after xylophone\n';
const linesPerRead = 100;
const linesPerPage = 500;
const shownCharacters = 40;

/** Text without a newline: words, NUL bytes, and numbers that make each part another one. */
function* endlessText(bytes: number): Generator<Buffer, void, void> {
  for (let at = 0; at < bytes;) {
    const part = Buffer.alloc(Math.min(2 ** 20, bytes - at), `part ${at} of a line without an end \0\0\0 `);
    yield part;
    at += part.length;
  }
}

async function writeLog(log: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const file = createWriteStream(log);
  for (const part of [Buffer.from(first), ...endlessText(bytes), Buffer.from(`\n${last}`)]) {
    hash.update(part);
    if (!file.write(part)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return hash.digest('hex');
}

type Kept = { engine: LogEngine; applianceId: string };

/** The ends of the first found lines, and how long finding them took. */
async function findLines({ engine }: Kept, text: string) {
  const begun = performance.now();
  const { id } = await engine.openSearch({ query: { kind: 'text', text } });
  const ends: string[] = [];
  for (let cursor = null, isDone = false; !isDone && ends.length < linesPerPage;) {
    const page = await engine.searchPage({ id, cursor, limit: linesPerPage - ends.length });
    ends.push(...page.lines.map((line) => line.text.slice(-shownCharacters)));
    ({ cursor, isDone } = page);
  }
  await engine.cancelSearch({ id });
  return { ends, ms: Math.round(performance.now() - begun) };
}

/** The hash of all kept text, with a newline behind each line that is not continued. */
async function hashKept({ engine, applianceId }: Kept): Promise<string> {
  const hash = createHash('sha256');
  let lines = 0;
  for (const { source, line: end } of await engine.listSources({ applianceId }))
    for (let line = 0; line < end; line += linesPerRead) {
      const after = Math.min(linesPerRead, end - line) - 1;
      for (const { text, isContinuation } of await engine.searchContext({ source, line, before: 0, after })) {
        if (lines > 0 && !isContinuation) hash.update('\n');
        hash.update(text, 'latin1');
        lines += 1;
      }
    }
  return hash.update('\n').digest('hex');
}

/** Keeps a log of which one line has so many bytes, searches it, and reads all of it. */
export async function keepEndlessLine(bytes: number) {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-endless-'));
  const [log, data] = [join(folder, 'syslog'), join(folder, 'data')];
  try {
    const expectedHash = await writeLog(log, bytes);
    const { applianceId, ...peaks } = await keepLogApart({ folder, log, data });
    await rm(log);
    const engine = createLogEngineClient({ start: () => forkEngine(data) });
    const kept = { engine, applianceId };
    try {
      const before = await findLines(kept, 'zanzibar');
      const inside = await findLines(kept, 'without an end');
      const after = await findLines(kept, 'xylophone');
      return {
        ...peaks,
        searchMb: await peakMbOfEngine(process.pid),
        searchMs: [before.ms, inside.ms, after.ms],
        before: before.ends,
        inside: inside.ends.length,
        after: after.ends,
        isWhole: (await hashKept(kept)) === expectedHash,
      };
    } finally {
      await engine.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is expected of the lines before, inside and after the endless one. */
export const expectedAround = {
  before: [first.trimEnd().slice(-shownCharacters)],
  inside: linesPerPage,
  after: [last.trimEnd().slice(-shownCharacters)],
  isWhole: true,
};
