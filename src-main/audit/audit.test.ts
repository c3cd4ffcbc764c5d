import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { openStore, type Store } from '../store/store.ts';
import { createAudit, type Audit } from './audit.ts';
import { hashRecord } from './chain.ts';
import { noChangeFeed } from '../../test-support/noChangeFeed.ts';
import { silentLog } from '../../test-support/silentLog.ts';

let folder: string;
let store: Store;
let audit: Audit;
const actor = { operator: 'ada', role: 'admin', source: 'test' };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-audit-'));
  store = openStore({ folder });
  audit = createAudit({
    log: silentLog,
    store,
    actor,
    clock: () => Date.UTC(2026, 10, 20),
    changes: noChangeFeed,
  });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function fill(count: number): Promise<void> {
  for (let number = 0; number < count; number += 1)
    await audit.act({ event: 'appliance.add', object: `kiln-${number}` }, () => number);
}

/** Changes the file from outside this program. */
function tamper(sql: string): void {
  const sqlite = new Database(join(folder, 'store.db'));
  for (const trigger of ['audit_no_update', 'audit_no_delete', 'audit_head_grows', 'audit_head_stays'])
    sqlite.exec(`DROP TRIGGER ${trigger}`);
  sqlite.pragma('foreign_keys = OFF');
  sqlite.exec(sql);
  sqlite.close();
}

test('when an action runs, records its intent before and its outcome after', async () => {
  await audit.act({ event: 'appliance.add', object: 'kiln', destination: 'root@h:22' }, () => {
    const [intent] = audit.list({ before: null, limit: 10, query: '' }).records;
    expect(intent).toMatchObject({ seq: 1, phase: 'intent', result: 'pending', operator: 'ada' });
  });
  const { records, total, head } = audit.list({ before: null, limit: 10, query: '' });
  expect(records[0]).toMatchObject({ seq: 2, phase: 'outcome', result: 'ok', intentSeq: 1 });
  expect(records[0]?.previousHash).toBe(records[1]?.hash);
  expect([total, head]).toEqual([2, records[0]?.hash]);
  expect(await audit.verify()).toMatchObject({ ok: true, count: 2, head, broken: null, unfinished: [] });
});

test('when an action fails, throws its error and records its code', async () => {
  const failing = audit.act({ event: 'appliance.add', object: 'kiln' }, () => {
    throw new AppError('ALREADY_EXISTS', 'it is there');
  });
  await expect(failing).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(audit.list({ before: null, limit: 1, query: '' }).records[0]).toMatchObject({
    result: 'failed',
    errorCode: 'ALREADY_EXISTS',
  });
});

test('returns records in pages and searches text literally', async () => {
  await fill(3);
  audit.event({ event: 'link.down', object: '100%_done' });
  const list = (query: string, before: number | null = null) =>
    audit.list({ before, limit: 2, query }).records.map((record) => record.seq);
  expect(list('')).toEqual([7, 6]);
  expect(list('', 6)).toEqual([5, 4]);
  expect(list('KILN-1')).toEqual([4, 3]);
  expect(list('100%_')).toEqual([7]);
  expect(list('100_')).toEqual([]);
  expect(audit.list({ before: 3, limit: 1, query: 'kiln' }).total).toBe(6);
});

/** The actions as `start:outcome`, with `-` for an outcome that is not there. */
function listPairs(request: Partial<Parameters<Audit['actions']>[0]> = {}): string[] {
  return audit
    .actions({ before: null, limit: 10, query: '', ...request })
    .actions.map(({ start, outcome }) => `${start.seq}:${outcome?.seq ?? '-'}`);
}

/**
 * Expected actions: 1 rotate to 4 (failed), 2 add to 3 (ok), 5 link down, 6 log opened, 7 add without an
 * outcome.
 */
async function fillInterleaved(): Promise<void> {
  const rotated = Promise.withResolvers<never>();
  const rotating = audit.act({ event: 'tenant.rotate', object: 'kiln/acme' }, () => rotated.promise);
  await audit.act({ event: 'tenant.add', object: 'kiln/umbrella' }, () => 1);
  rotated.reject(new AppError('COMMAND_FAILED', 'the disk is full'));
  await expect(rotating).rejects.toThrow('the disk is full');
  audit.event({ event: 'link.down', object: 'kiln' });
  audit.event({ event: 'syslog.tail', object: 'kiln' });
  void audit.act({ event: 'tenant.add', object: 'kiln/stark' }, () => new Promise(() => undefined));
}

test('when actions overlap, each intent comes with its own outcome, in the order of their starts', async () => {
  await fillInterleaved();
  expect(listPairs()).toEqual(['7:-', '6:-', '5:-', '2:3', '1:4']);
  const { actions, count, head } = audit.actions({ before: 2, limit: 1, query: '' });
  expect(actions[0]).toMatchObject({
    start: { result: 'pending' },
    outcome: { errorCode: 'COMMAND_FAILED' },
  });
  expect([count, head]).toEqual([7, audit.list({ before: null, limit: 1, query: '' }).head]);
});

