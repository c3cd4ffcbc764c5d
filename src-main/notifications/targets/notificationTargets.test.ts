import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { delimiter } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { dayMs } from '../../../src-shared/base/time.ts';
import { createLoopbackServers } from '../../../test-support/loopbackServers.ts';
import { openNotificationTargets } from '../../../test-support/notificationTargets.ts';
import { freePort } from '../../../test-support/freePorts.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { startWebhookReceiver } from '../../../test-support/webhookReceiver.ts';
import { buildTestMessage } from '../../../src-shared/model/notifications/targetMessage.ts';
import { createDesktopSender } from './desktopSender.ts';
import { createSyslogTargetSender } from './syslogTargetSender.ts';
import { createTargetRows } from './targetRows.ts';

let own: ReturnType<typeof openNotificationTargets>;
const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  own = openNotificationTargets();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const stop of stops.splice(0)) await stop();
  own.close();
});

/** Sends until the returned function is called, or until the test ends. */
function run(): () => Promise<void> {
  const stop = own.run();
  stops.push(stop);
  return stop;
}
async function startHook(options: { isSecure?: boolean } = {}) {
  const hook = await startWebhookReceiver(options);
  onTestFinished(hook.close);
  const caFile = own.writeFile('ca.pem', hook.certificate);
  return { ...hook, caFile };
}
const stateOf = (name: string) => own.targets.list().find(({ target }) => target.name === name);

test('when a tunnel goes down and comes back, a webhook gets each once, signed, also after a restart', async () => {
  const hook = await startHook();
  const secret = `whsec_${Buffer.from('a secret of 24 bytes!!!!').toString('base64')}`;
  own.raise(2200);
  await own.add({
    name: 'ops',
    kind: 'webhook',
    address: hook.address,
    caFile: hook.caFile,
    secretFile: own.writeFile('secret', `${secret}\n`),
    tokenFile: own.writeFile('token', 'a-token'),
  });
  const stop = run();
  own.raise(2201);
  // A stop gives the answer only a second.
  await waitFor('it is recorded', () => stateOf('ops')?.sent === 1);
  await stop();
  run();
  own.clear(2201);
  // Raised before the target was added.
  own.clear(2200);
  own.raise(2202);
  await waitFor('it has the rest', () => hook.texts().length >= 3);
  await waitFor('it is recorded', () => stateOf('ops')?.sent === 3);
  expect(hook.texts().toSorted()).toEqual(['cleared 2201', 'raised 2201', 'raised 2202']);
  const [first] = hook.received;
  expect(first?.path).toBe('/hook');
  expect(first?.message).toMatchObject({
    version: 1,
    event: 'raised',
    title: 'Tunnel down: kiln · acme · 2201',
    text: 'Tunnel down: kiln · acme · 2201: refused (T-6001)',
    tone: 'bad',
    notification: { appliance: 'kiln', tenant: 'acme', port: 2201, clearedAt: null },
  });
  const id = String(first?.headers['webhook-id']);
  const at = String(first?.headers['webhook-timestamp']);
  expect(id).toBe(first?.message.id);
  expect(Math.abs(Date.now() / 1000 - Number(at))).toBeLessThan(60);
  expect(first?.headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', 'a secret of 24 bytes!!!!')
      .update(`${id}.${at}.${first?.raw ?? ''}`)
      .digest('base64')}`,
  );
  expect(first?.headers.authorization).toBe('Bearer a-token');
  expect(stateOf('ops')).toMatchObject({ sent: 3, lost: 0, waiting: 0, problem: null });
  const kept = readFileSync(`${own.folder}/store.db`).toString('latin1');
  for (const word of [secret, 'a-token']) expect(kept).not.toContain(word);
});

test('when a target fails, the others are not slowed, its problem is shown, and it gets all once it works again', async () => {
  const [good, bad] = [await startHook(), await startHook()];
  bad.answers.push(null, 503, 500);
  await own.add({ name: 'bad', kind: 'webhook', address: bad.address, caFile: bad.caFile });
  await own.add({
    name: 'good',
    kind: 'webhook',
    address: good.address,
    caFile: own.writeFile('good.pem', good.certificate),
  });
  own.writeFile('ca.pem', bad.certificate);
  await own.add({ name: 'gone', kind: 'webhook', address: 'https://127.0.0.1:1/' });
  const stop = run();
  for (const port of [2200, 2201, 2202]) own.raise(port);
  await waitFor('the good one has all', () => good.texts().length === 3);
  await waitFor('the bad one has the first', () => bad.received.length > 0);
  expect(bad.received).toHaveLength(1);
  await waitFor('a problem is shown', () => stateOf('gone')?.problem !== null);
  expect(stateOf('gone')).toMatchObject({
    sent: 0,
    waiting: 3,
    problem: { code: 'DESTINATION_UNREACHABLE', message: expect.stringContaining('gone can’t be reached') },
  });
  bad.hangUp();
  await waitFor('the bad one has all', () => stateOf('bad')?.sent === 3);
  expect(new Set(bad.texts())).toEqual(new Set(['raised 2200', 'raised 2201', 'raised 2202']));
  expect(bad.received).toHaveLength(6);
  expect(stateOf('bad')).toMatchObject({ waiting: 0, problem: null });
  await stop();
});

test('when a receiver answers with an error, the same message is sent again with the same ID', async () => {
  const hook = await startHook({ isSecure: false });
  hook.answers.push(503);
  await own.add({ name: 'ops', kind: 'webhook', address: hook.address });
  run();
  own.raise(2200);
  await waitFor(
    'it shows the problem',
    () => stateOf('ops')?.problem?.message.includes('status 503') === true,
  );
  await waitFor('it is taken', () => stateOf('ops')?.sent === 1);
  expect(new Set(hook.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(hook.received).toHaveLength(2);
  expect(stateOf('ops')?.problem).toBeNull();
});

test.each(['webhook', 'syslog'] as const)(
  'when it is stopped while a %s hangs, ends soon, says what is left, and sends it the next time',
  async (kind) => {
    const servers = createLoopbackServers();
    onTestFinished(servers.close);
    const received = { bytes: '', isHanging: true };
    // A syslog receiver that hangs does not even complete the handshake of TLS.
    const server = createServer((socket) => {
      if (received.isHanging) return void socket.pause();
      socket.on('data', (chunk) => {
        received.bytes += chunk.toString();
        if (kind === 'webhook') socket.end('HTTP/1.1 204 No Content\r\n\r\n');
      });
    });
    const port = await servers.serve(server);
    const scheme = { webhook: 'http', syslog: 'tls' }[kind];
    await own.add({ name: 'ops', kind, address: `${scheme}://127.0.0.1:${port}` });
    const left: string[][] = [];
    const targets = own.create();
    targets.onLeft(({ name }, messages) => left.push([name, ...messages.map(({ title }) => title)]));
    const stopping = new AbortController();
    const running = targets.run(stopping.signal);
    const connected = once(server, 'connection');
    own.raise(2200);
    own.raise(2201);
    await connected;
    const stoppedAt = performance.now();
    stopping.abort();
    await running;
    // An attempt to connect lasts 15 seconds, and the wait for an answer 30.
    expect(performance.now() - stoppedAt).toBeLessThan(14_000);
    expect(left).toEqual([['ops', 'Tunnel down: kiln · acme · 2200', 'Tunnel down: kiln · acme · 2201']]);
    expect(stateOf('ops')).toMatchObject({ sent: 0, lost: 0, waiting: 2, problem: null });
    if (kind === 'syslog') return;
    received.isHanging = false;
    run();
    await waitFor('both are sent', () => stateOf('ops')?.sent === 2);
    expect(received.bytes).toContain('2201');
  },
);

