import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  configurationOutputSchema,
  type ConfigurationOutput,
} from '../../../src-shared/model/configuration/configurationCommands.ts';
import { authorityPaths } from '../../../src-shared/model/licence/authorityApi.ts';
import { authorityOutputSchema } from '../../../src-shared/model/licence/licenceCommands.ts';
import { createLoopbackServers } from '../../../test-support/loopbackServers.ts';
import { readRequest, startLicenceKit, type LicenceKit } from '../../../test-support/licenceKit.ts';
import { makeSelfSigned } from '../../../test-support/selfSigned.ts';
import { startAuthorityService } from '../../authority/service/service.ts';
import { createAuthority } from '../../authority/store/authority.ts';
import { defaultContract } from '../../authority/store/contract.ts';
import type { ApplianceConfig } from '../config.ts';
import { readLicenceRecord } from './licenceRecord.ts';

type Received = { path: string; contentType: string; body: string };

const authorityHost = 'licences.example';
let kit: LicenceKit;
const servers = createLoopbackServers();
let port: number;
let received: Received[];
let respond: (request: Received, response: ServerResponse) => Promise<void>;
let local: ReturnType<typeof makeSelfSigned>;
let remote: ReturnType<typeof makeSelfSigned>;

beforeAll(async () => {
  [local, remote] = [makeSelfSigned('localhost'), makeSelfSigned(authorityHost)];
  const server = createServer(local, (request: IncomingMessage, response: ServerResponse) => {
    void (async () => {
      const { url = '', headers } = request;
      const entry = { path: url, contentType: headers['content-type'] ?? '', body: await readText(request) };
      received.push(entry);
      await respond(entry, response);
    })();
  });
  server.addContext(authorityHost, remote);
  port = await servers.serve(server);
});
afterAll(() => servers.close());

beforeEach(async () => {
  kit = await startLicenceKit();
  received = [];
  await writeFile(join(kit.folder, 'ca.pem'), local.cert);
  await writeFile(kit.config.configuration, 'hostname: old.example\n');
  respond = async ({ path, body }, response) => {
    if (path !== authorityPaths.licence) return void response.writeHead(204).end();
    const { id, nonce } = readRequest(body);
    const configuration = { revision: 3, set: { hostname: 'new.example' } };
    response.end(`${await kit.sign({ request: { id, nonce }, configuration })}\n`);
  };
});
afterEach(() => kit.stop());

function connect(changes: Partial<ApplianceConfig['authority']> = {}): void {
  const url = `https://localhost:${port}`;
  kit.config.authority = { url, caFile: join(kit.folder, 'ca.pem'), mode: 'connected', ...changes };
}

async function update(
  ...options: string[]
): Promise<{ exitCode: number; stderr: string; output: ConfigurationOutput }> {
  const ended = await kit.ke(['ke_update_configuration', '--json', ...options]);
  return { ...ended, output: configurationOutputSchema.parse(JSON.parse(ended.stdout)) };
}

test('fetches licence and configuration, and pings with exactly the documented fields', async () => {
  connect({ publicIp: '203.0.113.9' });
  await kit.ke(['ke_manage_license_key', 'set', 'SP-1111-2222-3333']);
  const done = await update();
  expect(done).toMatchObject({
    exitCode: 0,
    output: { outcome: 'applied', revision: 3, licence: { outcome: 'applied' } },
  });
  expect(await readFile(kit.config.configuration, 'utf8')).toBe('hostname: new.example\n');
  expect(received.map(({ path }) => path)).toEqual(['/v1/licence', '/v1/ping', '/v1/receipt']);
  const ping = {
    version: '1.14.4',
    publicIp: '203.0.113.9',
    privateIp: '127.0.0.1',
    hostname: hostname(),
    licenceKey: 'SP-1111-2222-3333',
  };
  expect(JSON.parse(received[1]?.body ?? '')).toEqual(ping);
  const masked = { ...ping, licenceKey: 'SP-••••-••••-3333' };
  const sentBytes = received.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
  expect(done.output.exchange).toMatchObject({ ping: masked, sentBytes, receiptProblem: null });
  const recorded = done.output.exchange?.sent ?? [];
  expect(recorded.map(({ path, bytes }) => ({ path, bytes }))).toEqual(
    received.map(({ path, body }) => ({ path, bytes: Buffer.byteLength(body) })),
  );
  expect(recorded[1]?.fields).toEqual(Object.keys(ping));
  expect(recorded[0]?.fields).toEqual(Object.keys(readRequest(received[0]?.body ?? '')));
  expect(done.output.exchange?.offered).toEqual(done.output.licence?.current);
  expect(received[2]?.body).toBe(done.output.licence?.receipt);
  expect(kit.logged.at(-1)).toContain(JSON.stringify(masked));
  expect(kit.logged.join()).not.toContain('1111-2222');
});

