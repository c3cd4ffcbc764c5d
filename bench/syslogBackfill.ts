import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { createLogFollower } from '../src-main/syslog/follow/follower.ts';
import { createRemoteLog } from '../src-main/syslog/follow/remoteLog.ts';
import { startScript } from '../test-support/followedFolder.ts';
import { createMemoryLogSink } from '../test-support/memoryLogSink.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { describeMachine } from './machine.ts';
import { say } from './program.ts';

/*
 * npm run bench:syslog-backfill -- [--lines 300000] [--json]
 *
 * Reads a log that was rotated and partly compressed, as a console does that sees an appliance for the first time, and
 * counts the bytes on the wire beside `gzip -6` of the text. The script runs on this machine, without SSH.
 */
const { values } = parseArgs({
  options: { lines: { type: 'string', default: '300000' }, json: { type: 'boolean', default: false } },
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

function writeLines(from: number, count: number, random: (limit: number) => number): string {
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
  return lines.join('');
}

const folder = await mkdtemp(join(tmpdir(), 'sallyport-backfill-'));
try {
  const random = createRandom();
  const share = Math.ceil(lineCount / files.length);
  const texts = files.map((_, index) => writeLines(index * share, share, random));
  for (const [index, name] of files.entries())
    await writeFile(
      join(folder, name),
      name.endsWith('.gz') ? gzipSync(texts[index] ?? '') : (texts[index] ?? ''),
    );
  const text = Buffer.from(texts.join(''));
  say(`${lineCount} lines, ${text.length} bytes; compressing them for comparison`);
  const packed = gzipSync(text, { level: 6 }).length;
  const kept = createMemoryLogSink();
  let wireBytes = 0;
  let ids = 0;
  const begun = performance.now();
  let firstMs: number | null = null;
  const follower = createLogFollower({
    applianceId: 'kiln',
    log: createRemoteLog({
      start: (words) => Promise.resolve(startScript(['/bin/sh'], ['lax', join(folder, 'syslog'), ...words])),
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
  const keptBytes = () => kept.sources().reduce((sum, { start, offset }) => sum + offset - start, 0);
  await waitFor('all lines are kept', () => keptBytes() >= text.length);
  const seconds = (performance.now() - begun) / 1000;
  await follower.stop();
  const result = {
    machine: describeMachine(),
    lines: lineCount,
    textBytes: text.length,
    wireBytes,
    gzipBytes: packed,
    wireToGzip: Number((wireBytes / packed).toFixed(3)),
    seconds: Number(seconds.toFixed(2)),
    firstLinesMs: Math.round(firstMs ?? 0),
    isIdentical: Buffer.from(kept.text(), 'latin1').equals(text),
    gaps: kept.gaps().length,
  };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
  if (!result.isIdentical || result.gaps > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
