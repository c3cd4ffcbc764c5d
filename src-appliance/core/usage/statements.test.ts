import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountsNow, startAccountKit, type AccountKit } from '../../../test-support/accountKit.ts';
import { dayMs } from '../../../src-shared/base/time.ts';
import { requestOutputSchema } from '../../../src-shared/model/licence/licenceCommands.ts';
import { statementListSchema } from '../../../src-shared/model/usage/usageStatement.ts';
import { createAuthority, type Authority } from '../../authority/store/authority.ts';
import { defaultContract } from '../../authority/store/contract.ts';
import { clockPath } from '../licence/moment.ts';

const program = 'ke_usage_report';
let kit: AccountKit;
let authority: Authority;
let folder: string;
let now = accountsNow;

beforeEach(async () => {
  now = accountsNow;
  kit = await startAccountKit();
  await kit.init();
  await kit.fill(300);
  folder = await mkdtemp(join(tmpdir(), 'usage-authority-'));
  authority = createAuthority({ folder: join(folder, 'authority'), now: () => now });
  const { applianceId: id, authorityKeys } = kit.config;
  authority.appliances.add({ name: 'quay-01', id, contract: defaultContract });
  await writeFile(authorityKeys, JSON.stringify(authority.keys.exportSet()));
  const { output } = await kit.run(['request'], requestOutputSchema);
  await authority.answers.answer(output.request);
});
afterEach(async () => {
  authority.close();
  await kit.stop();
  await rm(folder, { recursive: true, force: true });
});

const make = async (...words: string[]) => {
  const ended = await kit.ke([program, 'statement', '--kind', 'per-user', ...words]);
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  return ended.stdout;
};
const receive = (statement: string) => authority.usage.recordStatement(Buffer.from(statement), null);
const list = async () =>
  statementListSchema.parse(JSON.parse((await kit.ke([program, 'statements', '--json'])).stdout)).statements;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const passTime = (days: number) => {
  now += days * dayMs;
  return kit.passTime(now);
};
const kept = (name = '') => join(kit.config.stateFolder, 'usage', name);