const contract = { ...defaultContract, minVersion: '1.0.0' };

/** A licence authority with a contract for the appliance, which is connected to it. */
async function startAuthority() {
  const authority = createAuthority({ folder: join(kit.folder, 'authority') });
  const service = await startAuthorityService({ authority, host: '127.0.0.1', port: 0, ...local });
  const { id, licenceKey } = authority.appliances.add({ id: kit.config.applianceId, name: 'hq', contract });
  await kit.writeKeySet(JSON.stringify(authority.keys.exportSet()));
  await kit.ke(['ke_manage_license_key', 'set', licenceKey]);
  connect({ url: service.url.replace('127.0.0.1', 'localhost') });
  const stop = async () => {
    await service.close();
    authority.close();
  };
  return { authority, id, licenceKey, stop };
}

test('renews with a real licence authority, which records request, ping and receipt', async () => {
  const { authority, id, licenceKey, stop } = await startAuthority();
  try {
    authority.appliances.change(id, { settings: { hostname: 'hq.example' } });
    for (const sequence of [1, 2]) {
      const done = await update();
      expect(done).toMatchObject({ exitCode: 0, output: { exchange: { receiptProblem: null } } });
      expect(done.output.licence?.current).toMatchObject({ state: 'valid', sequence });
    }
    expect(await readFile(kit.config.configuration, 'utf8')).toBe('hostname: hq.example\n');
    expect(authority.reports.receiptsOf(id)).toHaveLength(2);
    const pings = authority.reports.pingsOf(id).map(({ content }) => content);
    expect(pings).toHaveLength(2);
    expect(pings[0]).toMatchObject({ version: '1.14.4', privateIp: '127.0.0.1', licenceKey });
    authority.appliances.revoke(id);
    expect(await kit.ke(['ke_update_configuration'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('“CONTRACT_ENDED”'),
    });
  } finally {
    await stop();
  }
});

const offeredAccounts = ({ output }: { output: ConfigurationOutput }) =>
  output.exchange?.offered?.entitlements?.accounts;

test('when a real authority answered the open request before a contract was extended, a renewal gets the extended one', async () => {
  const { authority, id, stop } = await startAuthority();
  try {
    const open = await kit.request();
    await authority.answers.answer(open.request);
    await makeOld();
    const entitlements = { ...contract.entitlements, accounts: 9000 };
    authority.appliances.change(id, { contract: { ...contract, entitlements } });
    expect(offeredAccounts(await update('--dry-run'))).toBe(contract.entitlements.accounts);
    expect(offeredAccounts(await update('--accept-losses', 'none'))).toBe(9000);
  } finally {
    await stop();
  }
});

test('when ping and receipt are refused, the licence stays installed and the command says so', async () => {
  connect();
  const answer = respond;
  respond = async (request, response) =>
    request.path === authorityPaths.licence ? answer(request, response) : void response.writeHead(500).end();
  const done = await update();
  const refused = expect.stringContaining('refused: HTTP status 500');
  expect(done).toMatchObject({
    exitCode: 0,
    output: { outcome: 'applied', exchange: { ping: null, pingProblem: refused, receiptProblem: refused } },
    stderr: expect.stringMatching(/no ping was sent: .+\n.+the receipt was not delivered: /u),
  });
});

test('a dry run changes nothing, and ping sends the ping only', async () => {
  connect();
  await kit.ke(['ke_manage_license_key', 'set', 'SP-1111-2222-3333']);
  expect(await update('--dry-run')).toMatchObject({
    output: {
      outcome: 'acceptable',
      licence: { current: { state: 'missing' } },
      exchange: { offered: { state: 'valid', sequence: 1, key: expect.stringContaining('•') } },
    },
  });
  expect(await readFile(kit.config.configuration, 'utf8')).toBe('hostname: old.example\n');
  received = [];
  expect(await kit.ke(['ke_manage_license_key', 'ping', '--json'])).toMatchObject({ exitCode: 0 });
  expect(received.map(({ path }) => path)).toEqual(['/v1/ping']);
});

test.each([
  ['no authority is configured', undefined],
  ['its mode is offline', 'offline'],
] as const)('in offline mode, because %s, sends nothing and says so', async (_why, mode) => {
  if (mode !== undefined) connect({ mode });
  for (const argv of [['ke_update_configuration'], ['ke_manage_license_key', 'ping']])
    expect(await kit.ke(argv)).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('INVALID_INPUT: offline mode: '),
    });
  expect(received).toEqual([]);
});

