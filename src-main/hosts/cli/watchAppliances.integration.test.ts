import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { exitCodes } from '../../../src-shared/exitCodes.ts';
import { labAnnouncementSchema } from '../../../src-shared/model/appliance/labAnnouncement.ts';
import { defaultNotificationRules } from '../../../src-shared/model/notifications/kinds.ts';
import { addAppliance } from '../../../e2e/programs.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';
import { startRsyslogReceiver } from '../../../test-support/rsyslogReceiver.ts';
import { createLoopbackServers } from '../../../test-support/loopbackServers.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { startWebhookReceiver } from '../../../test-support/webhookReceiver.ts';
import { createNotificationRows } from '../../notifications/notificationRows.ts';
import { openStore } from '../../store/store.ts';

/* A real lab, and Debian's rsyslog and an HTTPS server as receivers. */

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-watch-'));
  data = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sallyport = (...argv: string[]) => runSallyport(['--data', data, ...argv]);

/** Starts `sallyport watch`. `end` sends it a signal and resolves with its exit code. */
function startWatch() {
  const child = spawn(process.execPath, [cliProgram, '--data', data, 'watch'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  const ended = once(child, 'close');
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  onTestFinished(async () => void (child.exitCode === null && (await end('SIGKILL'))));
  return { output, end };
}

/** Sets the rules as a console does. */
function setRules(rules: Partial<typeof defaultNotificationRules>): void {
  const store = openStore({ folder: data });
  const off = {
    unseenMinutes: null,
    downMinutes: null,
    flapsPerHour: null,
    quotaPercent: null,
    keyDays: null,
  };
  const valueJson = JSON.stringify({ ...defaultNotificationRules, ...off, ...rules });
  store.run(store.query.replaceInto('setting').values({ key: 'notification.rules', valueJson }));
  store.close();
}

async function startLab() {
  const lab = spawn(
    process.execPath,
    [cliProgram, '--json', 'lab', '--appliances', '1', '--tenants', '3', '--seed', 's'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(lab, 'close');
  const end = async () => {
    lab.kill('SIGTERM');
    await ended;
  };
  onTestFinished(end);
  const [line] = await once(createInterface({ input: lab.stdout }), 'line');
  const [appliance] = labAnnouncementSchema.parse(JSON.parse(String(line))).appliances;
  if (appliance === undefined) throw new Error('the lab has no appliance');
  return { appliance, end };
}

test('when no page is open, watch sends what the rules raise, each once, also after kill -9', async () => {
  const [hook, receiver, { appliance, end: endLab }] = [
    await startWebhookReceiver(),
    await startRsyslogReceiver(),
    await startLab(),
  ];
  onTestFinished(hook.close);
  onTestFinished(receiver.stop);
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, hook.certificate);
  await addAppliance(data, appliance);
  const add = async (...argv: string[]) =>
    expect(await sallyport('watch', 'add', ...argv)).toMatchObject({ code: exitCodes.done });
  await add('ops', 'webhook', hook.address, '--ca-file', caFile);
  await add('gone', 'webhook', 'https://127.0.0.1:1/');
  const tls = `tls://127.0.0.1:${receiver.ports.tls}`;
  await add('log', 'syslog', tls, '--ca-file', receiver.certificateFile);
  const tested = await sallyport('watch', 'test', 'ops', 'log');
  expect(tested).toMatchObject({ code: exitCodes.done, err: '' });
  expect(tested.out).toBe('ops: took the test notification\nlog: took the test notification\n');
  const failed = await sallyport('watch', 'test');
  expect(failed.code).toBe(exitCodes.cannotConnect);
  expect(failed.out).toContain('gone: gone can’t be reached');
  hook.received.length = 0;

  // A port in use is enough.
  setRules({ quotaPercent: 1 });
  const first = startWatch();
  await waitFor('it sees the appliance', () => first.output.out.includes(`${appliance.name}: is watched`));
  await waitFor('it sends something', () => hook.received.length > 0);
  await waitFor('all are sent', () => {
    const raised = first.output.out.match(/Running out of ports: \d+ of/gu) ?? [];
    const sent = first.output.out.match(/^(?:ops|log): sent: /gmu) ?? [];
    return raised.length > 0 && sent.length === 2 * raised.length;
  });
  await waitFor('it says what fails', () => first.output.out.includes('gone: gone can’t be reached'));
  await first.end('SIGKILL');
  expect(hook.received[0]?.message.notification).toMatchObject({
    kind: 'quota-nearly-used',
    appliance: appliance.name,
  });

  setRules({ quotaPercent: 1, unseenMinutes: 1 });
  const second = startWatch();
  await waitFor('it sees the appliance', () => second.output.out.includes(`${appliance.name}: is watched`));
  await endLab();
  await waitFor('it says what it can’t see', () => second.output.out.includes('can’t be seen'));
  const isUnseen = ({ message }: (typeof hook.received)[number]) =>
    message.notification?.kind === 'appliance-unseen';
  await waitFor('the appliance is reported', () => hook.received.some(isUnseen));
  expect(hook.received.filter(isUnseen)).toMatchObject([
    { message: { event: 'raised', notification: { appliance: appliance.name, tenant: null, port: null } } },
  ]);
  // Nothing was sent twice, neither before nor after the kill.
  const ids = hook.received.map(({ message }) => message.id);
  expect(ids).toEqual([...new Set(ids)]);
  await waitFor('rsyslog has all', () => receiver.received().length === hook.received.length + 2);
  expect(receiver.received().filter(({ data }) => data.includes('kind="appliance-unseen"'))).toMatchObject([
    { program: 'sallyport', pri: '27' },
  ]);
  expect(await second.end('SIGTERM')).toBe(exitCodes.done);
  expect((await sallyport('watch', 'list')).out).toContain('Nothing is sent now.');
}, 600_000);

test('when it is stopped while a receiver hangs, ends within seconds, and says what was not sent', async () => {
  const servers = createLoopbackServers();
  onTestFinished(servers.close);
  const receiver = createServer((socket) => void socket.pause());
  const port = await servers.serve(receiver);
  const file = join(folder, 'appliances.csv');
  writeFileSync(file, 'name,address\nkiln,ops@127.0.0.1:1\n');
  expect(await sallyport('appliance', 'import', file, '--yes')).toMatchObject({ code: exitCodes.done });
  await sallyport('watch', 'add', 'ops', 'webhook', `http://127.0.0.1:${port}/`);
  const store = openStore({ folder: data });
  const { id = '' } = store.first(store.query.selectFrom('appliance').select('id')) ?? {};
  const text = 'refused (T-6001)';
  createNotificationRows({ store }).raise(
    { subject: 's', applianceId: id, clientId: 'acme', port: 2200, kind: 'tunnel-down', text, state: 'on' },
    { at: new Date().toISOString(), isQuiet: false },
  );
  store.close();
  const connected = once(receiver, 'connection');
  const { output, end } = startWatch();
  await connected;
  const stoppedAt = performance.now();
  expect(await end('SIGTERM')).toBe(exitCodes.done);
  // It would wait 30 seconds for the answer.
  expect(performance.now() - stoppedAt).toBeLessThan(25_000);
  expect(output.out).toContain(
    'ops: 1 not sent yet; the next sallyport watch sends them: Tunnel down: kiln · acme · 2200',
  );
});

test('when there is no appliance and no target, watch says so and waits', async () => {
  const { output, end } = startWatch();
  await waitFor('it says so', () => output.err.includes('only kept'));
  expect(output.err).toMatch(/nothing is watched\.\nNo targets yet\./u);
  expect(await end('SIGINT')).toBe(exitCodes.done);
});