test('when a page ends between an intent and its outcome, returns both on one page', async () => {
  await fillInterleaved();
  const pages: string[][] = [];
  for (let before: number | null = null; ;) {
    const page = listPairs({ before, limit: 1 });
    if (page.length === 0) break;
    pages.push(page);
    before = Number(page[0]?.split(':')[0]);
  }
  expect(pages).toEqual([['7:-'], ['6:-'], ['5:-'], ['2:3'], ['1:4']]);
});

test('when only the outcome contains the searched text, finds the action', async () => {
  await fillInterleaved();
  expect(listPairs({ query: 'disk is FULL' })).toEqual(['1:4']);
  expect(listPairs({ query: 'umbrella' })).toEqual(['2:3']);
  expect(listPairs({ query: 'disk_is' })).toEqual([]);
});

test('when a chip is selected, lists only its events, and unknown events as changes', async () => {
  await fillInterleaved();
  tamper("UPDATE audit SET event = 'tenant.teleport' WHERE seq = 5");
  expect(listPairs({ chip: 'changes' })).toEqual(['7:-', '5:-', '2:3', '1:4']);
  expect(listPairs({ chip: 'access' })).toEqual(['6:-']);
  expect(listPairs({ chip: 'link' })).toEqual([]);
  expect(listPairs({ chip: 'changes', query: 'acme', before: 7 })).toEqual(['1:4']);
  const { records, total } = audit.list({ before: null, limit: 2, query: '', chip: 'access' });
  expect([records.map(({ seq }) => seq), total]).toEqual([[6], 1]);
});

test('when an intent was deleted, its outcome has its own row', async () => {
  await fillInterleaved();
  tamper('DELETE FROM audit WHERE seq = 2');
  expect(listPairs()).toEqual(['7:-', '6:-', '5:-', '3:-', '1:4']);
});

/** Returns SQL that inserts a record with the number `seq` and a random hash after record 6. */
function forged(seq: number): string {
  const rest = 'at, operator, role, session, event, object, result, source, detail';
  return `INSERT INTO audit (seq, previous_hash, hash, phase, ${rest}) SELECT ${seq}, hash, lower(hex(randomblob(32))), 'event', ${rest} FROM audit WHERE seq = 6`;
}

test('when a text contains half a character, the trail stays valid', async () => {
  await audit.act(
    { event: 'link.up', object: `${'x'.repeat(4095)}😀`, reason: '\ud800', detail: '\udc00' },
    () => 1,
  );
  expect(await audit.verify()).toMatchObject({ ok: true, count: 2 });
});

test('when a record is invalid, lists it and marks it as invalid', async () => {
  await fill(2);
  tamper("UPDATE audit SET at = 'yesterday' WHERE seq = 3");
  const { records } = audit.list({ before: null, limit: 10, query: '' });
  expect(records.map(({ seq }) => seq)).toEqual([4, 3, 2, 1]);
  expect(records[1]).toMatchObject({ object: 'kiln-1', detail: expect.stringContaining('yesterday') });
});

/** Creates a trail in which the second record, the outcome of the first action, can't be written. */
function trailWithoutOutcome(): Audit {
  let appends = 0;
  return createAudit({
    log: silentLog,
    changes: noChangeFeed,
    store: {
      ...store,
      writeDurably: (work) => {
        appends += 1;
        if (appends === 2) throw new AppError('STORE_FAILED', 'the disk is full');
        return store.writeDurably(work);
      },
    },
    actor,
    clock: Date.now,
  });
}

test('when recording the outcome fails, returns the result and lists the action as unfinished', async () => {
  const failing = trailWithoutOutcome();
  await expect(failing.act({ event: 'link.up', object: 'kiln' }, () => 1)).resolves.toBe(1);
  expect(await failing.verify()).toMatchObject({ ok: true, count: 1, unfinished: [1] });
});

test('when the work fails and recording that fails too, throws the error of the work', async () => {
  const failing = trailWithoutOutcome();
  const work = failing.act({ event: 'link.up', object: 'kiln' }, () => {
    throw new AppError('COMMAND_FAILED', 'refused');
  });
  await expect(work).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
  });
  expect(await failing.verify()).toMatchObject({ ok: true, count: 1, unfinished: [1] });
});

