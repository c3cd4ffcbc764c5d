import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountsNow, startAccountKit, type AccountKit } from '../../../test-support/accountKit.ts';
import { dayMs } from '../../../src-shared/base/time.ts';
import { requestOutputSchema } from '../../../src-shared/model/licence/licenceCommands.ts';
import { statementListSchema } from '../../../src-shared/model/usage/usageStatement.ts';
import { createAuthority, type Authority } from '../../authority/store/authority.ts';
import { defaultContract } from '../../authority/store/contract.ts';

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
const receive = (statement: string) => authority.usage.recordStatement(Buffer.from(statement));
const list = async () =>
  statementListSchema.parse(JSON.parse((await kit.ke([program, 'statements', '--json'])).stdout)).statements;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const passTime = (days: number) => {
  now += days * dayMs;
  kit.setNow(now);
};

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
    const kept = join(kit.config.stateFolder, 'usage');
    for (const name of await readdir(kept)) expect((await stat(join(kept, name))).mode & 0o077).toBe(0);
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
    passTime(365);
    await kit.ke([program, 'prune']);
    authority.usage.deleteOld();
    expect(await list()).toHaveLength(1);
    expect(authority.usage.listOf(kit.config.applianceId)).toHaveLength(1);
    passTime(1);
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
});

describe('a report without a statement', () => {
  it('when it is sent, the authority keeps its bytes; another one is refused with nothing kept', async () => {
    const { stdout: report } = await kit.report('standard');
    const appliance = authority.appliances.find('quay-01');
    expect(authority.usage.findByKey(appliance.licenceKey).id).toBe(appliance.id);
    expect(() => authority.usage.findByKey('SP-0')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    authority.usage.recordReport(appliance, Buffer.from(report));
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
      expect(() => authority.usage.recordReport(appliance, Buffer.from(text))).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      );
    expect(authority.usage.listOf(appliance.id)).toHaveLength(1);
  });
});
