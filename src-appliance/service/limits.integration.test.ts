import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { openRegistrar } from '../../test-support/registrarClient.ts';
import { changeTenant, showTenant } from '../../test-support/remoteNetworks.ts';
import { startTenantClient, writeKey } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

let appliance: StockBox;
let keyFile: string;
let port: number;
const clients: ChildProcess[] = [];
const offers: ssh2.Client[] = [];

beforeAll(async () => {
  // Long enough that the service finds a silent client before sshd closes its connection.
  const clientAlive = { intervalSeconds: 60, countMax: 3 };
  appliance = await startStockBox({ clientAlive });
  // Raise MaxStartups. By default, sshd drops some connections from the tenth on, and the service would not
  // see them.
  const settings = await readFile(appliance.sshdConfigFile, 'utf8');
  await writeFile(appliance.sshdConfigFile, `MaxStartups 100\n${settings}`);
  await appliance.restartSshd();
  const { privateKey = '', ports } = await changeTenant(appliance, 'add', 'acme');
  keyFile = await writeKey(appliance, privateKey);
  port = ports[0]?.first ?? 0;
});
afterEach(async () => {
  for (const offer of offers.splice(0)) offer.destroy();
  for (const client of clients.splice(0)) client.kill('SIGKILL');
  await waitFor('all sessions are gone', async () => (await show()).sessions.length === 0);
});
afterAll(() => appliance.stop());

const show = () => showTenant(appliance, 'acme');
const endedWith = (reason: string) => async () => (await show()).lastSession?.reason === reason;
const logged = (text: string) => async () => (await readFile(appliance.syslogFile, 'utf8')).includes(text);
const sessionCount = async () => (await show()).sessions.length;

async function open() {
  const opened = await openRegistrar(appliance, keyFile);
  clients.push(opened.client);
  return opened;
}
function isWelcome(): Promise<boolean> {
  return open().then(
    () => true,
    () => false,
  );
}
function records(): Promise<string[]> {
  return readdir(join(appliance.config.runFolder, 'auth'));
}
/** Offers only the public key. Resolves when sshd asks for a signature; the connection then stays open. */
async function offerKey(): Promise<void> {
  const parsed = ssh2.utils.parseKey(await readFile(keyFile, 'utf8'));
  if (parsed instanceof Error) throw parsed;
  const key: ssh2.ParsedKey = parsed;
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    class WaitingAgent extends ssh2.BaseAgent<ssh2.ParsedKey> {
      override getIdentities(done: (error?: Error, keys?: ssh2.ParsedKey[]) => void) {
        done(undefined, [key]);
      }
      override sign() {
        resolve();
      }
    }
    client.on('error', reject);
    client.once('close', () => reject(new Error('the offer was refused')));
    const { host, port: sshPort } = appliance;
    const agent = new WaitingAgent();
    offers.push(client);
    client.connect({
      host,
      port: sshPort,
      username: 'connect',
      agent,
      hostVerifier: () => true,
      readyTimeout: 0,
    });
  });
}
function startPlain() {
  const client = startTenantClient(appliance, { keyFile, options: ['-N'] });
  clients.push(client.process);
  return client;
}

