import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startProbeBench, type ProbeBench } from '../../../test-support/probeBench.ts';
import type { TenantSite } from '../../../test-support/tenantSite.ts';

/** The appliance has its own network, so that the tests can drop and refuse packets in it. */
let bench: ProbeBench;
const sites = new Map<string, TenantSite>();

beforeAll(async () => {
  bench = await startProbeBench({ clientAlive: { intervalSeconds: 3, countMax: 20 } });
  for (const clientId of ['refused', 'swallowed', 'unplugged', 'beyond']) {
    const about = { clientId, repositories: { files: bench.uri }, from: bench.appliance.near[1] };
    sites.set(clientId, await bench.site(about));
  }
  for (const site of sites.values()) site.start();
});
afterAll(() => bench.stop());

/** Connects a tenant whose probe succeeds. Resolves with its port. */
async function wellPort(clientId: string): Promise<number> {
  await bench.watched.untilCode(clientId, 'T-4000');
  await bench.watched.probe(clientId);
  expect(bench.watched.tunnel(clientId)).toMatchObject({ code: 'T-6000', peer: bench.appliance.near[1] });
  return sites.get(clientId)?.ports.first ?? 0;
}

/**
 * Adds a rule for packets that arrive at the appliance. Resolves with the function that deletes the rule.
 */
async function addRule(...rule: string[]): Promise<() => Promise<void>> {
  await bench.appliance.iptables('-A', 'INPUT', ...rule);
  return () => bench.appliance.iptables('-D', 'INPUT', ...rule);
}

const toPort = (port: number) => ['-i', 'lo', '-p', 'tcp', '--dport', `${port}`];

describe('a tunnel over a network', () => {
  test.concurrent('that sshd holds and the kernel refuses is refused, not silent', async () => {
    const port = await wellPort('refused');
    await addRule(...toPort(port), '-j', 'REJECT', '--reject-with', 'tcp-reset');
    await bench.watched.probe('refused');
    expect(bench.watched.tunnel('refused')).toMatchObject({ code: 'T-5001', tone: 'bad' });
    expect(bench.watched.layer('refused', 'service')).toMatchObject({ state: 'unknown', code: null });
  });

  test.concurrent('whose port swallows what comes is silent', async () => {
    const port = await wellPort('swallowed');
    await addRule(...toPort(port), '-j', 'DROP');
    await bench.watched.probe('swallowed');
    expect(bench.watched.tunnel('swallowed')).toMatchObject({ code: 'T-5002', tone: 'bad' });
  });

  test('whose packets are dropped is a stale listener, and well again when they come through', async () => {
    await wellPort('unplugged');
    const plugIn = await addRule('-s', bench.appliance.near[1], '-j', 'DROP');
    const tunnel = await bench.watched.untilCode('unplugged', 'T-4002');
    expect(tunnel.tone).toBe('bad');
    expect(bench.watched.layer('unplugged', 'listener')?.evidence).toMatch(
      /, pid \d+, held without a live session/,
    );
    await plugIn();
    await bench.watched.untilCode('unplugged', 'T-6000');
  });

  test('is not blamed for an appliance that the console can’t reach', async () => {
    await wellPort('beyond');
    onTestFinished(await addRule('-s', bench.appliance.near[0], '-j', 'DROP'));
    // The code is first T-1003, because the appliance's last answer is old.
    const tunnel = await bench.watched.untilCode('beyond', 'T-1001');
    expect(tunnel).toMatchObject({ tone: 'unknown' });
  });
});
