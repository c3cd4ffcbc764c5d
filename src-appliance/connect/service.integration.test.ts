import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handOverPack } from '../../src-shared/model/handOver/handOverPack.ts';
import { joinBoxes } from '../../test-support/boxNetwork.ts';
import { documentedBlocks } from '../../test-support/documentedCommands.ts';
import { changeTenant, showTenant } from '../../test-support/remoteNetworks.ts';
import { startSiteBox, type SiteBox } from '../../test-support/siteBox.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { connectVersion } from './version.ts';

const clientId = 'northwind';
const log = '/var/log/supervisord/ke_connect_connect.log';
const readme = join(import.meta.dirname, '../../resources/connect/README.md');
const upstreamPort = 8080;
const started: { stop: () => Promise<void> }[] = [];
let appliance: StockBox;
let site: SiteBox;
let address: string;
let port: number;

beforeAll(async () => {
  appliance = await startStockBox({ licence: {} });
  started.push(appliance);
  site = await startSiteBox({ hostname: 'site', archive: `sallyport-connect-${connectVersion}.tgz` });
  started.push(site);
  [address = ''] = await joinBoxes([appliance.system, site]);
  site.startShoutingService(upstreamPort);
  const { privateKey, ports } = await changeTenant(appliance, 'add', clientId);
  port = ports[0]?.first ?? 0;
  await writeHome('ssh_key.priv', privateKey ?? '');
  await configure(['files']);
}, 240_000);
afterAll(async () => {
  for (const box of started.toReversed()) await box.stop();
});

async function writeHome(name: string, text: string): Promise<void> {
  const path = `/home/${site.operator}/${name}`;
  await writeFile(site.path(path), text);
  await site.mustRun(['chown', `${site.operator}:`, path]);
}

function configure(repositories: readonly string[]): Promise<void> {
  const lines = [
    `appliance: "${address}:22"`,
    'ssh_key: ssh_key.priv',
    `host_key: "${appliance.hostKey().fingerprint}"`,
    'repositories:',
    '  plant:',
    ...repositories.map((name) => `    ${name}: "webdav+http://127.0.0.1:${upstreamPort}/"`),
  ];
  return writeHome('connect.yaml', `${lines.join('\n')}\n`);
}

const documentedCommands = () =>
  documentedBlocks(readme, 'As a service on Linux', 'site').map(({ commands }) => commands);

const service = (word: string) => site.sh(`sudo service kloudless_connect ${word}`);

async function mustSh(script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await site.sh(script);
  if (exitCode !== 0) throw new Error(`${script}: ${exitCode} ${stderr}${stdout}`);
  return stdout;
}

async function untilForwarded(repositories: readonly string[]): Promise<void> {
  await waitFor(`forwards of ${repositories.join(', ')}`, async () => {
    const { forwards } = await showTenant(appliance, clientId);
    const on = forwards.filter(({ sessionPid }) => sessionPid !== null);
    return JSON.stringify(on.map(({ repository }) => repository)) === JSON.stringify(repositories);
  });
}

const connectPid = () => mustSh('pgrep -u sallyport-connect -f "[c]onnect.mjs start"');

const hasNoSession = async () => (await showTenant(appliance, clientId)).sessions.length === 0;

