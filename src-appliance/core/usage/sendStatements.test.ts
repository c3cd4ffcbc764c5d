import { readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dayMs, hourMs, minuteMs } from '../../../src-shared/base/time.ts';
import { requestOutputSchema } from '../../../src-shared/model/licence/licenceCommands.ts';
import { sentStatementsSchema, statementListSchema } from '../../../src-shared/model/usage/usageStatement.ts';
import { accountsNow, startAccountKit, type AccountKit } from '../../../test-support/accountKit.ts';
import { aPlan } from '../../../test-support/billing/aPlan.ts';
import { createLoopbackServers } from '../../../test-support/loopbackServers.ts';
import { makeSelfSigned } from '../../../test-support/selfSigned.ts';
import { startAuthorityService } from '../../authority/service/service.ts';
import { createAuthority, type Authority } from '../../authority/store/authority.ts';
import { defaultContract, type Contract } from '../../authority/store/contract.ts';
import { sendWhenDue } from './sendStatements.ts';

const program = 'ke_usage_report';
const servers = createLoopbackServers();
const [local, other] = [makeSelfSigned('localhost'), makeSelfSigned('localhost')];
type Received = { path: string; headers: IncomingHttpHeaders; body: Buffer };
let kit: AccountKit;
let authority: Authority;
let licenceKey: string;
let port: number;
let now: number;
/** What the test's own receiver got, byte for byte, and how it answers. */
let received: Received[];
/** What `ke_status --json` prints of findings. */
const printedSchema = z.object({ findings: z.array(z.unknown()) });
let respond: (request: Received, response: ServerResponse) => Promise<void> | void;

const acknowledge = async ({ body }: Received, response: ServerResponse): Promise<void> => {
  const { acknowledgement } = await authority.usage.recordStatement(body, null);
  response.end(acknowledgement);
};

beforeAll(async () => {
  const server = createServer(local, (request: IncomingMessage, response: ServerResponse) => {
    void (async () => {
      const entry = { path: request.url ?? '', headers: request.headers, body: await buffer(request) };
      received.push(entry);
      await respond(entry, response);
    })();
  });
  port = await servers.serve(server);
});
afterAll(() => servers.close());

const contract: Contract = {
  ...defaultContract,
  entitlements: { ...defaultContract.entitlements, accounts: null, plan: 'graduated' },
  plans: [
    aPlan(),
    aPlan({
      id: 'people',
      lines: [
        { kind: 'perUnit', id: 'people', label: 'People', counted: { unit: 'endUser' }, unitPrice: '1' },
      ],
    }),
  ],
};

async function fetchLicence(): Promise<void> {
  const { output } = await kit.run(['request'], requestOutputSchema);
  const { document } = await authority.answers.answer(output.request);
  expect((await kit.importText(document)).exitCode).toBe(0);
}

beforeEach(async () => {
  now = accountsNow;
  received = [];
  respond = acknowledge;
  kit = await startAccountKit();
  await kit.init();
  await kit.fill(300);
  authority = createAuthority({ folder: join(kit.folder, 'authority'), now: () => now });
  const { applianceId: id, authorityKeys } = kit.config;
  licenceKey = authority.appliances.add({ name: 'quay-01', id, contract }).licenceKey;
  await writeFile(authorityKeys, JSON.stringify(authority.keys.exportSet()));
  await fetchLicence();
  await writeFile(join(kit.folder, 'ca.pem'), local.cert);
  await writeFile(join(kit.folder, 'other.pem'), other.cert);
  connect();
});
afterEach(async () => {
  authority.close();
  await kit.stop();
});

function connect(changes: Partial<NonNullable<AccountKit['config']['authority']>> = {}): void {
  const url = `https://localhost:${port}`;
  kit.config.authority = { url, caFile: join(kit.folder, 'ca.pem'), mode: 'connected', ...changes };
}
const make = async (kind = 'per-user') => (await kit.ke([program, 'statement', '--kind', kind])).stdout;
const send = () => kit.ke([program, 'send', '--json']);
const list = async () =>
  statementListSchema
    .parse(JSON.parse((await kit.ke([program, 'statements', '--json'])).stdout))
    .statements.map(({ number, kind, month, acknowledgement }) => ({
      number,
      kind,
      month,
      isReceived: acknowledgement !== null,
    }));

const tick = (random = 0.5) => sendWhenDue(kit.appliance, { random: () => random, run: (work) => work() });
const passTime = (ms: number) => {
  now += ms;
  return kit.passTime(now);
};
const record = async () =>
  JSON.parse(await readFile(join(kit.config.stateFolder, 'usage-sending.json'), 'utf8'));