test('through a lent port, reaches the authority by its certificate, without a ping in offline mode', async () => {
  await writeFile(join(kit.folder, 'ca.pem'), remote.cert);
  connect({ url: `https://${authorityHost}`, mode: 'offline' });
  const done = await update('--via', `${port}`);
  expect(done).toMatchObject({ exitCode: 0, output: { outcome: 'applied', exchange: { ping: null } } });
  expect(received.map(({ path }) => path)).toEqual(['/v1/licence', '/v1/receipt']);
});

test('says which authority it uses and what it sends there, in both modes', async () => {
  for (const [mode, url, paths] of [
    ['offline', 'https://[2001:db8::1]/', ['/v1/licence', '/v1/receipt']],
    ['connected', `https://${authorityHost}:8443`, ['/v1/licence', '/v1/ping', '/v1/receipt']],
  ] as const) {
    connect({ url, mode });
    const { stdout } = await kit.ke(['ke_manage_license_key', 'authority', '--json']);
    const shown = authorityOutputSchema.parse(JSON.parse(stdout));
    const [host, listens] = mode === 'offline' ? ['2001:db8::1', 443] : [authorityHost, 8443];
    expect(shown).toMatchObject({ host, port: listens, mode });
    expect(shown.sends.map(({ path }) => path)).toEqual(paths);
  }
  kit.config.authority = undefined;
  expect(await kit.ke(['ke_manage_license_key', 'authority'])).toMatchObject({ exitCode: 2 });
});

test('when the authority can’t be used, the open request stays the one that is answered', async () => {
  connect({ url: 'https://elsewhere.example', mode: 'offline' });
  const answer = await kit.answer({ sequence: 2 });
  for (const via of [port, 1])
    expect((await kit.ke(['ke_update_configuration', '--via', `${via}`])).exitCode).not.toBe(0);
  expect(await kit.importText(answer)).toMatchObject({ exitCode: 0, output: { outcome: 'applied' } });
});

test('when the port lends another host, the certificate is refused and nothing is sent', async () => {
  connect({ url: 'https://elsewhere.example', mode: 'offline' });
  expect(await kit.ke(['ke_update_configuration', '--via', `${port}`])).toMatchObject({
    exitCode: 7,
    stderr: expect.stringMatching(
      /AUTHORITY_UNTRUSTED: the authority elsewhere\.example through port \d+ can’t be used: .*altnames/u,
    ),
  });
  expect(received).toEqual([]);
});

test('when the certificate is of another authority, nothing is sent', async () => {
  connect();
  await writeFile(join(kit.folder, 'ca.pem'), makeSelfSigned('localhost').cert);
  expect(await kit.ke(['ke_update_configuration'])).toMatchObject({
    exitCode: 7,
    stderr: expect.stringContaining('AUTHORITY_UNTRUSTED'),
  });
  expect(received).toEqual([]);
});