describe('the sessions of one tenant', () => {
  it('when 12 start at once, four get a channel, and later ones are refused', async () => {
    const welcomes = await Promise.all(Array.from({ length: 12 }, isWelcome));
    expect(welcomes.filter(Boolean)).toHaveLength(4);
    await waitFor('the others are gone', async () => (await sessionCount()) === 4);
    const plain = startPlain();
    expect(await plain.ended).toBe(255);
    await waitFor(
      'the syslog tells',
      logged('tenant acme: login refused: it has 4 live sessions, and 4 are allowed'),
    );
    clients.find((client) => client.exitCode === null && client.signalCode === null)?.kill('SIGKILL');
    await waitFor('a place is free', async () => (await sessionCount()) === 3);
    startPlain();
    await waitFor('it is taken', async () => (await sessionCount()) === 4);
  });

  it('when all four lose their connection, make room for new sessions at once', async () => {
    await Promise.all([1, 2, 3, 4].map(() => open()));
    for (const client of clients) client.kill('SIGKILL');
    await waitFor('they are gone', async () => (await sessionCount()) === 0);
    expect(await isWelcome()).toBe(true);
  });

  it('when four are silent, make room for a Connect that returns, but not for an unproven key', async () => {
    for (let index = 0; index < 4; index += 1) {
      const { client, send } = await open();
      send({ type: 'hello', connectVersion: '1.2.3' });
      await waitFor('hello arrived', async () => {
        const { sessions } = await show();
        return sessions.filter((one) => one.kind === 'connect').length === index + 1;
      });
      client.kill('SIGSTOP');
    }
    await waitFor('all are silent', async () =>
      (await show()).sessions.every(({ silentSince }) => silentSince !== null),
    );
    // sshd asks for the signature after its key look-up, so all look-ups have ended here.
    await Promise.all([1, 2, 3, 4].map(() => offerKey()));
    expect(await sessionCount()).toBe(4);
    await waitFor('a fifth is welcome', isWelcome);
    await waitFor('one of the others is gone', async () => (await sessionCount()) === 4);
    await waitFor('its reason is listed', endedWith('ended: it was silent, and a newer session replaced it'));
  });

  it('when 30 connections offer the key without proving it, still let its owner in', async () => {
    // The record of a session that a command saw stays until a command has reported its end.
    const earlier = new Set(await records());
    const added = async () => (await records()).filter((name) => !earlier.has(name));
    await Promise.all(Array.from({ length: 30 }, () => offerKey()));
    expect((await added()).length).toBeGreaterThanOrEqual(30);
    expect(await isWelcome()).toBe(true);
    for (const offer of offers.splice(0)) offer.destroy();
    await waitFor('their records are gone', async () => (await added()).length <= 2);
  });
});

describe('a client', () => {
  it('when it sends data without a line end, is expelled', async () => {
    const { client } = await open();
    const block = Buffer.alloc(64 * 1024, 'x');
    const feed = () => {
      while (client.stdin.writable && client.stdin.write(block));
      client.stdin.once('drain', feed);
    };
    feed();
    await once(client, 'exit');
    await waitFor('its session is gone', async () => (await sessionCount()) === 0);
    await waitFor('its reason is listed', endedWith('ended: it sent 4194304 bytes without a line end'));
    expect(await sessionCount()).toBe(0);
  });

  it('when it announces 3,000 repositories without a port, is listed with 50 and a count', async () => {
    const { send, receive } = await open();
    send({ type: 'hello', connectVersion: '1.2.3' });
    const wanted = { group: 'g', uri: 'smb://nas:445' };
    const unplaced = Array.from({ length: 3000 }, (_, index) => ({ ...wanted, repository: `r${index}` }));
    send({ type: 'announce', forwards: [{ port, ...wanted, repository: 'r' }], unplaced });
    expect(await receive()).toEqual({ type: 'accepted' });
    const tenant = await show();
    expect(tenant.unplaced).toHaveLength(50);
    expect(tenant).toMatchObject({ unplacedOmitted: 2950, forwards: [{ port, repository: 'r' }] });
  });

  it('when it offers a known key 60 times without proving it, is disconnected', async () => {
    const parsed = ssh2.utils.parseKey(await readFile(keyFile, 'utf8'));
    if (parsed instanceof Error) throw parsed;
    const key: ssh2.ParsedKey = parsed;
    let asked = 0;
    class OfferingAgent extends ssh2.BaseAgent<ssh2.ParsedKey> {
      override getIdentities(done: (error?: Error, keys?: ssh2.ParsedKey[]) => void) {
        done(
          undefined,
          Array.from({ length: 60 }, () => key),
        );
      }
      override sign(...words: unknown[]) {
        asked += 1;
        const done = words.at(-1);
        if (typeof done === 'function') done(new Error('I do not have it'));
      }
    }
    const client = new ssh2.Client();
    client.on('error', () => undefined);
    const closed = new Promise((resolve) => client.once('close', () => resolve(null)));
    client.connect({
      host: appliance.host,
      port: appliance.port,
      username: 'connect',
      agent: new OfferingAgent(),
      hostVerifier: () => true,
    });
    await closed;
    expect(asked).toBe(12);
    await waitFor('the syslog tells', logged('one connection offered its key 12 times'));
  });

  it('when it is gone and no command was run, leaves no record of its login', async () => {
    await Promise.all([1, 2, 3].map(() => open().then(({ client }) => client.kill('SIGKILL'))));
    await waitFor('the service forgets it', async () => (await records()).length === 0);
    expect(await sessionCount()).toBe(0);
  });
});