describe('the service kloudless_connect on a computer without systemd', () => {
  it('when the commands of the README are run unchanged, connects with the documented files', async () => {
    const blocks = documentedCommands();
    expect(blocks).toHaveLength(2);
    for (const block of blocks) await mustSh(block);
    await untilForwarded(['files']);
    expect(await appliance.ask(port, 'hello')).toBe('HELLO');
    expect(await mustSh(`sudo cat ${log}`)).toContain(`welcome, ${clientId}`);
    expect(await mustSh('stat -c "%U %a" /etc/kloudless/ssh_key.priv')).toBe('sallyport-connect 400\n');
    expect(await connectPid()).toMatch(/^\d+\n$/u);
    expect(await mustSh('ls /etc/rc2.d')).toContain('kloudless_connect');
  });

  it('when it runs, says so, and a second start changes nothing', async () => {
    const before = (await showTenant(appliance, clientId)).sessions[0]?.pid;
    const { exitCode, stdout } = await service('status');
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('connected') });
    expect((await service('start')).exitCode).toBe(0);
    expect((await showTenant(appliance, clientId)).sessions.map(({ pid }) => pid)).toStrictEqual([before]);
  });

  it('when it reloads, opens new forwards and keeps the session', async () => {
    const before = (await showTenant(appliance, clientId)).sessions[0]?.pid;
    await configure(['files', 'wiki']);
    await mustSh('sudo install -m 0640 -g sallyport-connect connect.yaml /etc/kloudless/connect.yaml');
    expect((await service('reload')).exitCode).toBe(0);
    await untilForwarded(['files', 'wiki']);
    expect((await showTenant(appliance, clientId)).sessions[0]?.pid).toBe(before);
  });

  it("when Debian's logrotate runs, continues in a new log", async () => {
    await mustSh('sudo logrotate --force /etc/logrotate.d/kloudless_connect');
    expect(await mustSh(`sudo cat ${log}.1`)).toContain(`welcome, ${clientId}`);
    await waitFor(
      'a line in the new log',
      async () => (await site.sh(`sudo grep -q . ${log}`)).exitCode === 0,
    );
    const modes = await mustSh(`sudo stat -c '%U %a' ${log} ${log}.1`);
    expect(modes).toBe('sallyport-connect 640\nsallyport-connect 640\n');
  });

  it('when Connect is killed, starts it again after a pause', async () => {
    await mustSh('sudo pkill -KILL -f "[c]onnect.mjs start"');
    await waitFor('the end of the session', hasNoSession);
    expect((await service('status')).exitCode).toBe(0);
    // Connect pauses before it restarts. SIGHUP ends the pause.
    await waitFor('the pause', async () => (await site.sh('pgrep -x sleep')).exitCode === 0);
    await mustSh('sudo kill -HUP "$(cat /run/kloudless_connect-connect.pid)"');
    await untilForwarded(['files', 'wiki']);
  });

  it('when it stops and restarts, its session ends and a new one starts', async () => {
    expect((await service('stop')).exitCode).toBe(0);
    await waitFor('its session is over', hasNoSession);
    expect((await site.sh('pgrep -u sallyport-connect')).exitCode).toBe(1);
    expect((await service('status')).exitCode).toBe(3);
    expect((await service('stop')).exitCode).toBe(0);
    expect((await service('reload')).exitCode).toBe(7);
    expect((await service('restart')).exitCode).toBe(0);
    await untilForwarded(['files', 'wiki']);
  });

  it.each([
    ['a wrong configuration', 'echo nonsense | sudo tee /etc/kloudless/second.yaml', 'C-'],
    [
      'a key that others may read',
      'sudo sh -c "sed s/ssh_key.priv/open.priv/ connect.yaml >/etc/kloudless/second.yaml; install -m 0644 ssh_key.priv /etc/kloudless/open.priv"',
      'chmod 600',
    ],
    ['no configuration', 'sudo rm -f /etc/kloudless/second.yaml', 'cannot be read'],
  ])('when it has %s, does not start and says why, also in the log', async (_, prepare, reason) => {
    await mustSh(prepare);
    const { exitCode, stderr } = await service('start second');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(reason) });
    expect(await mustSh('sudo tail -n 1 /var/log/supervisord/ke_connect_second.log')).toContain(reason);
    expect((await service('status second')).exitCode).toBe(3);
    expect((await service('status')).exitCode).toBe(0);
  });

  it.each(['', 'begin', 'start ../connect', 'start -x'])('rejects the arguments %j with 2', async (words) => {
    expect((await service(words)).exitCode).toBe(2);
  });

  it('when the update commands are run again, runs the new Connect and starts nothing else', async () => {
    const before = await connectPid();
    await mustSh(documentedCommands()[0] ?? '');
    expect(await connectPid()).toMatch(/^\d+\n$/u);
    expect(await connectPid()).not.toBe(before);
    await untilForwarded(['files', 'wiki']);
    expect((await service('status second')).exitCode).toBe(3);
  });

  it('when the commands of the handover pack are run unchanged, updates the service and connects', async () => {
    const before = await connectPid();
    const files = handOverPack({
      clientId,
      address: `${address}:22`,
      runs: 'service',
      hostKey: appliance.hostKey().fingerprint,
      ports: (await showTenant(appliance, clientId)).ports,
      repositories: [
        { group: 'plant', repository: 'press', uri: `webdav+http://127.0.0.1:${upstreamPort}/` },
      ],
    });
    const run = files?.find(({ name }) => name === 'run.txt')?.text ?? '';
    await writeHome('connect.yaml', files?.find(({ name }) => name === 'connect.yaml')?.text ?? '');
    const [now = '', later = ''] = run.split('# Started.');
    await mustSh(`sudo sh -e <<'END'\n${now}\nEND`);
    await untilForwarded(['press']);
    expect(await connectPid()).not.toBe(before);
    for (const line of later.split('\n').slice(1)) if (line !== '') await mustSh(`sudo ${line}`);
    await waitFor('its session is over', hasNoSession);
  });

  it('when it is uninstalled, ends and keeps configuration and key', async () => {
    await mustSh('sudo service kloudless_connect start');
    await untilForwarded(['press']);
    await mustSh(
      'sudo sh /opt/sallyport-connect/lib/node_modules/sallyport-connect/install-service.sh --uninstall',
    );
    await waitFor('its session is over', hasNoSession);
    expect(await mustSh('ls /etc/kloudless')).toContain('connect.yaml\nopen.priv\nssh_key.priv\n');
    const left =
      'ls /etc/init.d/kloudless_connect /etc/systemd/system/kloudless_connect* /etc/logrotate.d/kloudless_connect';
    expect((await site.sh(left)).stdout).toBe('');
    expect(await mustSh('ls /etc/rc2.d')).not.toContain('kloudless_connect');
  });
});
