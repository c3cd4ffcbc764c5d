import { chmodSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { aDestination, openForwardedLogs, type ForwardedLogs } from '../../../test-support/forwardedLogs.ts';
import { createLoopbackServers } from '../../../test-support/loopbackServers.ts';
import { makeSelfSigned } from '../../../test-support/selfSigned.ts';
import { createHttpSender } from './senders/httpSender.ts';

const own = makeSelfSigned('127.0.0.1');
let logs: ForwardedLogs;
let servers: ReturnType<typeof createLoopbackServers>;
type Received = { path: string; headers: IncomingHttpHeaders; body: unknown };
let received: Received[] = [];
/** The answers to come; then 200 each time. */
let answers: { status: number; body: string }[] = [];

beforeEach(() => {
  logs = openForwardedLogs();
  servers = createLoopbackServers();
  received = [];
  answers = [];
});
afterEach(async () => {
  await servers.close();
  await logs.close();
});

const never = new AbortController().signal;
const lineOf = (text: string) => `<27>Nov 20 09:04:12 box sshd[7]: ${text}`;

async function serve(isSecure = true): Promise<number> {
  const server = isSecure ? createServer(own) : createPlainServer();
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const answer = answers.shift() ?? { status: 200, body: '{}' };
      received.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  return servers.serve(server);
}

function writeFile(name: string, content: string | Buffer, mode = 0o600): string {
  const path = join(logs.folder, name);
  writeFileSync(path, content, { mode });
  chmodSync(path, mode);
  return path;
}

async function destinationOf(kind: 'otlp' | 'loki', fields: Partial<ReturnType<typeof aDestination>> = {}) {
  const address = `https://127.0.0.1:${await serve()}`;
  return aDestination({ kind, address, caFile: writeFile('ca.pem', own.cert), ...fields });
}

/** ExportLogsServiceRequest in JSON, by opentelemetry-proto: 64-bit numbers are text, unknown fields are errors. */
const digits = z.string().regex(/^\d+$/u);
const attribute = z.strictObject({
  key: z.string().min(1),
  value: z.union([z.strictObject({ stringValue: z.string() }), z.strictObject({ intValue: digits })]),
});
const otlpSchema = z.strictObject({
  resourceLogs: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: z.array(attribute) }),
      scopeLogs: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          logRecords: z.array(
            z.strictObject({
              timeUnixNano: digits.optional(),
              observedTimeUnixNano: digits,
              severityNumber: z.int().min(1).max(24).optional(),
              severityText: z.string().optional(),
              body: z.strictObject({ stringValue: z.string() }),
              attributes: z.array(attribute),
            }),
          ),
        }),
      ),
    }),
  ),
});
/** A push request of Loki: streams with labels, and values of time, line and structured metadata. */
const lokiSchema = z.strictObject({
  streams: z.array(
    z.strictObject({
      stream: z.record(z.string().regex(/^[a-zA-Z_]\w*$/u), z.string()),
      values: z.array(z.tuple([z.string().regex(/^\d{19}$/u), z.string(), z.record(z.string(), z.string())])),
    }),
  ),
});

const otlpRecords = () =>
  received.flatMap(({ body }) =>
    otlpSchema
      .parse(body)
      .resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
  );

test('when lines are forwarded to OTLP, each has its time, severity, text, and a uid of file and offset', async () => {
  const destination = await destinationOf('otlp', { tokenFile: writeFile('token', 'secret-token\n') });
  const damaged = Buffer.concat([Buffer.from(lineOf('bad ')), Buffer.of(0xff)]);
  await logs.append([lineOf('one ä'), damaged, 'no syslog at all']);
  const sender = createHttpSender(destination);
  await logs.forwarder(destination, sender).runOnce(never);
  expect(received).toMatchObject([
    {
      path: '/v1/logs',
      headers: { 'content-type': 'application/json', authorization: 'Bearer secret-token' },
    },
  ]);
  const [first, second, third] = otlpRecords();
  expect(first).toMatchObject({
    timeUnixNano: `${Date.parse('2026-11-20T09:04:12Z')}000000`,
    severityNumber: 17,
    severityText: 'err',
    body: { stringValue: 'one ä' },
  });
  const at = (record: typeof first, key: string) => record?.attributes.find((one) => one.key === key)?.value;
  expect(at(first, 'log.record.uid')).toEqual({ stringValue: 'first:0' });
  expect(at(first, 'process.pid')).toEqual({ intValue: '7' });
  expect(at(second, 'sallyport.file.offset')).toEqual({
    intValue: `${Buffer.byteLength(lineOf('one ä')) + 1}`,
  });
  expect(second?.body.stringValue).toBe(String.raw`bad \xFF`);
  expect(third).not.toHaveProperty('timeUnixNano');
  expect(logs.counts()).toEqual({ sent: 3, missed: 0, refused: 0 });
});

test('when lines are forwarded to Loki, only the appliance is a label', async () => {
  const destination = await destinationOf('loki', { lokiTenant: 'north' });
  await logs.append([lineOf('one'), lineOf('two')]);
  answers = [{ status: 204, body: '' }];
  await logs.forwarder(destination, createHttpSender(destination)).runOnce(never);
  expect(received[0]).toMatchObject({ path: '/loki/api/v1/push', headers: { 'x-scope-orgid': 'north' } });
  const [stream] = lokiSchema.parse(received[0]?.body).streams;
  expect(stream?.stream).toEqual({ service_name: 'syslog', appliance: 'kiln-01' });
  expect(stream?.values[1]).toMatchObject([
    `${Date.parse('2026-11-20T09:04:12Z')}000000`,
    lineOf('two'),
    {
      severity: 'err',
      program: 'sshd',
      pid: '7',
      facility: 'daemon',
      file: 'first',
      offset: '37',
      line: '1',
    },
  ]);
});

