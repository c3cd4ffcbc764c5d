import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startProbeTestSetup, type ProbeTestSetup } from '../../../test-support/probeTestSetup.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import type { TenantSite } from '../../../test-support/tenantSite.ts';

/** The appliance has its own network, so that the tests can drop and refuse packets in it. */
let setup: ProbeTestSetup;
const sites = new Map<string, TenantSite>();

beforeAll(async () => {
  setup = await startProbeTestSetup({ clientAlive: { intervalSeconds: 3, countMax: 20 } });
  for (const clientId of ['refused', 'swallowed', 'unplugged', 'beyond', 'narrow', 'stuck']) {
    const about = { clientId, repositories: { files: setup.uri }, from: setup.appliance.near[1] };
    sites.set(clientId, await setup.site(about));
  }
  for (const site of sites.values()) site.start();
});
afterAll(() => setup.stop());

/** Connects a tenant whose probe succeeds. Resolves with its port. */
async function wellPort(clientId: string): Promise<number> {
  await setup.watched.waitForCode(clientId, 'T-4000');
  await setup.watched.probe(clientId);
  expect(setup.watched.tunnel(clientId)).toMatchObject({ code: 'T-6000', peer: setup.appliance.near[1] });
  return sites.get(clientId)?.ports.first ?? 0;
}

/**
 * Adds a rule for packets that arrive at the appliance. Resolves with the function that deletes the rule.
 */
async function addRule(...rule: string[]): Promise<() => Promise<void>> {
  await setup.appliance.iptables('-A', 'INPUT', ...rule);
  return () => setup.appliance.iptables('-D', 'INPUT', ...rule);
}

/** In the network of the sites and their service. */
const iptables = (...argv: string[]) => promisify(execFile)('iptables', argv);
const largePackets = ['-m', 'length', '--length', '1401:65535', '-j', 'DROP'];

const toPort = (port: number) => ['-i', 'lo', '-p', 'tcp', '--dport', `${port}`];

describe('a tunnel over a network', () => {
  test.concurrent(
    'when sshd holds the port and the kernel refuses it, is refused and not silent',
    async () => {
      const port = await wellPort('refused');
      await addRule(...toPort(port), '-j', 'REJECT', '--reject-with', 'tcp-reset');
      await setup.watched.probe('refused');
      expect(setup.watched.tunnel('refused')).toMatchObject({ code: 'T-5001', tone: 'bad' });
      expect(setup.watched.layer('refused', 'service')).toMatchObject({ state: 'unknown', code: null });
    },
  );

  test.concurrent('when the port drops all packets, is silent', async () => {
    const port = await wellPort('swallowed');
    await addRule(...toPort(port), '-j', 'DROP');
    await setup.watched.probe('swallowed');
    expect(setup.watched.tunnel('swallowed')).toMatchObject({ code: 'T-5002', tone: 'bad' });
  });

  test('when packets are dropped, has a silent session, and is OK when they pass again', async () => {
    await wellPort('unplugged');
    const plugIn = await addRule('-s', setup.appliance.near[1], '-j', 'DROP');
    const tunnel = await setup.watched.waitForCode('unplugged', 'T-3002');
    expect(tunnel.tone).toBe('bad');
    expect(setup.watched.layer('unplugged', 'session')?.evidence).toMatch(
      /sshd \d+ is up, its client has been silent since/,
    );
    await plugIn();
    await setup.watched.waitForCode('unplugged', 'T-6000');
  });

  test('when the network before the service loses large packets, is not OK, and OK when they pass', async () => {
    await wellPort('narrow');
    const rule = ['OUTPUT', '-o', 'lo', '-p', 'tcp', '--dport', `${setup.servicePort}`, ...largePackets];
    await iptables('-A', ...rule);
    try {
      await setup.watched.probe('narrow', true);
      expect(setup.watched.tunnel('narrow')).toMatchObject({ code: 'T-6006', tone: 'bad' });
      expect(setup.watched.layer('narrow', 'service')?.evidence).toMatch(
        /^a small request is answered in \d+ ms, the same request with 4 kB is not$/,
      );
    } finally {
      await iptables('-D', ...rule);
    }
    // Without a request for it, the lost test is repeated.
    await setup.watched.probe('narrow');
    expect(setup.watched.tunnel('narrow')).toMatchObject({ code: 'T-6000' });
    expect(setup.watched.layer('narrow', 'service')?.evidence).toContain('; a request of 4 kB passes too');
  });

  test('when the network from appliance to site loses large packets, an ordinary test changes nothing, a large one says so', async () => {
    await wellPort('stuck');
    const [, from] = setup.appliance.near;
    // At the site, because a packet that is dropped where it is sent counts as not sent.
    const rule = ['INPUT', '-p', 'tcp', '--sport', '22', '-d', from, ...largePackets];
    await iptables('-A', ...rule);
    try {
      await setup.watched.probe('stuck');
      expect(setup.watched.tunnel('stuck')).toMatchObject({ code: 'T-6000' });
      await setup.watched.probe('stuck', true);
      expect(setup.watched.tunnel('stuck')).toMatchObject({ code: 'T-5003', tone: 'bad' });
      expect(setup.watched.layer('stuck', 'forward')?.evidence).toMatch(
        /^small requests passed; after one of 4 kB, nothing passed for /,
      );
    } finally {
      await iptables('-D', ...rule);
    }
    await waitFor('it is tested well again', async () => {
      await setup.watched.probe('stuck');
      return setup.watched.tunnel('stuck')?.code === 'T-6000';
    });
  });

  test('when the console can’t reach the appliance, is not blamed', async () => {
    await wellPort('beyond');
    onTestFinished(await addRule('-s', setup.appliance.near[0], '-j', 'DROP'));
    // The code is first T-1003, because the appliance's last answer is old.
    const tunnel = await setup.watched.waitForCode('beyond', 'T-1001');
    expect(tunnel).toMatchObject({ tone: 'unknown' });
  });
});
