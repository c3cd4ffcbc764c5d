import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import { hourMs } from '../src-shared/base/time.ts';
import { createLogFollower } from '../src-main/syslog/follow/follower.ts';
import { createRemoteLog } from '../src-main/syslog/follow/remoteLog.ts';
import { startScript } from '../test-support/followedFolder.ts';
import { createMemoryLogSink } from '../test-support/memoryLogSink.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { describeMachine } from './machine.ts';
import { say } from './program.ts';

/*
 * npm run bench:syslog-backfill -- [--lines 300000] [--folder /tmp] [--json]
 *
 * Reads a log that was rotated and partly compressed, as a console does that sees an appliance for the first time, and
 * counts the bytes on the wire beside `gzip -6` of the text. The script runs on this machine, without SSH. Text is written
 * and compared as it is made, so that memory is bounded; 30,000,000 lines need 3 GB in --folder.
 */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '300000' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const lineCount = Number(values.lines);
const files = ['syslog.3.gz', 'syslog.2.gz', 'syslog.1', 'syslog'];

/** Numbers that are the same in each run. */
function createRandom() {
  let state = 1;
  return (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Lines that are made at once. */
const partLines = 20_000;

function makeLines(from: number, count: number, random: (limit: number) => number): Buffer {
  const lines: string[] = [];
  for (let number = from; number < from + count; number += 1) {
    const time = new Date(Date.UTC(2026, 10, 1) + number * 137).toISOString();
    const address = `198.18.${random(256)}.${random(256)}`;
    const id = createHash('sha256').update(`${number}`).digest('hex').slice(0, 16);
    const texts = [
      `sshd[${1000 + random(60_000)}]: Accepted publickey for connect from ${address} port ${random(65_536)} ssh2`,
      `ke_api[${random(400)}]: request ${id} GET /v1/accounts/${random(9000)}/files took ${random(900)} ms`,
      `CRON[${random(60_000)}]: (root) CMD (test -x /usr/sbin/anacron || run-parts /etc/cron.hourly)`,
      `kernel: [${random(900_000)}.${random(999_999)}] eth0: link is up at 1000 Mbit/s`,
    ];
    lines.push(`${time} kiln-01 ${texts[random(texts.length)]}\n`);
  }
  return Buffer.from(lines.join(''));
}

type Wanted = { from: number; count: number; random: (limit: number) => number };

function* makeParts({ from, count, random }: Wanted): Generator<Buffer, void, void> {
  for (let at = 0; at < count; at += partLines)
    yield makeLines(from + at, Math.min(partLines, count - at), random);
}

/** Writes a part of the log. Returns the bytes of its text, and of its text as `gzip -6` has it. */
async function writeFilePart(path: string, wanted: Wanted): Promise<{ text: number; packed: number }> {
  let [text, packed] = [0, 0];
  async function* countText(parts: AsyncIterable<Buffer> | Iterable<Buffer>) {
    for await (const part of parts) {
      text += part.length;
      yield part;
    }
  }
  async function* countPacked(parts: AsyncIterable<Buffer>) {
    for await (const part of parts) {
      packed += part.length;
      yield part;
    }
  }
  if (path.endsWith('.gz')) {
    await pipeline(
      makeParts(wanted),
      countText,
      createGzip({ level: 6 }),
      countPacked,
      createWriteStream(path),
    );
    return { text, packed };
  }
  await pipeline(makeParts(wanted), countText, createWriteStream(path));
  const drop = new Writable({ write: (_part, _encoding, done) => done() });
  await pipeline(createReadStream(path), createGzip({ level: 6 }), countPacked, drop);
  return { text, packed };
}

/** The text of all files, oldest first. */
async function* readText(folder: string): AsyncGenerator<Buffer, void, void> {
  for (const name of files) {
    const file = createReadStream(join(folder, name));
    yield* name.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  }
}

/** Whether the kept bytes, of which each source has a length and a hash, are the text of the files. */
async function isSameText(
  folder: string,
  kept: readonly { bytes: number; hash: string }[],
): Promise<boolean> {
  let next = 0;
  let hash = createHash('sha256');
  let left = kept[0]?.bytes ?? 0;
  for await (const part of readText(folder))
    for (let at = 0; at < part.length;) {
      const end = Math.min(part.length, at + left);
      hash.update(part.subarray(at, end));
      left -= end - at;
      at = end;
      if (left > 0) continue;
      if (hash.digest('hex') !== kept[next]?.hash) return false;
      next += 1;
      hash = createHash('sha256');
      left = kept[next]?.bytes ?? Infinity;
    }
  return next === kept.length;
}

const folder = await mkdtemp(join(values.folder, 'sallyport-backfill-'));
try {
  const random = createRandom();
  const share = Math.ceil(lineCount / files.length);
  let [textBytes, packed] = [0, 0];
  for (const [index, name] of files.entries()) {
    const written = await writeFilePart(join(folder, name), { from: index * share, count: share, random });
    textBytes += written.text;
    packed += written.packed;
    say(`${name} is written; ${textBytes} bytes of text`);
  }
  const hashes = new Map<string, Hash>();
  let keptBytes = 0;
  const kept = createMemoryLogSink({
    takeBytes: (id, bytes) => {
      const hash = hashes.get(id) ?? createHash('sha256');
      hashes.set(id, hash.update(bytes));
      keptBytes += bytes.length;
    },
  });
  let wireBytes = 0;
  let ids = 0;
  const begun = performance.now();
  let firstMs: number | null = null;
  const scripts: ReturnType<typeof startScript>[] = [];
  const follower = createLogFollower({
    applianceId: 'kiln',
    log: createRemoteLog({
      start: async (words) => {
        const script = startScript(['/bin/sh'], ['lax', join(folder, 'syslog'), ...words]);
        scripts.push(script);
        return script;
      },
      mayRead: () => Promise.resolve(),
      clock: Date.now,
      onBytes: (count) => {
        wireBytes += count;
      },
    }),
    sink: {
      ...kept.sink,
      append: (batch, how) => {
        if (batch.bytes.length > 0) firstMs ??= performance.now() - begun;
        return kept.sink.append(batch, how);
      },
    },
    onState: () => undefined,
    clock: Date.now,
    newId: () => `source-${(ids += 1)}`,
  });
  const patienceMs = hourMs;
  await waitFor('all lines are kept', () => keptBytes >= textBytes, patienceMs);
  const seconds = (performance.now() - begun) / 1000;
  await follower.stop();
  // What a reader has left unread would keep this process running.
  for (const { stdout } of scripts) stdout.destroy();
  const result = {
    machine: describeMachine(),
    lines: share * files.length,
    textBytes,
    wireBytes,
    gzipBytes: packed,
    wireToGzip: Number((wireBytes / packed).toFixed(3)),
    seconds: Number(seconds.toFixed(2)),
    firstLinesMs: Math.round(firstMs ?? 0),
    isIdentical: await isSameText(
      folder,
      kept
        .sources()
        .map(({ id, start, offset }) => ({
          bytes: offset - start,
          hash: hashes.get(id)?.digest('hex') ?? '',
        }))
        .filter(({ bytes }) => bytes > 0),
    ),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    load: loadavg()[0],
    gaps: kept.gaps().length,
  };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
  if (!result.isIdentical || result.gaps > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
