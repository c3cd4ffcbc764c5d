import { once } from 'node:events';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectImage } from '../../src-shared/model/connectYaml/deployments.ts';
import { builderId, buildConnectImage, type ConnectImage } from '../../test-support/connectImage.ts';
import { descendantsOf } from '../../test-support/processTree.ts';
import { changeTenant, showTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { startShoutingService } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const clientId = 'northwind';
const undo: (() => Promise<unknown>)[] = [];
let folder: string;
let appliance: StockBox;
let image: ConnectImage;
let port: number;
let upstreamPort: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-image-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  appliance = await startStockBox({ licence: {} });
  undo.push(appliance.stop);
  const service = await startShoutingService();
  undo.push(service.stop);
  upstreamPort = service.port;
  image = await buildConnectImage(folder, connectImage);
  const { privateKey, ports } = await changeTenant(appliance, 'add', clientId);
  port = ports[0]?.first ?? 0;
  await writeFile(join(folder, 'ssh_key.priv'), privateKey ?? '', { mode: 0o600 });
  await chown(join(folder, 'ssh_key.priv'), builderId, builderId);
  await configure('files');
}, 240_000);
afterAll(async () => {
  for (const step of undo.toReversed()) await step();
});

function configure(repository: string): Promise<void> {
  return writeFile(
    join(folder, 'connect.yaml'),
    `appliance: "${appliance.host}:22"
ssh_key: "/etc/kloudless/ssh_key.priv"
host_key: "${appliance.hostKey().fingerprint}"
repositories:
  plant:
    ${repository}: "webdav+http://127.0.0.1:${upstreamPort}/"
`,
  );
}

/** Mounts connect.yaml and the key as documented **[doc]**. */
const mounts = () =>
  ['connect.yaml', 'ssh_key.priv'].flatMap((name) => ['-v', `${join(folder, name)}:/etc/kloudless/${name}`]);

/** Sets the mode and the owner of the key. `user` is a user ID inside the container. */
async function ownKey(user: number, mode = '600'): Promise<void> {
  const script = `chown ${user}:${user} ssh_key.priv && chmod ${mode} ssh_key.priv`;
  await image.asBuilder('buildah', 'unshare', 'sh', '-c', script);
}

/** Starts a container like a container engine, with the image's entry point and command. */
async function startContainer(...options: string[]) {
  // sshd may still be ending the session of the container before.
  await waitFor(
    'no session is left',
    async () => (await showTenant(appliance, clientId)).sessions.length === 0,
  );
  const container = await image.create();
  const { Entrypoint, Cmd } = image.config;
  const engine = image.start({
    container,
    options: [...options, ...mounts()],
    argv: [...Entrypoint, ...Cmd],
  });
  undo.push(async () => engine.kill('SIGKILL'));
  let said = '';
  for (const stream of [engine.stdout, engine.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(engine, 'close');
  await waitFor(`the forward of ${container}`, async () => {
    if (engine.exitCode !== null) throw new Error(`the container ended: ${said}`);
    return (await showTenant(appliance, clientId)).forwards.some(({ sessionPid }) => sessionPid !== null);
  });
  return { container, engine, ended, said: () => said };
}

/** Reads the user inside the container as which Connect runs, and its capabilities. */
async function rightsOfConnect(enginePid: number) {
  for (const pid of await descendantsOf(enginePid)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (!command.startsWith('node\0') || !command.includes('/connect\0start')) continue;
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'mu').exec(status)?.[1] ?? '';
    const user = Number(field('Uid')) - firstSubordinateId + 1;
    return { user, rights: Number.parseInt(field('CapEff'), 16) };
  }
  return null;
}

const run = (container: string, ...argv: string[]) => image.run({ container, options: mounts(), argv });
/** User 1 in the container is this user on the host. */
const firstSubordinateId = 200_000;
/** Bit of CAP_DAC_OVERRIDE in a capability set. */
const dacOverride = 2;

describe(`the image ${connectImage}`, () => {
  it('has a health check and sets no user, so that a key of any owner can be mounted', () => {
    expect(image.config).toMatchObject({
      User: '',
      Healthcheck: { Test: ['CMD', 'connect', 'status'] },
      Env: expect.arrayContaining(['RUNTIME_DIRECTORY=/run/sallyport-connect']),
    });
  });

  it('when it runs as documented, opens its forwards as user 1000 with only the right to read files', async () => {
    await ownKey(4321);
    const { container, engine, ended, said } = await startContainer();
    expect(await appliance.ask(port, 'hello')).toBe('HELLO');
    expect(await rightsOfConnect(engine.pid ?? 0)).toStrictEqual({
      user: 1000,
      rights: dacOverride,
    });
    // Connect logs to standard output for the engine, and also to the documented file.
    await waitFor('it says so', () => said().includes(`welcome, ${clientId}`));
    const log = await run(container, 'cat', '/var/log/supervisord/ke_connect_connect.log');
    expect(log.stdout).toContain(`welcome, ${clientId}`);

    expect(await run(container, 'connect', 'status')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('plant/files'),
    });
    await configure('wiki');
    expect((await run(container, 'service', 'kloudless_connect', 'reload')).exitCode).toBe(0);
    await waitFor('the changed forward', async () =>
      (await showTenant(appliance, clientId)).forwards.some(({ repository }) => repository === 'wiki'),
    );
    expect((await run(container, 'service', 'kloudless_connect', 'stop')).exitCode).toBe(0);
    await ended;
    expect(engine.exitCode).toBe(0);
    expect((await run(container, 'connect', 'status')).exitCode).toBe(3);
  });

  it('when it runs as user 1000 without any rights, opens its forwards too', async () => {
    await ownKey(1000);
    const { container, engine, ended } = await startContainer('--user', '1000:1000', '--cap-drop', 'all');
    const { forwards } = await showTenant(appliance, clientId);
    const held = forwards.find(({ sessionPid }) => sessionPid !== null)?.port ?? 0;
    expect(await appliance.ask(held, 'hello')).toBe('HELLO');
    expect(await rightsOfConnect(engine.pid ?? 0)).toStrictEqual({ user: 1000, rights: 0 });
    const options = ['--user', '1000:1000', ...mounts()];
    expect((await image.run({ container, options, argv: ['connect', 'stop'] })).exitCode).toBe(0);
    await ended;
  });

  it('when other users may read the key, ends with 2 and says what to do', async () => {
    await ownKey(0, '644');
    const container = await image.create();
    const { Entrypoint, Cmd } = image.config;
    expect(await run(container, ...Entrypoint, ...Cmd)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('chmod 600 /etc/kloudless/ssh_key.priv'),
    });
  });

  it('when its command is lint, checks the mounted connect.yaml', async () => {
    const container = await image.create();
    expect(await run(container, ...image.config.Entrypoint, 'lint')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^0 errors, /mu),
    });
  });
});