describe('in connected mode', () => {
  it('when statements are sent, the receiver gets their exact bytes once, and the answers are kept', async () => {
    const made = [await make(), await make('standard')];
    const ended = await send();
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(received.map(({ body }) => body.toString())).toEqual(made);
    for (const { path, headers } of received) {
      expect(path).toBe('/v1/usage/statement');
      expect(headers).toMatchObject({
        authorization: `Bearer ${licenceKey}`,
        'content-type': 'application/vnd.sallyport.usage-statement+jws',
      });
    }
    const { sent } = sentStatementsSchema.parse(JSON.parse(ended.stdout));
    expect(sent).toEqual(
      made.map((text, at) => ({
        number: at + 1,
        bytes: Buffer.byteLength(text),
        receivedAt: new Date(accountsNow).toISOString(),
        missing: [],
      })),
    );
    expect((await list()).map(({ isReceived }) => isReceived)).toEqual([true, true]);
    expect(kit.logged.at(-1)).toBe(`usage statement 1, 2 sent to https://localhost:${port} by test`);
    const again = await kit.ke([program, 'send']);
    expect(again).toMatchObject({ exitCode: 0, stdout: 'every kept statement is acknowledged\n' });
    expect(received).toHaveLength(2);
    expect(JSON.stringify([kit.logged, ended, again])).not.toContain(licenceKey);
  });

  it('when the authority itself receives a statement, it has the bytes of the report', async () => {
    const service = await startAuthorityService({ authority, host: '127.0.0.1', port: 0, ...local });
    connect({ url: service.url.replace('127.0.0.1', 'localhost') });
    const { stdout: report } = await kit.report('per-user');
    await make();
    expect(await send()).toMatchObject({ exitCode: 0, stderr: '' });
    const [kept] = authority.usage.listOf(kit.config.applianceId);
    expect(kept).toMatchObject({ kind: 'per-user', accounts: 300, number: 1 });
    expect(authority.usage.contentOf(kit.config.applianceId, kept?.sha256 ?? '')).toBe(report);
    await service.close();
  });

  it('when the authority refuses one statement, the others are sent, and it is sent again later', async () => {
    await make();
    await make('standard');
    respond = (request, response) => {
      if (received.length > 1) return void acknowledge(request, response);
      return void response
        .writeHead(507)
        .end('{"error":{"code":"USAGE_STORE_FULL","message":"no \\u001b[31mroom"}}');
    };
    const ended = await send();
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ended.stderr).toContain('1 of 2 were not sent; statement 1: the authority');
    expect(ended.stderr).toContain('USAGE_STORE_FULL');
    expect(ended.stderr).not.toContain('\u001B');
    expect((await list()).map(({ isReceived }) => isReceived)).toEqual([true, false]);
    expect(kit.logged.at(-1)).toContain('refused the sending of usage statements by test: COMMAND_FAILED');
    expect(await send()).toMatchObject({ exitCode: 0 });
    expect(received.map(({ body }) => body.length)).toEqual([
      received[0]?.body.length,
      received[1]?.body.length,
      received[0]?.body.length,
    ]);
  });

  it.each<[string, (request: Received, response: ServerResponse) => Promise<void> | void]>([
    ['a page', (_request, response) => void response.end('<html>Welcome</html>')],
    ['nothing', (_request, response) => void response.writeHead(204).end()],
    ['endless text', (_request, response) => void response.end('x'.repeat(10_000_000))],
    ['a redirect', (_request, response) => void response.writeHead(302, { Location: '/' }).end()],
    [
      'an acknowledgement that it did not sign',
      async ({ body }, response) => {
        const { acknowledgement } = await authority.usage.recordStatement(body, null);
        response.end(`${acknowledgement.slice(0, -20)}${'A'.repeat(20)}`);
      },
    ],
  ])('when the receiver answers with %s, the statement stays open', async (_what, answer) => {
    await make();
    respond = answer;
    const ended = await send();
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ended.stderr).toContain('1 of 1 were not sent; statement 1: ');
    expect(ended.stderr.split('\n')).toHaveLength(2);
    expect(await list()).toMatchObject([{ isReceived: false }]);
    respond = acknowledge;
    expect(await send()).toMatchObject({ exitCode: 0 });
    expect(await list()).toMatchObject([{ isReceived: true }]);
  });

  it.each<[string, () => Promise<void> | void, number, string]>([
    ['nothing listens', () => connect({ url: 'https://localhost:1' }), 1, 'CONNECT_FAILED'],
    [
      'another certificate is trusted',
      () => connect({ caFile: join(kit.folder, 'other.pem') }),
      7,
      'AUTHORITY_UNTRUSTED',
    ],
    ['the mode is offline', () => connect({ mode: 'offline' }), 2, 'offline mode'],
    ['no authority is named', () => void (kit.config.authority = undefined), 2, 'offline mode'],
    [
      'the kept report was changed',
      async () => {
        const path = join(kit.config.stateFolder, 'usage', '000001.report.jsonl');
        await writeFile(path, (await readFile(path, 'utf8')).replace('true', 'false'));
      },
      1,
      'statement 1: the kept report of statement 1 is not the one that was signed',
    ],
  ])('when %s, nothing is sent and the error says why', async (_what, change, exitCode, says) => {
    await make();
    await change();
    const ended = await send();
    expect(ended).toMatchObject({ exitCode, stdout: '' });
    expect(ended.stderr).toContain(says);
    expect(received).toEqual([]);
    expect(await list()).toMatchObject([{ isReceived: false }]);
  });
});