test('when it is stopped while a receiver is slow, what is on its way still arrives', async () => {
  const servers = createLoopbackServers();
  onTestFinished(servers.close);
  const arrived = Promise.withResolvers<Socket>();
  const server = createServer((socket) => socket.once('data', () => arrived.resolve(socket)));
  const port = await servers.serve(server);
  await own.add({ name: 'ops', kind: 'webhook', address: `http://127.0.0.1:${port}` });
  const stop = run();
  own.raise(2200);
  const socket = await arrived.promise;
  const stopped = stop();
  socket.end('HTTP/1.1 204 No Content\r\n\r\n');
  await stopped;
  expect(stateOf('ops')).toMatchObject({ sent: 1, waiting: 0 });
});

test('when a receiver refuses one message, the next ones still arrive', async () => {
  const hook = await startHook({ isSecure: false });
  hook.answers.push(400);
  await own.add({ name: 'ops', kind: 'webhook', address: hook.address });
  run();
  own.raise(2200);
  own.raise(2201);
  await waitFor('the second arrives', () => hook.texts().includes('raised 2201'));
  await waitFor('only the refused one waits', () => stateOf('ops')?.waiting === 1);
  expect(hook.texts()).toContain('raised 2201');
});

test('when a certificate or a file can’t be trusted, nothing is sent and the reason is shown', async () => {
  const hook = await startHook();
  await own.add({ name: 'stranger', kind: 'webhook', address: hook.address });
  await own.add({
    name: 'open',
    kind: 'webhook',
    address: hook.address,
    caFile: hook.caFile,
    secretFile: own.writeFile('open', 'x'.repeat(40), 0o644),
  });
  await own.add({
    name: 'short',
    kind: 'webhook',
    address: hook.address,
    caFile: hook.caFile,
    secretFile: own.writeFile('short', 'too-short'),
  });
  await own.add({
    name: 'hidden',
    kind: 'webhook',
    addressFile: own.writeFile('address', 'ftp://secret-host'),
  });
  const results = await own.targets.test([]);
  expect(results.map(({ name, problem }) => [name, problem?.code])).toEqual([
    ['hidden', 'DESTINATION_REFUSED'],
    ['open', 'DESTINATION_REFUSED'],
    ['short', 'DESTINATION_REFUSED'],
    ['stranger', 'DESTINATION_REFUSED'],
  ]);
  expect(results[0]?.problem?.message).not.toContain('secret-host');
  expect(results[1]?.problem?.message).toContain('can be read by other users');
  expect(hook.received).toEqual([]);
});