test.each<[string, string, (response: ServerResponse) => void, number]>([
  [
    'refuses',
    'the authority localhost:PORT refused: “NOT_FOUND”: “no \u241b such ’appliance’”',
    (response) =>
      response
        .writeHead(404)
        .end(JSON.stringify({ error: { code: 'NOT_FOUND', message: 'no \u001b such "appliance"' } })),
    1,
  ],
  [
    'redirects',
    'HTTP status 302',
    (response) => response.writeHead(302, { Location: 'https://localhost/' }).end(),
    1,
  ],
  ['sends too much', 'its answer is too large', (response) => response.end('x'.repeat(100_000)), 1],
  ['sends something else', 'no Sallyport document', (response) => response.end('hello'), 7],
  ['hangs up', 'can’t be used', (response) => response.destroy(), 1],
])('when the authority %s, changes nothing and says why', async (_what, reason, answer, exitCode) => {
  connect();
  await kit.ke(['ke_manage_license_key', 'set', 'SP-1111-2222-3333']);
  respond = async ({ path }, response) =>
    path === authorityPaths.licence ? answer(response) : void response.writeHead(204).end();
  const ended = await kit.ke(['ke_update_configuration']);
  expect(ended.stderr).toContain(reason.replace('PORT', `${port}`));
  expect(ended.exitCode).toBe(exitCode);
  expect(await readFile(kit.config.configuration, 'utf8')).toBe('hostname: old.example\n');
});