describe('the schedule of usage statements', () => {
  it('when the appliance is connected, last month is stated once and sent, and next month the next one', async () => {
    expect(await tick(1)).toEqual({ state: 'waiting', waitMs: 10 * minuteMs });
    expect(received).toEqual([]);
    await passTime(10 * minuteMs);
    expect(await tick()).toEqual({ state: 'sent', waitMs: hourMs });
    const october = { number: 1, kind: 'standard', month: '2026-10', isReceived: true };
    expect(await list()).toEqual([october]);
    await passTime(dayMs);
    expect(await tick()).toMatchObject({ state: 'sent' });
    expect(await list()).toEqual([october]);
    await passTime(12 * dayMs);
    expect(await tick()).toMatchObject({ state: 'sent' });
    expect(await list()).toEqual([{ ...october, number: 2, month: '2026-11' }, october]);
    expect(received).toHaveLength(2);
  });

  it('when the price depends on end users, the statement is per user', async () => {
    const entitlements = { ...contract.entitlements, plan: 'people' };
    authority.appliances.change(kit.config.applianceId, { contract: { ...contract, entitlements } });
    await fetchLicence();
    await tick(0);
    expect(await list()).toMatchObject([{ kind: 'per-user', isReceived: true }]);
  });

  it('when the authority does not answer, it is tried again after longer and longer times, then it is sent', async () => {
    connect({ url: 'https://localhost:1' });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      expect(await tick(attempt === 0 ? 0 : 1)).toMatchObject({ state: 'failed' });
      const { nextAt, problem } = await record();
      expect(problem).toContain('can’t be used');
      waits.push(Math.round((Date.parse(nextAt) - now) / minuteMs));
      await passTime(Date.parse(nextAt) - now);
    }
    expect(waits.slice(1)).toEqual([10, 20, 40, 80, 160, 320, 360, 360]);
    expect(await list()).toHaveLength(1);
    connect();
    expect(await tick()).toMatchObject({ state: 'sent' });
    expect(await record()).toMatchObject({ failures: 0, problem: null });
    expect(received).toHaveLength(1);
  });

  it.each<[string, () => Promise<void> | void]>([
    ['its mode is offline', () => connect({ mode: 'offline' })],
    ['it names no authority', () => void (kit.config.authority = undefined)],
  ])('when %s, nothing is made or sent', async (_what, change) => {
    await change();
    for (let hour = 0; hour < 48; hour += 12) {
      expect(await tick(0)).toEqual({ state: 'off', waitMs: hourMs });
      await passTime(12 * hourMs);
    }
    expect([received, await list()]).toEqual([[], []]);
  });

  it('when the account database is broken, statements made before are sent, and the failure is kept', async () => {
    await make();
    await writeFile(join(kit.config.stateFolder, 'accounts.db'), 'x'.repeat(8192));
    expect(await tick(0)).toMatchObject({ state: 'failed' });
    expect(await list()).toMatchObject([{ kind: 'per-user', isReceived: true }]);
    expect((await record()).problem).toContain('not a database');
  });

  it('when there is no account database, there is nothing to state', async () => {
    for (const end of ['', '-wal', '-shm'])
      await rm(join(kit.config.stateFolder, `accounts.db${end}`), { force: true });
    expect(await tick(0)).toMatchObject({ state: 'sent' });
    expect([received, await list()]).toEqual([[], []]);
  });

  it('when the command is called by the schedule, it prints how many seconds to wait', async () => {
    const ended = await kit.ke([program, 'send', '--when-due']);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(Number(ended.stdout)).toBeGreaterThanOrEqual(60);
    expect(Number(ended.stdout)).toBeLessThanOrEqual(600);
  });
});

it('when sending fails, ke_status names it with its code and the next step until it succeeds', async () => {
  const findings = async () =>
    printedSchema.parse(JSON.parse((await kit.ke(['ke_status', '--json'])).stdout)).findings;
  await make();
  connect({ caFile: join(kit.folder, 'other.pem') });
  expect((await tick()).state).toBe('waiting');
  expect(await findings()).toEqual([]);
  await passTime(hourMs);
  expect((await tick()).state).toBe('failed');
  expect(await findings()).toEqual([
    {
      name: 'usage report',
      code: 'USAGE_NOT_SENT',
      detail: expect.stringMatching(
        /the last one failed: the authority .* can’t be used.* Run `ke_usage_report send`/u,
      ),
    },
  ]);
  expect((await kit.ke(['ke_status'])).stdout).toMatch(/^Finding {4}usage report {2}USAGE_NOT_SENT {2}/mu);
  connect();
  await passTime(6 * hourMs);
  expect((await tick()).state).toBe('sent');
  expect(await findings()).toEqual([]);
});