test('when the address is a secret, it stays in its file, also in what is shown', async () => {
  const hook = await startHook({ isSecure: false });
  const address = `${hook.address}/T0/a-key?sig=secret-part`;
  await own.add({ name: 'chat', kind: 'webhook', addressFile: own.writeFile('address', `${address}\n`) });
  expect(await own.targets.test(['chat'])).toEqual([{ name: 'chat', problem: null }]);
  expect(hook.received[0]?.path).toBe('/hook/T0/a-key?sig=secret-part');
  expect(hook.received[0]?.message).toMatchObject({ event: 'test', notification: null });
  expect(JSON.stringify(own.targets.list())).not.toContain('secret-part');
});

test('when a receiver repeats what it got, neither the secret address nor the token is shown or kept', async () => {
  const servers = createLoopbackServers();
  onTestFinished(servers.close);
  const server = createServer((socket) => {
    socket.once('data', (chunk) => {
      const [path = ''] = / (\S+) /u.exec(chunk.toString()) ?? [];
      const [token = ''] = /^authorization:.*$/imu.exec(chunk.toString()) ?? [];
      socket.end(`HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nCannot POST ${path} ${token}`);
    });
  });
  const address = `http://127.0.0.1:${await servers.serve(server)}/T0/secret-part`;
  const tokenFile = own.writeFile('token', 'a-token');
  await own.add({
    name: 'hidden',
    kind: 'webhook',
    addressFile: own.writeFile('address', address),
    tokenFile,
  });
  await own.add({ name: 'token', kind: 'webhook', address, tokenFile });
  await own.add({ name: 'open', kind: 'webhook', address });
  await own.add({
    name: 'gone',
    kind: 'webhook',
    addressFile: own.writeFile('other', 'https://secret-host.invalid/'),
  });
  const closed = `https://127.0.0.1:${await freePort()}/T0/secret-part`;
  await own.add({ name: 'closed', kind: 'webhook', addressFile: own.writeFile('closed', closed) });
  const results = await own.targets.test([]);
  const messages = Object.fromEntries(results.map(({ name, problem }) => [name, problem?.message]));
  expect(messages).toEqual({
    hidden: 'hidden answered with status 404',
    token: expect.stringContaining('/T0/secret-part'),
    open: expect.stringContaining('Cannot POST'),
    gone: expect.stringMatching(/^gone can’t be reached: E/u),
    closed: 'closed can’t be reached: ECONNREFUSED.',
  });
  expect(messages['token']).not.toContain('a-token');
  expect(messages['gone']).not.toContain('secret-host');
});

test.each([
  ['plain', 'x'.repeat(7000)],
  ['of four bytes each', '😀'.repeat(3000)],
])('when a text for UDP is too long, as much of it as fits is sent: %s', async (_what, text) => {
  const receiver = createSocket('udp4');
  onTestFinished(() => void receiver.close());
  const got: Buffer[] = [];
  receiver.on('message', (bytes) => got.push(bytes));
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = `udp://127.0.0.1:${receiver.address().port}`;
  const { target } = await addSyslog(address);
  const message = { ...buildTestMessage('1', '2026-11-20T09:00:00.000Z'), text };
  await createSyslogTargetSender(target).send([message], new AbortController().signal);
  await waitFor('a datagram arrives', () => got.length === 1);
  expect(got[0]?.length).toBeLessThanOrEqual(1180);
  expect(got[0]?.toString()).toContain(text.slice(0, 200));
});

async function addSyslog(address: string) {
  await own.add({ name: 'log', kind: 'syslog', address });
  const state = stateOf('log');
  if (state === undefined) throw new Error('it was not added');
  return state;
}