describe('a usage statement', () => {
  it('when the authority receives it, has the bytes of the report, and its acknowledgement is kept', async () => {
    const { stdout: report } = await kit.report('per-user');
    const statement = await make();
    expect(statement.slice(statement.indexOf('\n') + 1)).toBe(report);
    const { acknowledgement } = await receive(statement);
    const { id } = authority.appliances.find('quay-01');
    expect(authority.usage.contentOf(id, sha256(report))).toBe(report);
    expect(authority.usage.listOf(id)).toMatchObject([
      { kind: 'per-user', month: '2026-11', accounts: 300, number: 1 },
    ]);
    expect(await kit.ke([program, 'acknowledge', '-'], `${acknowledgement}\n`)).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    expect(await list()).toMatchObject([
      { number: 1, sha256: sha256(report), acknowledgement: { missing: [] } },
    ]);
    expect((await receive(statement)).acknowledgement).toBe(acknowledgement);
    expect((await kit.ke([program, 'statement', '--number', '1'])).stdout).toBe(statement);
    for (const name of await readdir(kept())) expect((await stat(kept(name))).mode & 0o077).toBe(0);
  });

  it('when one is missing, the authority says which', async () => {
    const [, , third] = [await make(), await make(), await make()];
    const { acknowledgement } = await receive(third ?? '');
    const ended = await kit.ke([program, 'acknowledge'], acknowledgement);
    expect(ended.stderr).toContain('the authority has not received: 1, 2');
    expect((await list()).map(({ number, acknowledgement: answer }) => [number, answer?.missing])).toEqual([
      [3, [1, 2]],
      [2, undefined],
      [1, undefined],
    ]);
  });

  it.each<[string, (statement: string) => string]>([
    ['its last line is cut off', (text) => text.slice(0, -30)],
    ['an account is left out', (text) => text.split('\n').toSpliced(5, 1).join('\n')],
    ['an account is changed', (text) => text.replace('"active":true', '"active":false')],
    ['it has no report', (text) => text.slice(0, text.indexOf('\n'))],
    ['its manifest is changed', (text) => `${text.slice(0, 200)}A${text.slice(201)}`],
  ])('when %s, the authority refuses it and keeps nothing', async (_what, change) => {
    const statement = await make();
    await expect(receive(change(statement))).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
    expect(authority.usage.listOf(kit.config.applianceId)).toEqual([]);
    await receive(statement);
  });

  it('when an acknowledgement is for another statement or changed, nothing is kept', async () => {
    const { acknowledgement } = await receive(await make());
    const [head, , signature] = acknowledgement.split('.');
    const forged = [head, Buffer.from('{"format":1}').toString('base64url'), signature].join('.');
    for (const text of [forged, 'x', acknowledgement.slice(0, -2)])
      expect(await kit.ke([program, 'acknowledge'], text)).toMatchObject({ exitCode: 7, stdout: '' });
    await rm(join(kit.config.stateFolder, 'usage'), { recursive: true });
    await make('--month', '2026-10');
    expect(await kit.ke([program, 'acknowledge'], acknowledgement)).toMatchObject({
      exitCode: 7,
      stdout: '',
    });
    expect((await list())[0]?.acknowledgement).toBeNull();
  });

  it('when 12 months are over, appliance and authority delete it, and its number is not used again', async () => {
    await receive(await make());
    await passTime(365);
    await kit.ke([program, 'prune']);
    authority.usage.deleteOld();
    expect(await list()).toHaveLength(1);
    expect(authority.usage.listOf(kit.config.applianceId)).toHaveLength(1);
    await passTime(1);
    expect((await kit.ke([program, 'prune'])).stdout).toContain('1 statements deleted');
    authority.usage.deleteOld();
    expect(await list()).toEqual([]);
    expect(authority.usage.listOf(kit.config.applianceId)).toEqual([]);
    const second = await make();
    expect((await list()).map(({ number }) => number)).toEqual([2]);
    const { acknowledgement } = await receive(second);
    expect((await kit.ke([program, 'acknowledge'], acknowledgement)).stderr).toBe('');
  });

  it('when the report fails, no number is used', async () => {
    await kit.use((database) => database.write((writer) => writer.run('DELETE FROM schema_migration')));
    const failed = await kit.ke([program, 'statement', '--kind', 'per-user']);
    expect(failed).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await list()).toEqual([]);
  });

  it.each(['updated_at = 9e15', 'last_request_at = 9e15', 'connected_at = 0, deactivated_at = 9e15'])(
    'when a report fails in the middle because of %s, nothing of it is left',
    async (change) => {
      await make();
      const before = await readdir(kept());
      await kit.sql(`UPDATE account SET ${change.replaceAll('9e15', '9000000000000000')} WHERE id = 300`);
      expect(await kit.ke([program, 'statement', '--kind', 'per-user'])).toMatchObject({
        exitCode: 1,
        stdout: '',
      });
      expect(await readdir(kept())).toEqual(before);
    },
  );

  it('when killed calls left files, they are deleted with the next one, and by prune', async () => {
    const left = ['000009.report.jsonl', '000008.acknowledgement.jws', '000007.manifest.jws.x.new'];
    const leave = () => Promise.all(left.map((name) => writeFile(kept(name), 'x')));
    await make();
    await leave();
    expect((await kit.ke([program, 'prune'])).exitCode).toBe(0);
    expect((await readdir(kept())).filter((name) => left.includes(name))).toEqual([]);
    await leave();
    await make();
    expect((await readdir(kept())).filter((name) => left.includes(name))).toEqual([]);
    expect((await list()).map(({ number }) => number)).toEqual([2, 1]);
  });

  it('when it is made, other commands get the lock of the appliance in between', async () => {
    let isSeen = false;
    const state = { isMade: false };
    const making = make().finally(() => (state.isMade = true));
    while (!state.isMade) {
      await kit.appliance.lock(async () => {
        const names = await readdir(kept()).catch((): string[] => []);
        isSeen ||= names.includes('000001.report.jsonl') && !names.includes('000001.manifest.jws');
      });
      await nextTurn();
    }
    await making;
    expect(isSeen).toBe(true);
  });

  it('when two are made at the same time, each has a number and a report of its own', async () => {
    await Promise.all([make(), make('--month', '2026-10')]);
    const listed = await list();
    expect(listed.map(({ number }) => number)).toEqual([2, 1]);
    expect(listed.map(({ month }) => month).toSorted()).toEqual(['2026-10', '2026-11']);
    for (const { number } of listed)
      expect(await kit.ke([program, 'statement', '--number', `${number}`])).toMatchObject({ exitCode: 0 });
  });

  it('when another command holds the lock of the appliance, statements are deleted and answers kept', async () => {
    const { acknowledgement } = await receive(await make());
    await passTime(366);
    await make();
    const words = [['prune'], ['acknowledge', '-']];
    const ended = await kit.appliance.lock(() =>
      Promise.all(words.map((rest) => kit.ke([program, ...rest], acknowledgement))),
    );
    expect(ended).toMatchObject([{ exitCode: 0 }, { exitCode: 3 }]);
  });
});

const wrongClocks: [string, () => Promise<unknown> | void][] = [
  ['is set ahead by 400 days', () => kit.setNow(accountsNow + 400 * dayMs)],
  ['is set ahead by 2 days', () => kit.setNow(accountsNow + 2 * dayMs)],
  ['has a damaged mark', () => writeFile(clockPath(kit.config.stateFolder), 'x')],
  [
    'was ahead over a restart and was corrected',
    async () => {
      await kit.passTime(accountsNow + 400 * dayMs);
      await kit.report('standard');
      kit.setNow(accountsNow);
    },
  ],
];

