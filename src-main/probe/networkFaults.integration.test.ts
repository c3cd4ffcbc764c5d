import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startProbeBench, type ProbeBench } from '../../test-support/probeBench.ts';
import type { StockBox } from '../../test-support/stockBox.ts';

/** The appliance lives in a network of its own, whose packets can be dropped and refused. */
let bench: ProbeBench;
let network: Pick<StockBox, 'near' | 'iptables'>;

beforeAll(async () => {
  bench = await startProbeBench();
  network = bench.appliance;
});
afterEach(async () => {
  await network.iptables('-F');
  await bench.endSites();
});
afterAll(() => bench.stop());

/** A tenant's site that is connected and tested well. */
async function wellSite(clientId: string) {
  const site = await bench.site({ clientId, repositories: { files: bench.uri }, from: network.near[1] });
  site.start();
  await bench.watched.untilCode(clientId, 'T-4000');
  await bench.watched.probe(clientId);
  expect(bench.watched.tunnel(clientId)).toMatchObject({ code: 'T-6000', peer: network.near[1] });
  return site;
}

describe('a tunnel over a network', () => {
  test('whose packets are dropped is a stale listener, and well again when they come through', async () => {
    await wellSite('unplugged');
    await network.iptables('-A', 'INPUT', '-s', network.near[1], '-j', 'DROP');
    const tunnel = await bench.watched.untilCode('unplugged', 'T-4002');
    expect(tunnel.tone).toBe('bad');
    expect(bench.watched.layer('unplugged', 'listener')?.evidence).toMatch(
      /, pid \d+, held without a live session/,
    );
    await network.iptables('-F');
    await bench.watched.untilCode('unplugged', 'T-6000');
  });

  test('that sshd holds and the kernel refuses is refused, not silent', async () => {
    const site = await wellSite('refused');
    const rule = ['INPUT', '-i', 'lo', '-p', 'tcp', '--dport', `${site.ports.first}`, '-j', 'REJECT'];
    await network.iptables('-A', ...rule, '--reject-with', 'tcp-reset');
    await bench.watched.probe('refused');
    expect(bench.watched.tunnel('refused')).toMatchObject({ code: 'T-5001', tone: 'bad' });
    expect(bench.watched.layer('refused', 'service')).toMatchObject({ state: 'unknown', code: null });
  });

  test('whose port swallows what comes is silent', async () => {
    const site = await wellSite('swallowed');
    const rule = ['INPUT', '-i', 'lo', '-p', 'tcp', '--dport', `${site.ports.first}`, '-j', 'DROP'];
    await network.iptables('-A', ...rule);
    await bench.watched.probe('swallowed');
    expect(bench.watched.tunnel('swallowed')).toMatchObject({ code: 'T-5002', tone: 'bad' });
  });

  test('is not blamed for an appliance that the console can’t reach', async () => {
    await wellSite('beyond');
    await network.iptables('-A', 'INPUT', '-s', network.near[0], '-j', 'DROP');
    // T-1003, an answer that is old, comes before it.
    const tunnel = await bench.watched.untilCode('beyond', 'T-1001');
    expect(tunnel).toMatchObject({ tone: 'warn' });
  });
});