test('when it runs again, sends only what is new, also of other files', async () => {
  const destination = await destinationOf('otlp');
  const run = () => logs.forwarder(destination, createHttpSender(destination)).runOnce(never);
  await logs.append(Array.from({ length: 450 }, (_, at) => lineOf(`old ${at}`)));
  await run();
  expect(received.length).toBeGreaterThan(1);
  await run();
  await logs.append([lineOf('new')], { file: 'second', order: 2 });
  await run();
  const texts = otlpRecords().map(({ body }) => body.stringValue);
  expect(texts).toEqual([...Array.from({ length: 450 }, (_, at) => `old ${at}`), 'new']);
});

test('when the receiver is busy, tries again and sends each line', async () => {
  const destination = await destinationOf('otlp');
  await logs.append([lineOf('one')]);
  answers = [{ status: 503, body: 'later' }];
  const forwarder = logs.forwarder(destination, createHttpSender(destination));
  const stopping = new AbortController();
  const running = forwarder.run(stopping.signal);
  await expect.poll(() => forwarder.state().phase, { timeout: 60_000 }).toBe('up-to-date');
  stopping.abort();
  await running;
  expect(forwarder.states.map(({ phase }) => phase)).toEqual([
    'sending',
    'retrying',
    'sending',
    'up-to-date',
  ]);
  expect(otlpRecords().map(({ body }) => body.stringValue)).toEqual(['one', 'one']);
  expect(logs.counts()).toMatchObject({ sent: 1 });
});

test('when the destination is removed while lines are sent, nothing more goes there', async () => {
  const destination = await destinationOf('otlp');
  await logs.append([lineOf('one')]);
  const forwarder = logs.forwarder(destination, createHttpSender(destination));
  const running = forwarder.run(never);
  await expect.poll(() => forwarder.state().phase, { timeout: 60_000 }).toBe('up-to-date');
  logs.rows.remove(destination.id);
  await logs.append([lineOf('two')]);
  await running;
  expect(otlpRecords().map(({ body }) => body.stringValue)).toEqual(['one']);
});

test('when OTLP takes only a part, sends nothing twice and counts the refused lines', async () => {
  const destination = await destinationOf('otlp');
  await logs.append([lineOf('one'), lineOf('two')]);
  answers = [{ status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}' }];
  const forwarder = logs.forwarder(destination, createHttpSender(destination));
  await forwarder.runOnce(never);
  expect(forwarder.state()).toMatchObject({ problem: { message: '1 lines were refused: too old' } });
  expect(logs.counts()).toEqual({ sent: 1, missed: 0, refused: 1 });
  await forwarder.runOnce(never);
  expect(received).toHaveLength(1);
});

test.each([
  ['the token is refused', { status: 401, body: 'no such token' }, 'no such token'],
  ['it redirects', { status: 302, body: '' }, 'status 302'],
])('when %s, keeps the position and says so', async (_what, answer, text) => {
  const destination = await destinationOf('loki');
  await logs.append([lineOf('one')]);
  answers = [answer];
  const forwarder = logs.forwarder(destination, createHttpSender(destination));
  await expect(forwarder.runOnce(never)).rejects.toMatchObject({
    code: 'DESTINATION_REFUSED',
    message: expect.stringContaining(text),
  });
  expect(logs.counts()).toMatchObject({ sent: 0 });
});

test('when the certificate is not trusted, or others can read the token, sends nothing', async () => {
  await logs.append([lineOf('one')]);
  const untrusted = { ...(await destinationOf('otlp')), caFile: null };
  await expect(logs.forwarder(untrusted, createHttpSender(untrusted)).runOnce(never)).rejects.toMatchObject({
    code: 'DESTINATION_REFUSED',
  });
  const open = await destinationOf('otlp', { tokenFile: writeFile('open', 'secret-token', 0o644) });
  await expect(logs.forwarder(open, createHttpSender(open)).runOnce(never)).rejects.toMatchObject({
    code: 'DESTINATION_REFUSED',
    message: expect.stringContaining('chmod 600'),
  });
  expect(received).toEqual([]);
});

test('when the receiver is on this computer, it needs no TLS', async () => {
  const destination = aDestination({ kind: 'otlp', address: `http://127.0.0.1:${await serve(false)}` });
  await logs.append([lineOf('one')]);
  await logs.forwarder(destination, createHttpSender(destination)).runOnce(never);
  expect(otlpRecords()).toHaveLength(1);
});

test.each([
  ['as it is', (token: string) => `no right for ${token}`],
  ['in JSON', (token: string) => JSON.stringify({ token })],
  ['in an address', (token: string) => `see /help?token=${encodeURIComponent(token)}`],
])('when a receiver repeats the token %s, it is not shown', async (_how, repeat) => {
  const token = 'a"secret\\token+/=';
  const destination = await destinationOf('otlp', { tokenFile: writeFile('token', token) });
  const forwarder = logs.forwarder(destination, createHttpSender(destination));
  await logs.append([lineOf('one')]);
  answers = [{ status: 401, body: repeat(token) }];
  await expect(forwarder.runOnce(never)).rejects.toMatchObject({
    code: 'DESTINATION_REFUSED',
    message: expect.stringMatching(/status 401: .*‹token›/u),
  });
  const errorMessage = repeat(token);
  answers = [
    { status: 200, body: JSON.stringify({ partialSuccess: { rejectedLogRecords: '1', errorMessage } }) },
  ];
  await forwarder.runOnce(never);
  expect(received.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);
  const shown = JSON.stringify(forwarder.state());
  expect(shown).toContain('1 lines were refused');
  expect(shown).not.toContain('secret');
});
