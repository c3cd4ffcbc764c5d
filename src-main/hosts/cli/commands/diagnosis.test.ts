import { expect, test } from 'vitest';
import { diagnoseTenant, type Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import { needsAttention, worstTunnel } from '../../../../src-shared/model/tunnels/tone.ts';
import type { LinkState } from '../../../../src-shared/model/appliance/link.ts';
import type { Tenant } from '../../../../src-shared/model/tenants/remoteNetworks.ts';
import { aConnectedTenant, aTenant } from '../../../../test-support/aTenant.ts';
import { diagnosisText, nextCommand } from './diagnosis.ts';

const now = Date.parse('2026-11-20T09:00:00.000Z');
const at = new Date(now).toISOString();
const link: LinkState = {
  state: 'connected',
  since: at,
  latencyMs: 4,
  lastHeardAt: at,
  serverSoftware: 's',
  algorithms: { kex: 'k', hostKey: 'h', cipher: 'c', mac: 'm', weak: [] },
};
const judged = (tenant: Tenant): Tunnel[] =>
  diagnoseTenant({
    applianceId: '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a001',
    link,
    observedAt: at,
    tenant,
    now,
  });

function commandFor(tenant: Tenant, applianceName = 'kiln'): string | null {
  const tunnel = worstTunnel(judged(tenant));
  if (tunnel === undefined) throw new Error('no tunnel');
  return nextCommand({ applianceName, tenant, tunnel });
}

const up = aConnectedTenant('acme', [2200, 2201]);
const [first, second] = up.forwards;
const ended = { endedAt: at, peerAddress: null, reason: 'closed' };
const unplaced = [{ group: 'g', repository: 'r', uri: 'smb://h:445' }];
const stale = up.forwards.slice(0, 1).map((one) => ({ ...one, sessionPid: null }));

test('when one tunnel fails and one warns, the failing one is the worst', () => {
  const slow = { port: 2210, tone: 'warn' } as const;
  const refused = { port: 2211, tone: 'bad' } as const;
  expect(worstTunnel([{ port: 2209, tone: 'ok' }, slow, refused])).toBe(refused);
  expect(worstTunnel([])).toBeUndefined();
});

test('when a command can do the next step, prints it; otherwise none', () => {
  expect(commandFor(aTenant('acme', { suspended: true, quota: 0 }))).toBe(
    'sallyport tenant resume kiln acme --quota 20 --reason TEXT',
  );
  expect(commandFor(aTenant('acme', { keys: [] }), 'kiln 2')).toBe(
    "sallyport tenant rotate 'kiln 2' acme --pub-key FILE --reason TEXT",
  );
  expect(commandFor(aTenant('acme', { forwards: stale, lastSession: ended }))).toBe(
    'sallyport tenant release kiln acme 2200 --pid 2200 --reason TEXT',
  );
  // No tunnel of the tenant was ever seen on this port, so the console must not offer to end the process.
  expect(commandFor(aTenant('acme', { forwards: stale }))).toBeNull();
  expect(commandFor({ ...up, unplaced })).toBe('sallyport tenant change kiln acme 21 --reason TEXT');
  expect(commandFor(aTenant('acme', { lastSession: ended }))).toBeNull();
  expect(commandFor(up)).toBe('sallyport probe kiln acme 2200');
});

test('the text lists the other tunnels that need attention, the command, and when the log begins', () => {
  if (first === undefined || second === undefined) throw new Error('no forwards');
  const tunnels = judged({ ...up, forwards: [first, { ...second, listener: null }], unplaced });
  const tunnel = worstTunnel(tunnels);
  if (tunnel === undefined) throw new Error('no tunnel');
  const text = diagnosisText({
    applianceName: 'kiln',
    tunnel,
    others: tunnels.filter((one) => one !== tunnel && needsAttention(one.tone)),
    diagnosis: {
      layer: null,
      meaning: 'It is so.',
      side: 'tenant',
      ask: null,
      next: 'Do it.',
      forCustomer: '',
      lines: [{ time: at, text: 'a line' }],
      linesFrom: at,
      linesError: null,
      refusedForward: null,
    },
    command: 'sallyport x',
    test: { state: 'tested', port: null, tunnels: 1, milliseconds: 40 },
  });
  const lines = text.split('\n');
  expect(lines[0]).toBe('kiln acme 2201: T-4001 not listening');
  expect(lines[1]).toBe('1 more of its tunnels needs attention: – T-4005 quota exceeded.');
  expect(text).toContain('Next: Do it.\n      sallyport x\n');
  expect(text).toContain('Matching log lines since 2026-11-20 09:00:00 UTC:\n  a line');
});

test('when a process that is no tenant’s holds the port, proposes no command', () => {
  const holder = { name: 'python3', user: 'root', clientId: null, isReleasable: false };
  const listener = { address: '127.0.0.1', pid: 24199, holder };
  const forwards = stale.map((one) => ({ ...one, listener }));
  expect(commandFor({ ...up, forwards, lastSession: ended })).toBeNull();
});

test('when the monitor process of a session died, proposes to release it', () => {
  const sessions = up.sessions.map((session) => ({ ...session, isOrphaned: true }));
  const pid = sessions[0]?.pid;
  expect(commandFor({ ...up, sessions })).toBe(
    `sallyport tenant release kiln acme 2200 --pid ${pid} --reason TEXT`,
  );
});
