import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Destination } from '../../../src-shared/model/syslog/forward/destination.ts';
import { aDestination, openForwardedLogs, type ForwardedLogs } from '../../../test-support/forwardedLogs.ts';
import { startRsyslogReceiver, type RsyslogReceiver } from '../../../test-support/rsyslogReceiver.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { createRelpSender } from './senders/relpSender.ts';
import { createSyslogSender } from './senders/syslogSender.ts';

/* Debian's rsyslog as the receiver. */

let logs: ForwardedLogs;
let receiver: RsyslogReceiver;
beforeEach(async () => {
  logs = openForwardedLogs();
  receiver = await startRsyslogReceiver();
});
afterEach(async () => {
  await receiver.stop();
  await logs.close();
});

const never = new AbortController().signal;
const lineOf = (text: string) => `<27>Nov 20 09:04:12 box sshd[7]: ${text}`;
const tls = () =>
  aDestination({
    kind: 'syslog',
    address: `tls://127.0.0.1:${receiver.ports.tls}`,
    caFile: receiver.certificateFile,
  });
const relpTls = () =>
  aDestination({
    kind: 'relp',
    address: `127.0.0.1:${receiver.ports.relpTls}`,
    caFile: receiver.certificateFile,
    certificateFile: receiver.certificateFile,
    keyFile: receiver.keyFile,
  });
const relp = () => aDestination({ kind: 'relp', address: `relp://127.0.0.1:${receiver.ports.relp}` });
const senderOf = (destination: Destination) =>
  destination.kind === 'relp' ? createRelpSender(destination) : createSyslogSender(destination);
const texts = () => receiver.received().map(({ message }) => message);

test.each([
  ['syslog over TLS', tls],
  ['RELP over TLS', relpTls],
  ['RELP on this computer', relp],
])('when lines are sent by %s, rsyslog has each with its file and offset', async (_what, destinationOf) => {
  const destination = destinationOf();
  const strange = String.raw`ä "quoted" ]brackets[ \back`;
  await logs.append([lineOf('one'), lineOf(strange), lineOf('x'.repeat(20_000)), 'no syslog at all']);
  await logs.forwarder(destination, senderOf(destination)).runOnce(never);
  await waitFor('rsyslog has all lines', () => texts().length === 4);
  const [first, second, third, fourth] = receiver.received();
  expect(first).toMatchObject({ pri: '27', host: 'box', program: 'sshd', pid: '7', message: 'one' });
  expect(first?.time).toMatch(/^2026-11-20T09:04:12/u);
  expect(first?.data).toMatch(
    /^\[sallyport@32473 appliance="kiln-01" file="first" device="8:1" inode="5" offset="0" line="0" receivedAt="2026-/u,
  );
  expect(second?.message).toBe(strange);
  expect(third?.message).toHaveLength(20_000);
  expect(fourth).toMatchObject({ host: 'kiln-01', message: 'no syslog at all' });
  expect(logs.counts()).toEqual({ sent: 4, missed: 0, refused: 0 });
});

test('when rsyslog is killed again and again, RELP sends each line at least once and in order', async () => {
  const destination = relpTls();
  const numbers = Array.from({ length: 5_000 }, (_, at) => at);
  const forwarder = logs.forwarder(destination, senderOf(destination));
  const stopping = new AbortController();
  const running = forwarder.run(stopping.signal);
  for (let part = 0; part < 5; part += 1) {
    await logs.append(numbers.slice(part * 1000, part * 1000 + 1000).map((at) => lineOf(`number ${at}`)));
    await waitFor('some lines are there', () => (logs.counts()?.sent ?? 0) > part * 1000);
    await receiver.end('SIGKILL');
    await receiver.start();
  }
  await waitFor('all lines were sent', () => (logs.counts()?.sent ?? 0) >= 5_000);
  stopping.abort();
  await running;
  await waitFor('rsyslog wrote the last line', () => texts().at(-1) === 'number 4999');
  const seen = [...new Set(texts())];
  expect(seen).toEqual(numbers.map((at) => `number ${at}`));
  expect(logs.counts()).toMatchObject({ missed: 0, refused: 0 });
});

test('when the receiver asks for a certificate and there is none, says so', async () => {
  await logs.append([lineOf('one')]);
  const destination = { ...relpTls(), certificateFile: null, keyFile: null };
  await expect(logs.forwarder(destination, senderOf(destination)).runOnce(never)).rejects.toMatchObject({
    code: expect.stringMatching(/^DESTINATION_/u),
  });
  expect(texts()).toEqual([]);
});

test('when the receiver is another than the trusted one, sends nothing', async () => {
  await logs.append([lineOf('one')]);
  for (const destination of [tls(), relpTls()]) {
    const untrusted = { ...destination, caFile: null };
    await expect(logs.forwarder(untrusted, senderOf(untrusted)).runOnce(never)).rejects.toMatchObject({
      code: 'DESTINATION_REFUSED',
    });
  }
  expect(texts()).toEqual([]);
});

test('when the receiver is away, waits and goes on where it stopped', async () => {
  const destination = tls();
  await logs.append([lineOf('one')]);
  await receiver.end('SIGTERM');
  const forwarder = logs.forwarder(destination, senderOf(destination));
  const stopping = new AbortController();
  const running = forwarder.run(stopping.signal);
  await waitFor('it tries again', () => forwarder.state().phase === 'retrying');
  expect(forwarder.state().problem).toMatchObject({ code: 'DESTINATION_UNREACHABLE' });
  await receiver.start();
  await waitFor('rsyslog has the line', () => texts().length === 1);
  await waitFor('all is sent', () => forwarder.state().phase === 'up-to-date');
  expect(forwarder.state().problem).toBeNull();
  stopping.abort();
  await running;
  expect(texts()).toEqual(['one']);
});