describe.each(wrongClocks)('when the clock %s', (_what, makeWrong) => {
  it('no statement is deleted or made, the log says why, and both go on once the clock is right', async () => {
    await make();
    await make();
    const before = await readdir(kept());
    await makeWrong();
    for (const words of [['prune'], ['statement', '--kind', 'standard']]) {
      const ended = await kit.ke([program, ...words]);
      expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
      expect(ended.stderr).toContain('nothing was changed');
      expect(kit.logged.at(-1)).toMatch(/^refused .* by test: COMMAND_FAILED: nothing was changed; /u);
    }
    expect(await readdir(kept())).toEqual(before);
    await rm(clockPath(kit.config.stateFolder));
    kit.setNow(accountsNow + dayMs);
    expect(await kit.ke([program, 'prune'])).toMatchObject({ exitCode: 0 });
    await make();
    expect((await list()).map(({ number }) => number)).toEqual([3, 2, 1]);
  });
});

describe.each<[string, (path: string) => Promise<unknown>]>([
  ['is cut off', (path) => writeFile(path, 'eyJ')],
  ['is empty', (path) => writeFile(path, '')],
  ['is too large', (path) => writeFile(path, 'x'.repeat(100_000))],
  ['is a link', (path) => rm(path, { force: true }).then(() => symlink('/etc/passwd', path))],
])('when a kept file %s', (_what, damage) => {
  it.each(['manifest.jws', 'acknowledgement.jws'])('as %s, others are listed and made', async (part) => {
    await make();
    await make();
    await damage(kept(`000002.${part}`));
    const { acknowledgement } = await receive(await make());
    expect(await kit.ke([program, 'acknowledge'], acknowledgement)).toMatchObject({ exitCode: 0 });
    const ended = await kit.ke([program, 'statements', '--json']);
    const { statements, damaged } = statementListSchema.parse(JSON.parse(ended.stdout));
    const isListed = part === 'acknowledgement.jws';
    expect(statements.map(({ number }) => number)).toEqual(isListed ? [3, 2, 1] : [3, 1]);
    expect(damaged).toEqual([{ number: 2, problem: expect.stringContaining(`000002.${part}`) }]);
    expect((await kit.ke([program, 'statements'])).stderr).toContain(
      `statement 2: ${kept(`000002.${part}`)}`,
    );
    await passTime(400);
    expect((await kit.ke([program, 'prune'])).stdout).toContain('3 statements deleted');
    expect(await readdir(kept())).toEqual(['count.json']);
  });
});

describe('when old statements', () => {
  it('can’t be deleted, the others are, the log says why, and a new one is made', async () => {
    await make();
    await make();
    await rm(kept('000001.report.jsonl'));
    await mkdir(kept('000001.report.jsonl'));
    await passTime(366);
    const ended = await kit.ke([program, 'prune']);
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ended.stderr).toContain('1 files are left, the others were deleted');
    expect(kit.logged.at(-1)).toContain('refused the deletion of old usage statements');
    expect((await readdir(kept())).filter((name) => name.startsWith('000002'))).toEqual([]);
    await make();
    expect(kit.logged.join('\n')).toContain('not deleted: ');
  });

  it('are counted in a damaged file, they are deleted, and no number is used until it is repaired', async () => {
    await make();
    await writeFile(kept('count.json'), '{');
    await passTime(366);
    expect((await kit.ke([program, 'prune'])).stdout).toContain('1 statements deleted');
    const failed = await kit.ke([program, 'statement', '--kind', 'standard']);
    expect(failed).toMatchObject({ exitCode: 1, stdout: '' });
    expect(failed.stderr).toContain('count.json is damaged');
  });

  it('are deleted, the log says how many, and says nothing of later calls that delete none', async () => {
    await make();
    await passTime(366);
    await kit.ke([program, 'prune']);
    expect(kit.logged.at(-1)).toBe('1 usage statements older than 12 months deleted by test');
    const before = kit.logged.length;
    await kit.ke([program, 'prune']);
    expect(kit.logged).toHaveLength(before);
  });
});

describe('a report without a statement', () => {
  it('when it is sent, the authority keeps its bytes; another one is refused with nothing kept', async () => {
    const { stdout: report } = await kit.report('standard');
    const appliance = authority.appliances.find('quay-01');
    expect(authority.usage.findByKey(appliance.licenceKey).id).toBe(appliance.id);
    expect(() => authority.usage.findByKey('SP-0')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    await authority.usage.recordReport(appliance, Buffer.from(report));
    expect(authority.usage.contentOf(appliance.id, sha256(report))).toBe(report);
    const wrong = [
      report.trimEnd(),
      report.replace('":', '": '),
      report.replace('"format":2', '"format":1'),
      report.replace(appliance.id, '1532bc82-c3ca-4eb0-83fa-8919a88b83a9'),
      `${report}${report}`,
      '\n',
    ];
    for (const text of wrong)
      await expect(authority.usage.recordReport(appliance, Buffer.from(text))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
    expect(authority.usage.listOf(appliance.id)).toHaveLength(1);
  });
});