test.each([
  ['markup', '<b>&</b>', '&lt;b&gt;&amp;&lt;/b&gt;'],
  ['escapes of markup', String.raw`\074b\076 \n`, String.raw`\\074b\\076 \\n`],
  ['an option', '--icon=/x', '--icon=/x'],
])('when a text has %s, notify-send gets it as text', async (_what, text, shownText) => {
  const shown = `${own.folder}/shown`;
  own.writeFile('notify-send', `#!/bin/sh\nprintf '%s|' "$@" >>'${shown}'\n`, 0o700);
  vi.stubEnv('PATH', `${own.folder}${delimiter}${process.env['PATH'] ?? ''}`);
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', `unix:path=${own.folder}/bus`);
  const message = { ...buildTestMessage('1', '2026-11-20T09:00:00.000Z'), title: 'T', text: `T: ${text}` };
  await createDesktopSender().send([message], new AbortController().signal);
  expect(readFileSync(shown, 'utf8')).toBe(`--app-name=Sallyport|--urgency=normal|--|T|${shownText}|`);
});

test('in quiet hours nothing is sent; afterwards, only what is still open and was not seen', async () => {
  const hook = await startHook({ isSecure: false });
  await own.add({ name: 'ops', kind: 'webhook', address: hook.address });
  own.quiet.isNow = true;
  const stop = run();
  own.raise(2200, true);
  own.raise(2201, true);
  await waitFor('both wait', () => stateOf('ops')?.waiting === 2);
  own.clear(2200);
  await stop();
  expect(hook.texts()).toEqual([]);
  own.quiet.isNow = false;
  run();
  await waitFor('the open one is sent', () => hook.texts().length > 0);
  await waitFor('nothing waits', () => stateOf('ops')?.waiting === 0);
  expect(hook.texts()).toEqual(['raised 2201']);
});

test('when a target can be reached only after a day, counts what became too old', async () => {
  const hook = await startHook({ isSecure: false });
  await own.add({ name: 'ops', kind: 'webhook', address: hook.address });
  own.raise(2200);
  own.setClock(() => Date.now() + dayMs + 1000);
  own.raise(2201);
  run();
  await waitFor('the new one is sent', () => hook.texts().length === 1);
  await waitFor('the old one is lost', () => stateOf('ops')?.lost === 1);
  expect(hook.texts()).toEqual(['raised 2201']);
});

test('when another program sends already, refuses with ALREADY_WATCHED', async () => {
  expect(own.targets.isRunning()).toBe(false);
  const stop = run();
  expect(own.targets.isRunning()).toBe(true);
  await expect(own.create().run(new AbortController().signal)).rejects.toMatchObject({
    code: 'ALREADY_WATCHED',
  });
  await stop();
  expect(own.targets.isRunning()).toBe(false);
});

test('when a target is removed, nothing is pending for it, although what it has is no longer recorded', async () => {
  const { pending } = createTargetRows({ store: own.store });
  const { id } = await own.add({ name: 'ops', kind: 'webhook', address: 'https://alerts.example/' });
  own.raise(2200);
  expect(pending(id, 'raised', 10)).toHaveLength(1);
  await own.targets.remove('ops');
  own.raise(2201);
  expect(pending(id, 'raised', 10)).toEqual([]);
});

test('when a target is added or removed while notifications are sent, that counts at once', async () => {
  const hook = await startHook({ isSecure: false });
  run();
  await own.add({ name: 'ops', kind: 'webhook', address: hook.address });
  own.raise(2200);
  await waitFor('it has it', () => hook.texts().length === 1);
  await own.targets.remove('ops');
  await own.add({ name: 'other', kind: 'webhook', address: hook.address });
  own.raise(2201);
  await waitFor('the other has it', () => hook.texts().length === 2 && stateOf('other')?.sent === 1);
  expect(own.targets.list()).toMatchObject([{ target: { name: 'other' }, sent: 1 }]);
});

test.each([
  [{ kind: 'webhook', address: 'http://alerts.example.com/' }, /only be this computer/u],
  [{ kind: 'webhook', address: 'https://user:secret@alerts.example.com/' }, /no user and no password/u],
  [{ kind: 'webhook', address: 'https://alerts.example.com/?key=1' }, /belongs into a file/u],
  [{ kind: 'webhook' }, /either an address or a file/u],
  [{ kind: 'webhook', address: 'tls://a:1' }, /must begin with https/u],
  [{ kind: 'desktop', address: 'https://a/' }, /no address/u],
  [{ kind: 'syslog', address: 'tls://a/path' }, /no paths/u],
  [{ kind: 'syslog', address: 'local', secretFile: '/s' }, /has no secretFile/u],
] as const)('rejects the target %o with INVALID_INPUT', async (target, message) => {
  await expect(own.add({ name: 'bad', ...target })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(message),
  });
  expect(own.targets.list()).toEqual([]);
});

