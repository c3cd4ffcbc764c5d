import { execFile, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

beforeAll(async () => {
  appliance = await startStockBox();
  const { privateKey = '', ports } = await changeTenant(appliance, 'add', 'acme');
  keyFile = await writeKey(appliance, privateKey);
  port = ports[0]?.first ?? 0;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.kill('SIGKILL');
  await waitFor(
    'all sessions are gone',
    async () => (await showTenant(appliance, 'acme')).sessions.length === 0,
  );
});
afterAll(() => appliance.stop());

const run = promisify(execFile);
const pidFile = '/run/sallyport.pid';
const readLog = () => readFile(appliance.syslogFile, 'utf8');
const logged = (text: string) => async () => (await readLog()).includes(text);

describe('the syslog', () => {
  it('when plain ssh opens and closes a forward, contains tenant and port', async () => {
    const options = ['-N', '-R', `127.0.0.1:${port}:127.0.0.1:9`];
    const client = startTenantClient(appliance, { keyFile, options });
    await waitFor('it opened', logged(`forward opened: tenant acme, port ${port}, to not announced`));
    await client.stop();
    await waitFor('it closed', logged(`forward closed: tenant acme, port ${port}, to not announced`));
    expect(client.stderr()).not.toContain('refused');
  });

  it('when a port is opened again at once, contains the end of the first forward and the start of the second', async () => {
    const spec = `127.0.0.1:${port + 4}:127.0.0.1:9`;
    const control = join(appliance.folder, 'control');
    const line = (what: string) => `forward ${what}: tenant acme, port ${port + 4}, to not announced`;
    const count = async (what: string) => (await readLog()).split(line(what)).length - 1;
    const options = ['-N', '-M', '-S', control, '-R', spec];
    clients.push(startTenantClient(appliance, { keyFile, options }).process);
    await waitFor('it opened', logged(line('opened')));
    const tell = (order: string) => run('ssh', ['-S', control, '-O', order, '-R', spec, 'connect@box']);
    const signal = (name: string) => appliance.system.mustRun(['pkill', `-${name}`, '--pidfile', pidFile]);
    // Stop the service, so that it doesn't see that the port closes and opens again.
    await signal('STOP');
    await tell('cancel');
    await tell('forward');
    await signal('CONT');
    await waitFor('it opened again', async () => (await count('opened')) === 2);
    expect(await count('closed')).toBe(1);
  });

  it('when Connect opens and closes a forward, contains tenant, port and destination once', async () => {
    const opened = await openRegistrar(appliance, keyFile, '-R', `127.0.0.1:${port + 1}:127.0.0.1:9`);
    clients.push(opened.client);
    opened.send({ type: 'hello', connectVersion: '1.2.3' });
    const uri = 'webdav+https://wiki:443/dav';
    opened.send({
      type: 'announce',
      forwards: [{ port: port + 1, group: 'office', repository: 'wiki', uri }],
    });
    const line = `tenant acme, port ${port + 1}, to ${uri} (office/wiki)`;
    await waitFor('it opened', logged(`forward opened: ${line}`));
    await appliance.stopService();
    await appliance.startService();
    opened.client.kill('SIGKILL');
    await waitFor('it closed', logged(`forward closed: ${line}`));
    const text = await readLog();
    expect(text.split(`forward opened: ${line}`)).toHaveLength(2);
  });

  it('when Connect moves a port, even while the service is down, contains the end of the old destination and the new one', async () => {
    const opened = await openRegistrar(appliance, keyFile, '-R', `127.0.0.1:${port + 2}:127.0.0.1:9`);
    clients.push(opened.client);
    opened.send({ type: 'hello', connectVersion: '1.2.3' });
    const announce = (repository: string) =>
      opened.send({
        type: 'announce',
        forwards: [{ port: port + 2, group: 'g', repository, uri: 'smb://nas:445' }],
      });
    const line = (repository: string) => `tenant acme, port ${port + 2}, to smb://nas:445 (g/${repository})`;
    announce('first');
    await waitFor('it opened', logged(`forward opened: ${line('first')}`));
    announce('second');
    await waitFor('the first closed', logged(`forward closed: ${line('first')}`));
    await waitFor('the second opened', logged(`forward opened: ${line('second')}`));
    await appliance.stopService();
    announce('third');
    await appliance.startService();
    // The stopped service may have taken the line. A client announces again when it gets its ports.
    while ((await opened.receive()).type !== 'ports');
    announce('third');
    await waitFor('the second closed', logged(`forward closed: ${line('second')}`));
    await waitFor('the third opened', logged(`forward opened: ${line('third')}`));
    const text = await readLog();
    expect(text).not.toContain(`port ${port + 2}, to not announced`);
  });

  it('when the service is ended by SIGTERM, contains every line that forwards.json lists as logged', async () => {
    const client = startTenantClient(appliance, {
      keyFile,
      options: ['-N', '-R', `127.0.0.1:${port + 3}:127.0.0.1:9`],
    });
    clients.push(client.process);
    const kept = join(appliance.config.runFolder, 'service/forwards.json');
    await waitFor('it is kept', async () => (await readFile(kept, 'utf8')).includes(`"port":${port + 3},`));
    await appliance.stopService('SIGTERM');
    // The log keeps the order of lines. When this line has arrived, all earlier lines of the service have
    // too.
    await appliance.logger('after the service');
    await waitFor('the log is read', logged('after the service'));
    expect(await readLog()).toContain(`forward opened: tenant acme, port ${port + 3}, to not announced`);
    await appliance.startService();
  });
});

describe('the service', () => {
  it('when its folder is full, continues, says so, and refuses logins until there is space', async () => {
    const { system } = appliance;
    await appliance.stopService();
    await system.mustRun(['mount', '-t', 'tmpfs', '-o', 'size=256k,mode=755', 'tmpfs', '/run/sallyport']);
    await appliance.startService();
    const opened = await openRegistrar(appliance, keyFile);
    clients.push(opened.client);
    opened.send({ type: 'hello', connectVersion: '1.2.3' });
    await system.run(['dd', 'if=/dev/zero', 'of=/run/sallyport/filler', 'bs=4096']);
    await waitFor('the syslog tells', logged('storing the record of the service failed: ENOSPC'));
    const plain = () => startTenantClient(appliance, { keyFile, options: ['-N'] });
    expect(await plain().ended).toBe(255);
    await waitFor(
      'it names the login',
      logged('tenant acme: login refused: its record could not be stored: ENOSPC'),
    );
    await system.run(['service', 'sallyport', 'restart']);
    expect(await plain().ended).toBe(255);
    expect((await system.run(['service', 'sallyport', 'status'])).exitCode).toBe(0);
    await system.mustRun(['rm', '/run/sallyport/filler']);
    clients.push((await openRegistrar(appliance, keyFile)).client);
    expect(opened.client.exitCode).toBe(null);
  });
});