const openRequest = async () => (await readLicenceRecord(kit.config.stateFolder)).openRequest;
/** Makes the open request one of an earlier boot. */
async function makeOld(): Promise<void> {
  const path = join(kit.config.stateFolder, 'licence-record.json');
  const record = await readFile(path, 'utf8');
  await writeFile(path, record.replaceAll(/"bootId":"[^"]*"/gu, '"bootId":"earlier"'));
}
const sentRequests = () =>
  received.filter(({ path }) => path === authorityPaths.licence).map(({ body }) => readRequest(body));

describe('a check', () => {
  test('when a request is open, sends it and leaves it open', async () => {
    connect();
    const open = await kit.request();
    const checked = await update('--dry-run');
    expect(checked.output).toMatchObject({ outcome: 'acceptable', exchange: { voidedRequest: null } });
    expect(checked.stderr).not.toContain('void');
    expect(sentRequests()).toMatchObject([{ id: open.id, number: open.number }]);
    expect(await openRequest()).toMatchObject({ id: open.id });
  });

  test('when a renewal follows, it sends the same request, so that it installs what was checked', async () => {
    connect();
    await update('--dry-run');
    await update('--dry-run');
    const renewed = await update();
    expect(renewed.output).toMatchObject({ outcome: 'applied', exchange: { voidedRequest: null } });
    expect(new Set(sentRequests().map(({ id }) => id)).size).toBe(1);
    expect(await readLicenceRecord(kit.config.stateFolder)).toMatchObject({ requests: 1, openRequest: null });
  });

  test.each([
    ['the next check', ['--dry-run'], 'acceptable'],
    ['the renewal', [], 'applied'],
  ] as const)(
    'when it is old, %s makes another request and voids the open one',
    async (_next, argv, outcome) => {
      connect();
      await update('--dry-run');
      await makeOld();
      expect((await update(...argv)).output).toMatchObject({ outcome, exchange: { voidedRequest: 1 } });
      expect(sentRequests().map(({ number }) => number)).toEqual([1, 2]);
    },
  );

  test('when its answer is refused, the next check sends a new request, whose answer may be another one', async () => {
    connect();
    const answer = respond;
    respond = async ({ body }, response) => {
      const { id, nonce } = readRequest(body);
      response.end(`${await kit.sign({ minVersion: '99.0.0', request: { id, nonce } })}\n`);
    };
    expect((await update('--dry-run')).output).toMatchObject({ outcome: 'refused' });
    respond = answer;
    expect((await update('--dry-run')).output).toMatchObject({
      outcome: 'acceptable',
      exchange: { voidedRequest: null },
    });
    expect(sentRequests().map(({ number }) => number)).toEqual([1, 2]);
  });
});

describe('a renewal while someone carries a request', () => {
  test.each([
    ['without a check', false],
    ['after a check of that request', true],
  ])('%s, sends a new request, voids the open one and says so', async (_when, isChecked) => {
    connect();
    const open = await kit.request();
    await makeOld();
    if (isChecked) await update('--dry-run');
    received = [];
    const renewed = await update('--accept-losses', 'none');
    expect(renewed).toMatchObject({
      output: { outcome: 'applied', exchange: { voidedRequest: open.number } },
      stderr: expect.stringContaining(`request ${open.number} is void now`),
    });
    expect(sentRequests()).toMatchObject([{ number: open.number + 1 }]);
    expect(await openRequest()).toBeNull();
  });

  test('when that request is new and was just checked, sends it again, so that it installs what was checked', async () => {
    connect();
    const open = await kit.request();
    await update('--dry-run');
    expect((await update('--accept-losses', 'none')).output).toMatchObject({
      outcome: 'applied',
      exchange: { voidedRequest: null },
    });
    expect(sentRequests().map(({ id }) => id)).toEqual([open.id, open.id]);
  });

  test.each<[string, (response: ServerResponse) => void | Promise<void>]>([
    ['the authority refuses', (response) => void response.writeHead(404).end()],
    ['the authority hangs up', (response) => void response.destroy()],
    [
      'the licence is refused',
      async (response) => void response.end(await kit.sign({ minVersion: '99.0.0' })),
    ],
  ])('when %s, that request stays the one that is answered', async (_what, answer) => {
    connect();
    const carried = await kit.answer({ sequence: 2 });
    respond = async (_request, response) => answer(response);
    const failed = await kit.ke(['ke_update_configuration', '--accept-losses', 'none']);
    expect(failed.exitCode).not.toBe(0);
    expect(failed.stderr).not.toContain('is void');
    expect(await kit.importText(carried)).toMatchObject({ exitCode: 0, output: { outcome: 'applied' } });
  });

  test('when another request is opened before the answer arrives, nothing is installed and that one stays open', async () => {
    connect();
    await kit.request();
    const answer = respond;
    let opened = 0;
    respond = async (request, response) => {
      if (request.path === authorityPaths.licence) opened = (await kit.request()).number;
      await answer(request, response);
    };
    expect(await kit.ke(['ke_update_configuration'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('CONFLICT: another request was opened'),
    });
    expect(await openRequest()).toMatchObject({ number: opened });
    expect(await readFile(kit.config.configuration, 'utf8')).toBe('hostname: old.example\n');
  });
});

describe('a loss', () => {
  const entitlements = { accounts: 50, connectors: [], plan: 'standard', internalDevelopment: false };

  beforeEach(async () => {
    await kit.renew({ sequence: 1 });
    const answerAsBefore = respond;
    respond = async (request, response) => {
      if (request.path !== authorityPaths.licence) return answerAsBefore(request, response);
      const { id, nonce } = readRequest(request.body);
      response.end(`${await kit.sign({ sequence: 2, request: { id, nonce }, entitlements })}\n`);
    };
    connect();
  });

  test.each([
    ['none', ['accounts', 'connector:smb']],
    ['accounts', ['connector:smb']],
  ])('when only %s is accepted, nothing is installed and the others are named', async (accepted, left) => {
    const open = await kit.request();
    const stopped = await update('--accept-losses', accepted);
    expect(stopped).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining(`takes something away: ${left.join(', ')}`),
      output: {
        outcome: 'acceptable',
        licence: { current: { sequence: 1 }, receipt: null },
        exchange: { unacceptedLosses: left, voidedRequest: open.number },
      },
    });
    const renewed = await update('--accept-losses', 'accounts,connector:smb');
    expect(renewed.output).toMatchObject({ outcome: 'applied', exchange: { voidedRequest: null } });
    const sent = new Set(sentRequests().map(({ number }) => number));
    expect([...sent]).toEqual([open.number + 1]);
  });

  test('when each one is accepted, the licence is installed', async () => {
    expect(await update('--accept-losses', 'accounts,connector:smb')).toMatchObject({
      output: { outcome: 'applied', licence: { current: { sequence: 2 } } },
    });
  });

  test('without the option, as on a schedule, the licence is installed', async () => {
    expect(await update()).toMatchObject({ output: { outcome: 'applied' } });
  });
});
