import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLogDatabase } from '../src-main/syslog/store/database.ts';
import { createBlockReader } from '../src-main/syslog/store/read/blockReader.ts';
import { createLogWriter } from '../src-main/syslog/store/write/logWriter.ts';

const store = new URL('../src-main/syslog/store/', import.meta.url);
const urlOf = (path: string) => JSON.stringify(new URL(path, store).href);
const receivedAt = Date.parse('2026-11-20T12:00:00Z');
const linesPerBatch = 100;

/** A program that keeps numbered lines as fast as it can, and reports every 1,000th once it is kept. */
function programOf(folder: string): string {
  return `
    import { openLogDatabase } from ${urlOf('database.ts')};
    import { createLogWriter } from ${urlOf('write/logWriter.ts')};
    import { createMaintenance } from ${urlOf('write/maintenance.ts')};
    const database = openLogDatabase(${JSON.stringify(folder)});
    const writer = createLogWriter(database);
    const { step } = createMaintenance(database);
    const [known] = writer.list('kiln');
    let line = known?.line ?? 0;
    let offset = known?.facts.offset ?? 0;
    for (;;) {
      let text = '';
      for (let at = 0; at < ${linesPerBatch}; at += 1)
        text += 'Nov 20 09:04:12 kiln sshd[' + line + ']: line number ' + line++ + '\\n';
      const bytes = Buffer.from(text);
      const from = offset;
      offset += bytes.length;
      const source = { id: 'syslog', start: 0, offset, order: 1, isComplete: false };
      const facts = { applianceId: 'kiln', source, receivedAt: ${receivedAt}, zoneOffsetMinutes: 0, skewMs: 0 };
      writer.append([{ ...facts, from, to: offset, bytes }]);
      step(() => ({ maxBytes: 1e12, maxAgeMs: 1e12 }), ${receivedAt});
      if (line % 1000 === 0) process.send(line);
    }`;
}

export type KilledStore = {
  /** The last line that the writer reported as kept before it was killed. */
  reported: number;
  /** The position in the store afterwards. */
  position: { line: number; offset: number };
  keptBytes: number;
  keptHash: string;
  /** The hash of the first `line` lines of the file. */
  expectedHash: string;
  check: unknown;
};

/** Kills a writer with SIGKILL at full speed, `rounds` times, and reads after each what the store holds. */
export async function killLogWriter(rounds: number): Promise<KilledStore[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-killed-'));
  const results: KilledStore[] = [];
  try {
    const program = join(folder, 'writer.mjs');
    writeFileSync(program, programOf(folder));
    for (let round = 0; round < rounds; round += 1)
      results.push(await killOnce({ folder, program, lines: 3000 + ((round * 1777) % 5000) }));
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killOnce(options: { folder: string; program: string; lines: number }): Promise<KilledStore> {
  const child = fork(options.program, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  let [first, reported] = [0, 0];
  await new Promise<void>((resolve, reject) => {
    child.on('exit', () => reject(new Error('the writer ended early')));
    child.on('message', (line: number) => {
      first ||= line;
      reported = line;
      if (line >= first + options.lines) resolve();
    });
  });
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  const database = openLogDatabase(options.folder);
  const writer = createLogWriter(database);
  const [source] = writer.list('kiln');
  const position = { line: source?.line ?? 0, offset: source?.facts.offset ?? 0 };
  const expected = createHash('sha256');
  for (let at = 0; at < position.line; at += 1)
    expected.update(`Nov 20 09:04:12 kiln sshd[${at}]: line number ${at}\n`);
  const kept = createHash('sha256');
  let keptBytes = 0;
  const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
  for (const { lines } of createBlockReader(database.sqlite).readRuns(source?.source ?? 0, all)) {
    kept.update(lines.text);
    keptBytes += lines.text.length;
  }
  const check: unknown = database.sqlite.pragma('quick_check', { simple: true });
  writer.close();
  return {
    reported,
    position,
    keptBytes,
    keptHash: kept.digest('hex'),
    expectedHash: expected.digest('hex'),
    check,
  };
}