test.each(['', 'Two words', 'x'.repeat(300)])('rejects the name %j with INVALID_INPUT', async (name) => {
  await own.add({ name: 'good', kind: 'desktop' });
  const [{ target } = { target: null }] = own.targets.list();
  if (target === null) throw new Error('no target');
  await expect(own.targets.add({ ...target, name })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(/^name: /u),
  });
});

test('when a target is syslog by UDP, each notification is one datagram of RFC 5424', async () => {
  const receiver = createSocket('udp4');
  onTestFinished(() => void receiver.close());
  const texts: string[] = [];
  receiver.on('message', (bytes) => texts.push(bytes.toString()));
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  await own.add({ name: 'log', kind: 'syslog', address: `udp://127.0.0.1:${receiver.address().port}` });
  run();
  own.raise(2200);
  await waitFor('a datagram arrives', () => texts.length === 1);
  expect(texts[0]).toMatch(
    /^<27>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ sallyport \d+ raised \[sallyport@32473 id="[\w.-]+" event="raised" kind="tunnel-down" appliance="kiln" tenant="acme" port="2200"\] Tunnel down: kiln · acme · 2200: refused \(T-6001\)$/u,
  );
  own.clear(2200);
  await waitFor('its end arrives', () => texts.length === 2);
  expect(texts[1]).toMatch(/^<29>1 .* cleared \[/u);
});

test('when a target is syslog by TCP, messages have their length before them', async () => {
  const servers = createLoopbackServers();
  onTestFinished(servers.close);
  let bytes = '';
  const server = createServer((socket) => socket.on('data', (chunk) => (bytes += chunk.toString())));
  const port = await servers.serve(server);
  await own.add({ name: 'log', kind: 'syslog', address: `tcp://127.0.0.1:${port}` });
  expect(await own.targets.test([])).toEqual([{ name: 'log', problem: null }]);
  await waitFor('it arrives', () => bytes !== '');
  const [, length = '', rest = ''] = /^(\d+) (.*)$/su.exec(bytes) ?? [];
  expect(Buffer.byteLength(rest)).toBe(Number(length));
  expect(rest).toContain('If you read this, notifications arrive here.');
});

test('when this computer has no desktop, or no notify-send, the target says so', async () => {
  await own.add({ name: 'desk', kind: 'desktop' });
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', '');
  vi.stubEnv('XDG_RUNTIME_DIR', own.folder);
  const problem = async () => (await own.targets.test(['desk']))[0]?.problem;
  expect(await problem()).toMatchObject({
    code: 'DESTINATION_REFUSED',
    message: expect.stringContaining('no desktop session'),
  });
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', `unix:path=${own.folder}/bus`);
  vi.stubEnv('PATH', own.folder);
  expect(await problem()).toMatchObject({ message: expect.stringContaining('notify-send is not installed') });
});

test('when many notifications arrive at once, the desktop shows two and counts the others', async () => {
  const shown = `${own.folder}/shown`;
  own.writeFile('notify-send', `#!/bin/sh\nprintf '%s|' "$@" >>'${shown}'\necho >>'${shown}'\n`, 0o700);
  vi.stubEnv('PATH', `${own.folder}${delimiter}${process.env['PATH'] ?? ''}`);
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', `unix:path=${own.folder}/bus`);
  await own.add({ name: 'desk', kind: 'desktop' });
  for (const port of [2200, 2201, 2202, 2203]) own.raise(port);
  run();
  await waitFor('all are shown', () => stateOf('desk')?.sent === 4);
  expect(readFileSync(shown, 'utf8').trimEnd().split('\n')).toEqual([
    '--app-name=Sallyport|--urgency=critical|--|Tunnel down: kiln · acme · 2200|refused (T-6001)|',
    '--app-name=Sallyport|--urgency=critical|--|Tunnel down: kiln · acme · 2201|refused (T-6001)|',
    '--app-name=Sallyport|--urgency=critical|--|2 more notifications|Tunnel down: kiln · acme · 2202; Tunnel down: kiln · acme · 2203|',
  ]);
  // A desktop does not hear of the end.
  own.clear(2200);
  await waitFor('nothing waits', () => stateOf('desk')?.waiting === 0);
  expect(stateOf('desk')).toMatchObject({ sent: 4, lost: 0 });
});
