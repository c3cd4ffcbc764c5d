import { execFile, spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../test-support/freePorts.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { signalUnlessEnded } from '../../src-shared/node/signalUnlessEnded.ts';
import { z } from 'zod';
import { runAuthority } from './cli/program.ts';
import { showRecord } from './cli/applianceRecord.ts';
import { openAuthority, type Authority } from './store/authority.ts';
import { maxSenders } from './service/senders.ts';
import { defaultContract } from './store/contract.ts';
import { maxRefusals } from './service/refusalLimit.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { createLicenceRequester, type LicenceRequester } from '../../test-support/licenceRequester.ts';
import { codeBlocks } from '../../test-support/markdownCode.ts';
import { makeSelfSigned } from '../../test-support/selfSigned.ts';
import { authorityPaths } from '../../src-shared/model/licence/authorityApi.ts';
import { documentTypes, publicKeySchema } from '../../src-shared/model/licence/documents.ts';
import { licencePayloadSchema } from '../../src-shared/model/licence/licence.ts';
import { licenceRequestSchema } from '../../src-shared/model/licence/licenceRequest.ts';
import { readDocument } from '../../src-shared/model/licence/signedDocument.ts';
import { verifyLicence } from '../../src-shared/model/licence/verifyLicence.ts';

const program = join(import.meta.dirname, '../../bin/sallyport-authority.mjs');
let folder: string;
let data: string;
let hq: LicenceRequester;
let service: ChildProcess;
let port: number;
let serviceLog = '';
let authority: Authority;
const tls = makeSelfSigned('127.0.0.1');

type Run = { code: number; stdout: string; stderr: string };
const run = (argv: readonly string[]): Promise<Run> =>
  new Promise((resolve) => {
    execFile(process.execPath, [program, '--data', data, ...argv], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
const runJson = async (argv: readonly string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await run([...argv, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
/** Runs in this process, because a new one takes half a second. Resolves with the exit code and the error's code. */
const fail = async (argv: readonly string[]): Promise<string> => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = await runAuthority(['--data', data, ...argv, '--json']);
    const text = stderr.mock.calls.map(([chunk]) => String(chunk)).join('');
    return `${code} ${errorSchema.parse(JSON.parse(text)).error.code}`;
  } finally {
    stderr.mockRestore();
  }
};

async function finish(child: ChildProcessWithoutNullStreams): Promise<{ code: unknown; stderr: string }> {
  let stderr = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, stderr };
}

type Reply = { status: number; type: string; text: string; headers: Record<string, unknown> };
function send(
  method: string,
  path: string,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
  localAddress = '127.0.0.1',
): Promise<Reply> {
  const trusted = { ca: tls.cert, checkServerIdentity: () => undefined };
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      { host: '127.0.0.1', port, method, path, ...trusted, headers, localAddress },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            text,
            headers: response.headers,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
async function sendForm(path: string, fields: Record<string, string | Blob>): Promise<Reply> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const encoded = new Response(form);
  return send('POST', path, Buffer.from(await encoded.arrayBuffer()), {
    'Content-Type': encoded.headers.get('content-type') ?? '',
  });
}
const showHq = () => showRecord(authority, authority.appliances.find('hq'));
const postPing = (body: object) =>
  send('POST', authorityPaths.ping, JSON.stringify(body)).then(({ status }) => status);
/** Everything that a refused request must not change. */
const snapshot = () => [authority.appliances.list(), showHq(), authority.log.read({ limit: 1000 })];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'authority-'));
  data = join(folder, 'data');
  hq = await createLicenceRequester();
  await Promise.all([
    writeFile(join(folder, 'first.jws'), await hq.request()),
    writeFile(join(folder, 'cert.pem'), tls.cert),
    writeFile(join(folder, 'key.pem'), tls.key),
  ]);
  await runJson(['init']);
  authority = openAuthority({ folder: data });
  const contract = [
    '--accounts',
    '5000',
    '--connector',
    'smb',
    '--plan',
    'per-user',
    '--min-version',
    '1.30.0',
  ];
  await runJson(['appliance', 'add', 'hq', '--request', 'first.jws', ...contract]);
  const listen = ['--listen', '127.0.0.1:0', '--tls-cert', 'cert.pem', '--tls-key', 'key.pem'];
  service = spawn(process.execPath, [program, '--data', data, 'serve', ...listen, '--json'], { cwd: folder });
  service.stderr?.setEncoding('utf8').on('data', (chunk: string) => (serviceLog += chunk));
  if (service.stdout === null) throw new Error('no output');
  const [line] = z.array(z.string()).parse(await once(createInterface({ input: service.stdout }), 'line'));
  port = z.object({ port: z.int() }).parse(JSON.parse(line ?? '')).port;
});
afterAll(async () => {
  authority.close();
  if (service.exitCode === null && service.kill('SIGTERM')) await once(service, 'exit');
  await rm(folder, { recursive: true });
});

