import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bindWithoutListening } from '../../../test-support/boundPort.ts';
import { startProbeTestSetup, type ProbeTestSetup } from '../../../test-support/probeTestSetup.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

const manage = 'ke_manage_remote_networks';
let setup: ProbeTestSetup;

beforeAll(async () => {
  setup = await startProbeTestSetup();
});
afterAll(() => setup.stop());

describe('a tunnel of Connect', () => {
  test.concurrent('when down, is not called refused by the service', async () => {
    const site = await setup.site({ clientId: 'down', repositories: { files: setup.uri } });
    site.start();
    await setup.watched.waitForCode('down', 'T-4000');
    await setup.watched.probe('down');
    await site.stop();
    const tunnel = await setup.watched.waitForCode('down', 'T-3001');
    expect(tunnel).toMatchObject({ tone: 'warn', word: 'no session' });
    await expect(setup.watched.probe('down')).resolves.toMatchObject({ probed: 0, ok: 0 });
  });

  test.concurrent(
    'when its client is stopped, has a silent session, and neither a stale listener nor a silent service',
    async () => {
      const site = await setup.site({ clientId: 'stopped', repositories: { files: setup.uri } });
      site.start();
      await setup.watched.waitForCode('stopped', 'T-4000');
      await setup.watched.probe('stopped');
      site.process().kill('SIGSTOP');
      const seen = new Set<string>();
      const probing = setup.watched.probe('stopped');
      await waitFor('the session is silent', () => {
        const code = setup.watched.tunnel('stopped')?.code ?? '';
        seen.add(code);
        return code === 'T-3002';
      });
      expect(await probing).toMatchObject({ probed: 1, ok: 0 });
      expect(seen).toEqual(new Set(['T-6000', 'T-3002']));
      expect(setup.watched.layer('stopped', 'session')?.evidence).toMatch(
        /sshd \d+ is up, its client has been silent since/,
      );
    },
  );

  test.concurrent('when another program has its port, is not listening until that program ends', async () => {
    const site = await setup.site({ clientId: 'blocked', repositories: { files: setup.uri } });
    const port = site.ports.first;
    const blocker = await bindWithoutListening(setup.appliance.system, port);
    try {
      site.start();
      expect(await setup.watched.waitForCode('blocked', 'T-4001')).toMatchObject({ port, tone: 'bad' });
      expect(setup.watched.layer('blocked', 'session')).toMatchObject({ state: 'ok', code: 'T-3000' });
      expect(setup.watched.layer('blocked', 'listener')).toMatchObject({
        state: 'fail',
        evidence: `Connect announced it, but nothing listens on ${port}`,
      });
      await expect(setup.watched.probe('blocked')).resolves.toMatchObject({ probed: 0, ok: 0 });
    } finally {
      await blocker.stop();
    }
    await setup.watched.waitForCode('blocked', 'T-4000');
  });

  test.concurrent('when it forwards nothing, has T-4003, and T-3002 once its client is stopped', async () => {
    const site = await setup.site({ clientId: 'mute', repositories: {} });
    site.start();
    expect(await setup.watched.waitForCode('mute', 'T-4003')).toMatchObject({ tone: 'warn' });
    site.process().kill('SIGSTOP');
    expect(await setup.watched.waitForCode('mute', 'T-3002')).toMatchObject({ tone: 'bad' });
    expect(setup.watched.layer('mute', 'session')?.evidence).toMatch(
      /sshd \d+ is up, its client has been silent since/,
    );
  });

  test.concurrent('when it has more repositories than ports, has a row for each without a port', async () => {
    const repositories = { a: setup.uri, b: setup.uri, c: setup.uri, d: setup.uri };
    const site = await setup.site({ clientId: 'crowded', repositories, quota: 2 });
    site.start();
    await waitFor('all four are rows', () => setup.watched.tunnels('crowded').length === 4);
    await setup.watched.waitForCode('crowded', 'T-4005', 'd');
    for (const name of ['a', 'b']) await setup.watched.waitForCode('crowded', 'T-4000', name);
    expect(
      setup.watched.tunnels('crowded').map((one) => [one.repository, one.code, one.port !== null]),
    ).toEqual([
      ['a', 'T-4000', true],
      ['b', 'T-4000', true],
      ['c', 'T-4005', false],
      ['d', 'T-4005', false],
    ]);
    expect(setup.watched.tunnel('crowded', 'd')).toMatchObject({ destination: setup.uri, tone: 'bad' });
  });

  test.concurrent('when suspended and resumed, says so', async () => {
    const site = await setup.site({ clientId: 'suspended', repositories: { files: setup.uri } });
    site.start();
    await setup.watched.waitForCode('suspended', 'T-4000');
    await setup.appliance.ke([manage, 'change', '0', 'suspended']);
    expect(await setup.watched.waitForCode('suspended', 'T-2002')).toMatchObject({ tone: 'off' });
    await setup.appliance.ke([manage, 'change', '20', 'suspended']);
    await site.stop();
    site.start();
    await setup.watched.waitForCode('suspended', 'T-4000');
  });

  test.concurrent.each([
    ['unnamed', 'webdav+http://gone.invalid:80/', 'T-6003', /“getaddrinfo \w+ gone\.invalid”/u],
    ['unrouted', 'webdav+http://203.0.113.9:80/', 'T-6004', /“connect ENETUNREACH 203\.0\.113\.9:80.*”/u],
    ['unserved', 'smb://127.0.0.1:9', 'T-6001', /“connect ECONNREFUSED 127\.0\.0\.1:9”/u],
  ] as const)('when Connect can’t connect, says why: %s', async (clientId, uri, code, words) => {
    const site = await setup.site({ clientId, repositories: { files: uri } });
    site.start();
    await setup.watched.waitForCode(clientId, 'T-4000');
    expect(await setup.watched.probe(clientId)).toMatchObject({ probed: 1, ok: 0 });
    expect(setup.watched.tunnel(clientId)).toMatchObject({ code, tone: 'bad' });
    expect(setup.watched.layer(clientId, 'service')?.evidence).toMatch(words);
  });

  // The tests below do not run concurrently, because they change what all sites share: the service, the
  // appliance's version, the program.
  test('is OK, fails when its service stops, and recovers', async () => {
    const site = await setup.site({ clientId: 'upstream', repositories: { files: setup.uri } });
    site.start();
    await setup.watched.waitForCode('upstream', 'T-4000');
    expect(await setup.watched.probe('upstream')).toMatchObject({ probed: 1, ok: 1 });
    expect(setup.watched.tunnel('upstream')).toMatchObject({ code: 'T-6000', tone: 'ok', word: 'answering' });
    await setup.stopService();
    expect(await setup.watched.probe('upstream')).toMatchObject({ probed: 1, ok: 0 });
    expect(setup.watched.tunnel('upstream')).toMatchObject({ code: 'T-6001', tone: 'bad' });
    await setup.startService();
    await setup.watched.probe('upstream');
    expect(setup.watched.tunnel('upstream')).toMatchObject({ code: 'T-6000', tone: 'ok' });
  });

  test('when the service is newer than the appliance, is too old unless it still answers', async () => {
    const site = await setup.site({
      clientId: 'aged',
      repositories: { files: setup.uri, docs: `cmis+http://files.localhost:${setup.servicePort}/cmisatom` },
    });
    site.start();
    await setup.watched.waitForCode('aged', 'T-4000', 'docs');
    const configuration = await readFile(setup.appliance.configFile, 'utf8');
    try {
      await writeFile(
        setup.appliance.configFile,
        JSON.stringify({ ...JSON.parse(configuration), applianceVersion: '1.7.2' }),
      );
      const tunnel = await setup.watched.waitForCode('aged', 'T-6401', 'docs');
      expect(tunnel.layers[5]?.evidence).toBe('cmis needs the appliance 1.14.4, and it is 1.7.2');
      await setup.watched.probe('aged');
      expect(setup.watched.tunnel('aged', 'files')).toMatchObject({ code: 'T-6000' });
      expect(setup.watched.tunnel('aged', 'docs')).toMatchObject({ code: 'T-6401' });
    } finally {
      await writeFile(setup.appliance.configFile, configuration);
    }
  });

  test('when the service is newer than its Connect, is too old unless it still answers', async () => {
    const site = await setup.site({
      clientId: 'ancient',
      repositories: { files: setup.uri, docs: `cmis+http://files.localhost:${setup.servicePort}/cmisatom` },
    });
    const program = join(setup.appliance.folder, 'bundle', 'connect.mjs');
    const shipped = await readFile(program, 'utf8');
    const { stdout } = await promisify(execFile)(process.execPath, [program, 'version']);
    const version = stdout.trim();
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    try {
      // All services work with Connect's first version, so this test reports an even older one.
      await writeFile(program, shipped.replaceAll(version, '0.9.4'));
      site.start();
      const tunnel = await setup.watched.waitForCode('ancient', 'T-6401', 'docs');
      expect(tunnel.layers[5]?.evidence).toBe('cmis needs Connect 1.0.0, and it is 0.9.4');
      await setup.watched.probe('ancient');
      expect(setup.watched.tunnel('ancient', 'files')).toMatchObject({ code: 'T-6000' });
      expect(setup.watched.tunnel('ancient', 'docs')).toMatchObject({ code: 'T-6401' });
    } finally {
      await writeFile(program, shipped);
    }
  });
});