test.each([
  ['a changed detail', "UPDATE audit SET detail = 'nothing happened' WHERE seq = 4", 4, 'hash'],
  ['a changed operator', "UPDATE audit SET operator = 'eve' WHERE seq = 1", 1, 'hash'],
  [
    'a value that no record can hold',
    "UPDATE audit SET at = 'yesterday' WHERE seq = 3",
    3,
    'an invalid value',
  ],
  ['a record taken out', 'DELETE FROM audit WHERE seq = 3', 3, 'missing'],
  ['the first records taken out', 'DELETE FROM audit WHERE seq < 3', 1, 'missing'],
  ['a cut tail', 'DELETE FROM audit WHERE seq > 4', 5, 'ends at 4, but 6'],
  ['everything taken out', 'DELETE FROM audit', 1, 'ends at 0, but 6'],
  ['a lost head', 'DELETE FROM audit_head', 6, 'are missing'],
  ['a record put in at the end', forged(7), 7, 'was not written'],
  ['a record put in before the first', forged(0), 0, 'was not written'],
  ['a record with a negative number', forged(-3), -3, 'was not written'],
  ['a rewritten head', "UPDATE audit_head SET head = 'x'", 6, 'last hash'],
])('finds %s', async (_, sql, seq, why) => {
  await fill(3);
  tamper(sql);
  const verdict = await audit.verify();
  expect(verdict).toMatchObject({ ok: false, broken: { seq, why: expect.stringContaining(why) } });
});

test('when the hash of a changed record was recomputed, finds the fault at the next record', async () => {
  await fill(2);
  const [record] = audit.list({ before: 3, limit: 1, query: '' }).records;
  if (record === undefined) throw new Error('an invalid value');
  const hash = hashRecord({ ...record, operator: 'eve' });
  tamper(`UPDATE audit SET operator = 'eve', hash = '${hash}' WHERE seq = 2`);
  expect((await audit.verify()).broken).toMatchObject({
    seq: 3,
    why: expect.stringContaining('previous hash does not match'),
  });
});

function moduleText(path: string): string {
  return JSON.stringify(new URL(path, import.meta.url).href);
}

/** Runs `body` in a separate process, in which the variables `audit` and `store` are defined. */
function startWriter(body: string): ReturnType<typeof spawn> {
  const script = join(folder, 'writer.ts');
  writeFileSync(
    script,
    `import { openStore } from ${moduleText('../store/store.ts')};
     import { createAudit } from ${moduleText('./audit.ts')};
     import { silentLog } from ${moduleText('../../test-support/silentLog.ts')};
     const store = openStore({ folder: ${JSON.stringify(folder)} });
     const audit = createAudit({ log: silentLog, store, actor: ${JSON.stringify(actor)}, clock: Date.now, changes: { mark: () => undefined } });
     ${body}`,
  );
  return spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

test('when the process is killed during an action, lists the action as unfinished', async () => {
  await fill(1);
  const writer = startWriter(`
    await audit.act({ event: 'appliance.remove', object: 'kiln' }, async () => {
      console.log('running');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`);
  if (writer.stdout === null) throw new Error('no output');
  await once(writer.stdout, 'data');
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  expect(await audit.verify()).toMatchObject({ ok: true, count: 3, unfinished: [3] });
});

test('when several processes write, the trail stays one chain', async () => {
  const body = `for (let i = 0; i < 25; i += 1) await audit.act({ event: 'link.up', object: String(i) }, () => i); store.close();`;
  const writers = [startWriter(body), startWriter(body), startWriter(body)];
  const ends = writers.map((writer) => once(writer, 'exit'));
  await fill(25);
  await Promise.all(ends);
  expect(await audit.verify()).toMatchObject({ ok: true, count: 200, unfinished: [] });
});

/** The audit of another console on the same store. */
const openAudit = (source: string) =>
  createAudit({
    log: silentLog,
    store,
    actor: { ...actor, source },
    clock: Date.now,
    changes: noChangeFeed,
  });
const never = () => new Promise<never>(() => undefined);

test('when a console was killed, the next one records that the outcome of its actions is unknown', async () => {
  const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(dead, 'exit');
  const { ppid } = process;
  void openAudit(`web pid ${dead.pid ?? 0}`).act(
    { event: 'licence.apply', object: 'quay-01', reason: 'OPS-1' },
    never,
  );
  void openAudit(`web pid ${ppid}`).act({ event: 'tenant.add', object: 'kiln/acme' }, never);
  void openAudit('test').act({ event: 'tenant.add', object: 'kiln/stark' }, never);
  const next = openAudit(`web pid ${process.pid}`);
  void next.act({ event: 'tenant.add', object: 'kiln/umbrella' }, never);
  next.endInterrupted();
  next.endInterrupted();
  const { actions } = next.actions({ before: null, limit: 10, query: '' });
  const ends = actions.map(({ start, outcome }) => [
    start.object,
    outcome?.errorCode ?? null,
    outcome?.detail,
  ]);
  expect(ends).toEqual([
    ['kiln/umbrella', null, undefined],
    ['kiln/stark', null, undefined],
    ['kiln/acme', null, undefined],
    ['quay-01', 'OUTCOME_UNKNOWN', 'outcome unknown: the console ended'],
  ]);
  expect(await next.verify()).toMatchObject({ ok: true, unfinished: [2, 3, 4] });
});