describe('the command line', () => {
  it('answers a request file, twice with the same bytes, and the appliance accepts the answer', async () => {
    const text = await hq.request();
    await writeFile(join(folder, 'request.jws'), `${text}\n`);
    const told = await run(['answer', 'request.jws', '--out', 'licence.jws']);
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toContain('Accounts              5000');
    expect(told.stdout).toContain('The licence was written to licence.jws.');
    const file = await readFile(join(folder, 'licence.jws'), 'utf8');
    const again = await run(['answer', 'request.jws']);
    expect(again.stdout).toBe(file);
    expect(again.stderr).toContain('This request was answered before.');
    expect(await fail(['answer', join(folder, 'request.jws'), '--out', join(folder, 'licence.jws')])).toBe(
      '3 ALREADY_EXISTS',
    );

    await run(['keys', 'export', '--out', 'keys.json']);
    const keySet = z.object({ keys: z.array(publicKeySchema) });
    const { keys } = keySet.parse(JSON.parse(await readFile(join(folder, 'keys.json'), 'utf8')));
    const document = readDocument(text, 'request');
    const request = licenceRequestSchema.parse('payload' in document ? document.payload : null);
    const { accepted } = await verifyLicence(file, {
      keys,
      applianceId: hq.applianceId,
      applianceVersion: '1.33.0',
      request,
      highestSequence: null,
      configurationRevision: 0,
      now: Date.now(),
    });
    expect(accepted?.entitlements).toMatchObject({ accounts: 5000, connectors: ['smb'], plan: 'per-user' });

    await writeFile(join(folder, 'receipt.jws'), await hq.receipt(file, accepted ?? { id: '', sequence: 0 }));
    expect(await runJson(['receipt', 'receipt.jws'])).toMatchObject({ appliance: 'hq' });
    expect(showHq().receipts).toHaveLength(1);
  });

  it.each<[string, (path: string) => Promise<unknown>, string]>([
    ['garbage', (path) => writeFile(path, Buffer.from([0, 255, 1, 254])), '7 VERIFICATION_FAILED'],
    ['an empty file', (path) => writeFile(path, ''), '7 VERIFICATION_FAILED'],
    ['100 MB', (path) => writeFile(path, Buffer.alloc(100_000_000, 'A')), '2 INVALID_INPUT'],
    [
      'a receipt',
      async (path) => writeFile(path, await hq.receipt('x', { id: hq.applianceId, sequence: 1 })),
      '7 VERIFICATION_FAILED',
    ],
    [
      'a request with a flipped bit',
      async (path) => {
        const text = await hq.request();
        await writeFile(
          path,
          text.replace(/.(?=[^.]{40}$)/u, (letter) => (letter === 'A' ? 'B' : 'A')),
        );
      },
      '7 VERIFICATION_FAILED',
    ],
    [
      'an unknown appliance’s',
      async (path) => writeFile(path, await (await createLicenceRequester()).request()),
      '3 NOT_FOUND',
    ],
    [
      'another machine’s',
      async (path) => writeFile(path, await (await createLicenceRequester(hq.applianceId)).request()),
      '7 VERIFICATION_FAILED',
    ],
    ['no file', (path) => rm(path, { force: true }), '2 INVALID_INPUT'],
  ])('rejects %s and changes nothing', async (_case, write, expected) => {
    await write(join(folder, 'bad.jws'));
    const before = snapshot();
    expect(await fail(['answer', join(folder, 'bad.jws')])).toBe(expected);
    expect(snapshot()).toEqual(before);
  });

  it.each([
    [['appliance', 'set', 'nowhere', '--plan', 'x'], '3 NOT_FOUND'],
    [['appliance', 'add', 'hq', '--id', '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c009'], '3 ALREADY_EXISTS'],
    [['appliance', 'add', 'new'], '2 INVALID_INPUT'],
    [['appliance', 'add', 'new', '--id', 'x'], '2 INVALID_INPUT'],
    [['appliance', 'add', 'a\nb', '--id', '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c009'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--accounts', '-1'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--until', '2027-02-30'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--until', 'soon'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--min-version', '1.x'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--set', 'db.password=hunter2'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--set', 'api.aes_key=1'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--set', 'custom.api_token=1'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--set', 'proxy=https://a:b@proxy.example'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--set', '../x=1'], '2 INVALID_INPUT'],
    [['appliance', 'set', 'hq', '--set', 'no-value'], '2 INVALID_INPUT'],
    [['keys', 'retire', 'nowhere'], '3 NOT_FOUND'],
    [['revoke', 'nowhere'], '3 NOT_FOUND'],
    [['init'], '3 ALREADY_EXISTS'],
    [['serve', '--listen', 'nowhere', '--tls-cert', 'x', '--tls-key', 'x'], '2 INVALID_INPUT'],
    [['serve', '--listen', '127.0.0.1:0', '--tls-cert', program, '--tls-key', program], '2 INVALID_INPUT'],
    [['unknown'], '2 INVALID_INPUT'],
    [['--data', 'elsewhere', 'appliance', 'list'], '3 NOT_FOUND'],
  ])('rejects %j with %s', async (argv, expected) => {
    const before = snapshot();
    expect(await fail(argv)).toBe(expected);
    expect(snapshot()).toEqual(before);
  });

  it('when a contract changes, the next licence has it and says what differs', async () => {
    await run([
      'appliance',
      'set',
      'hq',
      '--accounts',
      '3000',
      '--until',
      '2099-12-31',
      '--set',
      'db.port=5432',
      '--unset',
      'redis',
    ]);
    await writeFile(
      join(folder, 'next.jws'),
      await hq.request({ usage: { accounts: 4000, connectors: ['nfs'] } }),
    );
    const answer = await runJson(['answer', 'next.jws']);
    expect(answer).toMatchObject({
      licence: {
        expiresAt: '2100-01-01T00:00:00.000Z',
        entitlements: { accounts: 3000 },
        configuration: { revision: 1, set: { 'db.port': 5432, redis: null } },
      },
      warnings: [expect.stringContaining('4000 accounts'), expect.stringContaining('nfs')],
    });
    expect((await run(['answer', 'next.jws'])).stderr).toContain('3000 (before: 5000)');
    expect((await run(['log'])).stdout).toContain('licence-issued');
  });
});

const countIssued = () => authority.log.read({ limit: 1000 }).length;

/** Sends the start of a report. `finish` sends the rest. */
function beginReport(report: string) {
  const request = httpsRequest({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: authorityPaths.usage,
    ca: tls.cert,
    checkServerIdentity: () => undefined,
    headers: {
      Authorization: `Bearer ${showHq().licenceKey}`,
      'Content-Length': Buffer.byteLength(report),
    },
  });
  const answered = new Promise<number>((resolve, reject) => {
    request.on('error', reject).on('response', (response) => resolve(response.resume().statusCode ?? 0));
  });
  request.write(report.slice(0, 10));
  return { answered, finish: () => request.end(report.slice(10)) };
}

describe('the service', () => {
  it('serves the keys, and answers a request with the licence that the command line issues for it', async () => {
    const keys = await send('GET', authorityPaths.keys);
    expect(keys).toMatchObject({ status: 200, type: 'application/jwk-set+json' });
    expect(JSON.parse(keys.text)).toEqual(JSON.parse((await run(['keys', 'export'])).stdout));
    const text = await hq.request();
    const fetched = await send('POST', authorityPaths.licence, text);
    expect(fetched).toMatchObject({ status: 200, type: documentTypes.licence });
    expect((await send('POST', authorityPaths.licence, text)).text).toBe(fetched.text);
    await writeFile(join(folder, 'fetched.jws'), text);
    expect((await run(['answer', 'fetched.jws'])).stdout).toBe(`${fetched.text}\n`);
    const document = readDocument(fetched.text, 'licence');
    const licence = licencePayloadSchema.parse('payload' in document ? document.payload : null);
    const receipt = await hq.receipt(fetched.text, licence);
    expect((await send('POST', authorityPaths.receipt, receipt)).status).toBe(204);
  });

  it('stores a ping with exactly the documented fields', async () => {
    const { licenceKey } = showHq();
    const ping = {
      version: '1.33.0',
      publicIp: '192.0.2.7',
      privateIp: '10.0.0.4',
      hostname: 'hq',
      licenceKey,
    };
    expect(await postPing(ping)).toBe(204);
    expect(showHq().lastPing?.content).toEqual(ping);
    const { hostname: _, ...without } = ping;
    expect(await postPing(without)).toBe(400);
    expect(await postPing({ ...ping, tenants: 3 })).toBe(400);
    expect(await postPing({ ...ping, publicIp: 'example' })).toBe(400);
    expect(await postPing({ ...ping, licenceKey: 'SP-0000' })).toBe(404);
  });

  it('when a usage report has no licence key, or an unknown one, refuses it before it reads its body', async () => {
    expect((await send('POST', authorityPaths.usage, '{}')).status).toBe(403);
    expect((await send('POST', authorityPaths.usageStatement, '{}')).status).toBe(403);
    expect(showHq().lastUsage).toBeNull();
  });

  it('when an appliance sends a report while another of it is received, lets it wait, and takes it afterwards', async () => {
    const bearer = { Authorization: `Bearer ${showHq().licenceKey}` };
    const report = hq.standardReport();
    const slow = beginReport(report);
    const sendOther = (path: string) => send('POST', path, hq.standardReport(2), bearer);
    await waitFor('the first one is received', async () => {
      const { status, headers } = await sendOther(authorityPaths.usage);
      return status === 429 && headers['retry-after'] === '1';
    });
    expect((await sendOther(authorityPaths.usageStatement)).status).toBe(429);
    slow.finish();
    expect(await slow.answered).toBe(204);
    expect((await send('POST', authorityPaths.usage, hq.standardReport(3), bearer)).status).toBe(204);
  });

  it('when an appliance with a slow link takes more than ten seconds to send a report, takes it', async () => {
    const report = hq.standardReport(5);
    const begun = Date.now();
    const slow = beginReport(report);
    await delay(12_000);
    slow.finish();
    expect(await slow.answered).toBe(204);
    expect(Date.now() - begun).toBeGreaterThan(11_000);
  });

  it('when a statement is sent with the licence key of another appliance, refuses it and keeps nothing', async () => {
    authority.appliances.add({ id: randomUUID(), name: 'other', contract: defaultContract });
    const statement = await hq.statement(hq.standardReport(4));
    const sendAs = (name: string) =>
      send('POST', authorityPaths.usageStatement, statement, {
        Authorization: `Bearer ${authority.appliances.find(name).licenceKey}`,
      });
    const before = snapshot();
    const refused = await sendAs('other');
    expect([refused.status, errorSchema.parse(JSON.parse(refused.text)).error.code]).toEqual([
      403,
      'NOT_PERMITTED',
    ]);
    expect(snapshot()).toEqual(before);
    expect(await sendAs('hq')).toMatchObject({ status: 200, type: documentTypes.acknowledgement });
  });

  it('when appliances send as many reports as are received at once, lets the next one wait', async () => {
    const keys = Array.from({ length: maxSenders + 1 }, (_, index) => `sender-${index}`).map((name) => {
      authority.appliances.add({ id: randomUUID(), name, contract: defaultContract });
      return authority.appliances.find(name).licenceKey;
    });
    const sockets = keys.slice(0, maxSenders).map((key) => {
      const socket = connect({ host: '127.0.0.1', port, ca: tls.cert, checkServerIdentity: () => undefined });
      socket.write(
        `POST ${authorityPaths.usage} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Length: 9\r\n\r\n{`,
      );
      return socket;
    });
    const status = async () =>
      (await send('POST', authorityPaths.usage, '{}', { Authorization: `Bearer ${keys.at(-1)}` })).status;
    await waitFor('all others send', async () => (await status()) === 429);
    for (const socket of sockets) socket.destroy();
    await waitFor('they have ended', async () => (await status()) !== 429);
    expect(await status()).toBe(400);
  });

  it.each<[string, () => Promise<Reply>, number]>([
    ['garbage', () => send('POST', authorityPaths.licence, 'garbage'), 422],
    [
      'an unknown appliance’s request',
      async () => send('POST', authorityPaths.licence, await (await createLicenceRequester()).request()),
      404,
    ],
    ['a body that is too large', () => send('POST', authorityPaths.licence, 'A'.repeat(70_000)), 413],
    [
      'a body that is too large, in chunks',
      () => send('POST', authorityPaths.ping, 'A'.repeat(5_000), { 'Transfer-Encoding': 'chunked' }),
      413,
    ],
    ['deep nesting', () => send('POST', authorityPaths.ping, '['.repeat(2_000)), 400],
    ['an unknown path', () => send('GET', '/etc/passwd'), 404],
    ['a path of Object', () => send('GET', '/constructor'), 404],
    ['another method', () => send('DELETE', authorityPaths.licence), 405],
    ['GET of what only takes POST', () => send('GET', authorityPaths.ping), 405],
  ])('refuses %s and changes nothing', async (_case, sendBad, status) => {
    const before = snapshot();
    expect((await sendBad()).status).toBe(status);
    expect(snapshot()).toEqual(before);
  });

  it('when a revoked appliance asks, refuses with CONTRACT_ENDED', async () => {
    const plant = await createLicenceRequester();
    await run(['appliance', 'add', 'plant', '--id', plant.applianceId]);
    await run(['revoke', 'plant']);
    const refused = await send('POST', authorityPaths.licence, await plant.request());
    expect(refused.status).toBe(403);
    expect(errorSchema.parse(JSON.parse(refused.text)).error.code).toBe('CONTRACT_ENDED');
  });

  it('answers a request that a person uploads or pastes, with a page without scripts', async () => {
    const form = await send('GET', '/');
    expect(form).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    expect(form.headers['content-security-policy']).toContain("default-src 'none'; style-src 'sha256-");
    const text = await hq.request();
    const uploaded = await sendForm('/', { file: new Blob([`${text}\n`]), text: '' });
    const pasted = await sendForm('/', { text: ` ${text.slice(0, 60)}\r\n${text.slice(60)}\n` });
    const mailed = await sendForm('/', {
      text: `Please renew:\n> ${text.slice(0, 70)}\n> ${text.slice(70)}\nRegards`,
    });
    const utf16 = Buffer.from(`\ufeff${text}\r\n`, 'utf16le');
    const recoded = await sendForm('/', { file: new Blob([utf16]) });
    const licence = await sendForm('/licence', { text });
    expect(licence.type).toBe(documentTypes.licence);
    expect(licence.headers['content-disposition']).toMatch(
      /^attachment; filename="hq-\d{4}\.licence\.jws"$/u,
    );
    for (const page of [uploaded, pasted, mailed, recoded]) {
      expect(page.status).toBe(200);
      expect(page.text).toContain(
        `<textarea id="licence" rows="8" readonly spellcheck="false">${licence.text.trim()}<`,
      );
      expect(page.text).toContain('accounts: 4000; connectors: smb');
      expect(page.text).not.toContain('<script');
    }
  });

  it('records a receipt that a person uploads or pastes, once', async () => {
    const answer = (await sendForm('/licence', { text: await hq.request() })).text;
    const document = readDocument(answer, 'licence');
    const licence = licencePayloadSchema.parse('payload' in document ? document.payload : null);
    const receipt = await hq.receipt(answer.trim(), licence);
    const count = () => authority.reports.receiptsOf(hq.applianceId).length;
    const before = count();
    const uploaded = await sendForm('/', { file: new Blob([`${receipt}\n`]), text: '' });
    const pasted = await sendForm('/', { text: `> ${receipt.slice(0, 70)}\n> ${receipt.slice(70)}` });
    for (const page of [uploaded, pasted]) {
      expect(page.status).toBe(200);
      expect(page.text).toContain(`hq installed licence ${licence.sequence} at `);
    }
    expect(count()).toBe(before + 1);
    const damaged = await sendForm('/', { text: receipt.slice(0, -40) });
    expect(damaged.status).toBe(422);
    expect(damaged.text).toContain('Nothing was issued or recorded.');
    expect((await sendForm('/licence', { text: receipt })).status).toBe(422);
    expect(count()).toBe(before + 1);
  });

  it('when a request holds markup, shows it as text', async () => {
    const text = await hq.request({ applianceVersion: '<img src=x onerror=a()>' });
    const page = await sendForm('/', { text });
    expect(page.text).toContain('&lt;img src=x onerror=a()&gt;');
    expect(page.text).not.toContain('<img');
  });

  it.each<[string, () => Promise<Reply>, string]>([
    ['nothing', () => sendForm('/', { text: '' }), 'INVALID_INPUT'],
    ['garbage', () => sendForm('/', { text: '<b>garbage' }), 'VERIFICATION_FAILED'],
    ['no form', () => send('POST', '/', 'x', { 'Content-Type': 'multipart/form-data' }), 'INVALID_INPUT'],
    [
      'two requests',
      async () => sendForm('/', { text: `${await hq.request()}\n${await hq.request()}` }),
      'INVALID_INPUT',
    ],
    [
      'a licence',
      async () =>
        sendForm('/', { text: (await send('POST', authorityPaths.licence, await hq.request())).text }),
      'VERIFICATION_FAILED',
    ],
  ])('when a person uploads %s, says why it was refused', async (_case, sendBad, code) => {
    const page = await sendBad();
    expect([400, 422]).toContain(page.status);
    expect(page.text).toContain(`<code>${code}</code>`);
    expect(page.text).not.toContain('<b>garbage');
  });

  it.each(['cross-site', 'same-site'])(
    'when a %s page lets a browser send a request, refuses it and issues nothing',
    async (site) => {
      const request = await hq.request();
      const before = countIssued();
      for (const path of ['/', '/licence', authorityPaths.licence]) {
        const reply = await send('POST', path, request, {
          'Sec-Fetch-Site': site,
          'Content-Type': 'text/plain',
        });
        expect(reply.status).toBe(403);
      }
      expect(countIssued()).toBe(before);
    },
  );

  it('when one address tries out licence keys, makes it wait, and still answers others', async () => {
    const { licenceKey } = showHq();
    const ping = { version: '1.33.0', publicIp: null, privateIp: null, hostname: 'hq', licenceKey };
    const guess = (key: string, from: string, headers = {}) =>
      send('POST', authorityPaths.ping, JSON.stringify({ ...ping, licenceKey: key }), headers, from);
    const attacker = '127.0.0.7';
    /** Asks while the attacker waits: each second one more of its requests is taken. */
    const askWhileWaiting = async (ask: () => Promise<Reply>): Promise<Reply> => {
      for (;;) {
        // A guess is taken at the earliest after one that was not, and the next one a second later.
        let refusedAt: number | null = null;
        for (;;) {
          const sentAt = performance.now();
          const { status } = await guess('SP-0', attacker);
          if (status === 429) refusedAt = sentAt;
          else if (refusedAt !== null) break;
        }
        const reply = await ask();
        if (performance.now() - refusedAt < secondMs) return reply;
      }
    };
    // A page of another site that lets this browser ask can't make its user wait.
    for (let asked = 0; asked < maxRefusals; asked += 1)
      expect((await guess('SP-0', attacker, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    const statuses: number[] = [];
    for (let asked = 0; asked < maxRefusals + 40; asked += 1)
      statuses.push((await guess(`SP-${asked}`, attacker)).status);
    expect(new Set(statuses)).toEqual(new Set([404, 429]));
    // While it waits, a right guess looks like a wrong one, whatever it asks for.
    const before = snapshot();
    const request = await hq.request();
    for (const ask of [
      () => guess(licenceKey, attacker),
      () => send('POST', authorityPaths.licence, request, {}, attacker),
      () => send('GET', '/nothing', '', {}, attacker),
    ]) {
      const reply = await askWhileWaiting(ask);
      expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
      expect(errorSchema.parse(JSON.parse(reply.text)).error.code).toBe('TOO_MANY_REQUESTS');
    }
    const home = await askWhileWaiting(() => send('GET', '/', '', {}, attacker));
    expect(home.text).toContain('TOO_MANY_REQUESTS');
    expect(snapshot()).toEqual(before);
    expect((await guess(licenceKey, '127.0.0.8')).status).toBe(204);
    await waitFor('it may ask again', async () => (await guess(licenceKey, attacker)).status === 204);
  });

  it('when a client sends no whole request, closes its connection', async () => {
    const socket = connect({ host: '127.0.0.1', port, ca: tls.cert, checkServerIdentity: () => undefined });
    await once(socket, 'secureConnect');
    socket.write('POST /v1/ping HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
    let reply = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (reply += chunk));
    await once(socket, 'close');
    expect(reply).toContain('HTTP/1.1 408');
  });

  it('logs requests without what clients sent', async () => {
    const { licenceKey } = showHq();
    expect(serviceLog).toMatch(/POST \/v1\/licence 200 \d+ ms/u);
    expect(serviceLog).toMatch(/GET \? 404 \d+ ms/u);
    for (const secret of [licenceKey, hq.applianceId, 'passwd', 'eyJ'])
      expect(serviceLog).not.toContain(secret);
  });

  it('when it gets SIGTERM, ends with exit code 0', async () => {
    service.kill('SIGTERM');
    expect(await once(service, 'exit')).toEqual([0, null]);
  });
});

describe('docs/licence-authority.md', () => {
  it('has commands that work as they are written', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/licence-authority.md'), 'utf8');
    const work = await mkdtemp(join(tmpdir(), 'authority-page-'));
    await mkdir(join(work, 'bin'));
    await symlink(program, join(work, 'bin/sallyport-authority'));
    const requester = await createLicenceRequester();
    const certificate = makeSelfSigned('localhost');
    const files = {
      'request.jws': await requester.request(),
      'request-2.jws': await requester.request(),
      'statement.jws': await requester.statement(requester.standardReport()),
      'cert.pem': certificate.cert,
      'key.pem': certificate.key,
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(work, name), content);
    const env = {
      ...process.env,
      PATH: `${join(work, 'bin')}:${dirname(process.execPath)}:${process.env['PATH']}`,
    };
    const start = (script: string) => spawn('sh', ['-e', '-c', script], { cwd: work, env, detached: true });
    let server: ChildProcess | null = null;
    try {
      // The port of the page may be in use.
      const port = await freePort();
      for (const written of codeBlocks(page, 'sh')) {
        const block = written.replaceAll('8443', `${port}`);
        if (block.includes('receipt.jws')) {
          const document = await readFile(join(work, 'licence.jws'), 'utf8');
          const read = readDocument(document, 'licence');
          const licence = licencePayloadSchema.parse('payload' in read ? read.payload : null);
          await writeFile(join(work, 'receipt.jws'), await requester.receipt(document, licence));
        }
        const started = start(block);
        if (block.includes(' serve ')) {
          server = started;
          await once(createInterface({ input: started.stdout }), 'line');
          continue;
        }
        const { code, stderr } = await finish(started);
        expect({ block, code, stderr: code === 0 ? '' : stderr }).toEqual({ block, code: 0, stderr: '' });
      }
      const second = readDocument(await readFile(join(work, 'licence-2.jws'), 'utf8'), 'licence');
      expect('payload' in second && second.payload).toMatchObject({ sequence: 2 });
    } finally {
      if (server?.pid !== undefined) signalUnlessEnded(-server.pid, 'SIGTERM');
      await rm(work, { recursive: true });
    }
  });
});
