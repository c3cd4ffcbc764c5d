import { expect, test } from 'vitest';
import { measureCpuMs } from '../../../test-support/cpuTime.ts';
import { aTenant } from '../../../test-support/aTenant.ts';
import { selectProofLines, type LogLine } from './proof.ts';
import type { Tenant } from '../tenants/remoteNetworks.ts';
import { parseSyslogLine } from '../syslog/syslogParse.ts';
import { tunnelCodes, tunnelCodeSchema, type TunnelCode } from './tunnelCodes.ts';

const at = '2026-11-20T09:00:00.000Z';
const tenant = (changes: Partial<Tenant> = {}) =>
  aTenant('acme', {
    keys: [{ type: 'ssh-ed25519', fingerprint: 'SHA256:ours', addedAt: at, expiresAt: null }],
    ...changes,
  });
const line = (message: string, program = 'sshd'): LogLine => {
  const text = `2026-11-20T09:00:00+00:00 kiln ${program}: ${message}`;
  return { text, parsed: parseSyslogLine(text, { receivedAt: Date.parse(at) }) };
};
function prove(
  code: TunnelCode,
  lines: readonly LogLine[],
  changes: {
    tenant?: Tenant;
    port?: number | null;
    refused?: Parameters<typeof selectProofLines>[0]['refused'];
  } = {},
): string[] {
  const { port = 2200, refused = [] } = changes;
  return selectProofLines({ code, port, tenant: changes.tenant ?? tenant(), refused, lines }).map(
    (one) => one.parsed.message,
  );
}

const accepted = (pid: number, peer: string, fingerprint: string) =>
  line(`Accepted publickey for connect from ${peer} ssh2: ED25519 ${fingerprint}`, `sshd[${pid}]`);

test('when a key is known, finds the lines of its session by process and connection, and no lines of other tenants', () => {
  const lines = [
    line('Connection from 198.51.100.7 port 4000 on 10.0.0.1 port 22', 'sshd[7]'),
    accepted(7, '198.51.100.7 port 4000', 'SHA256:ours'),
    accepted(8, '198.51.100.7 port 4001', 'SHA256:theirs'),
    line('Timeout, client not responding from user connect 198.51.100.7 port 4000', 'sshd[9]'),
    line('Disconnected from user connect 198.51.100.7 port 4001', 'sshd[8]'),
    line('Disconnected from user connect 198.51.100.7 port 40001', 'sshd[10]'),
    line('pam_unix(sshd:session): session closed for user connect', 'sshd[7]'),
    line('pam_unix(sshd:session): session closed for user connect', 'sshd[8]'),
  ];
  expect(prove('T-3001', lines)).toEqual([
    'Accepted publickey for connect from 198.51.100.7 port 4000 ssh2: ED25519 SHA256:ours',
    'Timeout, client not responding from user connect 198.51.100.7 port 4000',
    'pam_unix(sshd:session): session closed for user connect',
  ]);
});

test('when another tenant reuses a process number or connection, its lines do not match', () => {
  const lines = [
    accepted(7, '198.51.100.7 port 4000', 'SHA256:ours'),
    accepted(7, '198.51.100.7 port 4000', 'SHA256:theirs'),
    line('Disconnected from user connect 198.51.100.7 port 4000', 'sshd[7]'),
  ];
  expect(prove('T-3001', lines)).toHaveLength(1);
});

test('when a key was refused, its lines match only if the diagnosis uses that login', () => {
  const refusedLine = line(
    'Failed publickey for connect from 203.0.113.9 port 5000 ssh2: ED25519 SHA256:wrong',
    'sshd[11]',
  );
  const lines = [
    refusedLine,
    line('Connection closed by authenticating user connect 203.0.113.9 port 5000 [preauth]', 'sshd[11]'),
    line('Failed publickey for connect from 203.0.113.8 port 5001 ssh2: ED25519 SHA256:other', 'sshd[12]'),
  ];
  const refused = [
    {
      fingerprint: 'SHA256:wrong',
      keyType: 'ED25519',
      peerAddress: '203.0.113.9',
      count: 1,
      lastAt: at,
      formerKeyOf: null,
      keyOf: null,
      line: refusedLine.text,
    },
  ];
  expect(prove('T-3003', lines, { refused })).toHaveLength(2);
  expect(prove('T-3003', lines)).toEqual([]);
});

test('when a listener has a fault, finds lines by its port and not by other numbers', () => {
  const lines = [
    line('error: bind [127.0.0.1]:2200: Address already in use', 'sshd[3]'),
    line('error: channel_setup_fwd_listener_tcpip: cannot listen to port: 2200', 'sshd[3]'),
    line('error: channel_setup_fwd_listener_tcpip: cannot listen to port: 22001', 'sshd[3]'),
    line('error: channel_setup_fwd_listener_tcpip: cannot listen to port: 2201', 'sshd[3]'),
  ];
  expect(prove('T-4001', lines)).toHaveLength(2);
  expect(prove('T-4001', lines, { port: null })).toEqual([]);
  expect(prove('T-3001', lines)).toEqual([]);
});

test('when names are searched, matches whole words only: acme is neither acme-2 nor a part of a path', () => {
  const lines = [
    line('change 0 acme: suspended, 1 session ended', 'ke_manage_remote_networks'),
    line('change 0 acme-2: suspended', 'ke_manage_remote_networks'),
    line('change 0 acme.old: suspended', 'ke_manage_remote_networks'),
    line('change 0 big-acme: suspended', 'ke_manage_remote_networks'),
    line('suspended acme.', 'ke_manage_remote_networks'),
  ];
  expect(prove('T-2002', lines)).toEqual(['change 0 acme: suspended, 1 session ended', 'suspended acme.']);
});

test('when many lines match, returns the newest twenty, oldest first; when no log line can prove the code, none', () => {
  const lines = Array.from({ length: 50 }, (_, index) =>
    line(`acme session ended, number ${index}`, 'registrar'),
  );
  const found = prove('T-3001', lines);
  expect(found).toHaveLength(20);
  expect([found[0], found.at(-1)]).toEqual([
    'acme session ended, number 30',
    'acme session ended, number 49',
  ]);
  expect(prove('T-1001', lines)).toEqual([]);
});

test('when a line is repeated many times, keeps the deciding line', () => {
  const lines = [
    line('suspended acme, 1 sessions ended', 'ke_manage_remote_networks[1]'),
    ...Array.from({ length: 50 }, (_, index) =>
      line(`Failed publickey for connect from 203.0.113.9 port ${5000 + index} ssh2: ED25519 SHA256:ours`),
    ),
  ];
  const found = prove('T-2002', lines);
  expect(found).toHaveLength(20);
  expect([found[0], found.at(-1)]).toEqual([
    'suspended acme, 1 sessions ended',
    'Failed publickey for connect from 203.0.113.9 port 5049 ssh2: ED25519 SHA256:ours',
  ]);
});

test('when a line is about a change of another tenant, it does not match by port or process', () => {
  const lines = [
    accepted(7, '198.51.100.7 port 4000', 'SHA256:ours'),
    line('suspended globex, port 2200, key SHA256:theirs', 'ke_manage_remote_networks[7]'),
    line('released globex (release port 2200) by root', 'ke_manage_remote_networks[8]'),
    line('session ended', 'registrar[7]'),
  ];
  expect(prove('T-4002', lines)).toEqual([
    'Accepted publickey for connect from 198.51.100.7 port 4000 ssh2: ED25519 SHA256:ours',
  ]);
});

test('when 20,000 lines do not match or are made to be slow, finishes quickly', () => {
  const hostile = `${'1.'.repeat(20_000)} ${'acme-'.repeat(5_000)} port`;
  const lines = [
    ...Array.from({ length: 20_000 }, (_, index) =>
      line(`Accepted something from 10.0.0.${index % 250} port ${index}`),
    ),
    line(hostile),
  ];
  expect(measureCpuMs(() => expect(prove('T-3001', lines)).toEqual([]))).toBeLessThan(5_000);
});

const codes = Object.keys(tunnelCodes).map((code) => tunnelCodeSchema.parse(code));
const early = (message: string) => ({
  ...line(message),
  parsed: { ...line(message).parsed, time: '2026-11-20T08:00:00.000Z' },
});
/** A line of each kind that names the tenant's port and key. */
const anyLines = [
  'Failed publickey for connect from 198.51.100.7 port 4000 ssh2: ED25519 SHA256:ours',
  'Accepted publickey for connect from 198.51.100.7 port 4000 ssh2: ED25519 SHA256:ours',
  'Timeout, client not responding from user connect 198.51.100.7 port 4000',
  'error: bind [127.0.0.1]:2200: Address already in use, acme',
  'connect_to 127.0.0.1 port: 2200 failed: Connection refused, acme',
];

const session = {
  pid: 7,
  kind: 'connect',
  peerAddress: '198.51.100.7',
  peerPort: 4000,
  since: at,
  keyFingerprint: 'SHA256:ours',
  connectVersion: '1.0.0',
  lastHeartbeatAt: null,
  silentSince: null,
} as const;

test('when the quota was changed before the session began, that proves the missing port', () => {
  const message = 'changed acme (change 3 acme): quota 3, allotted 2200-2202';
  const changed = {
    ...early(message),
    parsed: { ...early(message).parsed, program: 'ke_manage_remote_networks' },
  };
  const connected = tenant({ sessions: [session] });
  expect(prove('T-4005', [changed, ...anyLines.map(early)], { tenant: connected })).toEqual([message]);
});

test('when the zone of the log is unknown, keeps lines that may be of the present session', () => {
  const connected = tenant({ sessions: [session] });
  const guessed = anyLines.map((message) => ({ ...early(message), isTimeGuessed: () => true }));
  expect(prove('T-6001', guessed, { tenant: connected })).not.toEqual([]);
  expect(prove('T-6001', anyLines.map(early), { tenant: connected })).toEqual([]);
});

test.each(codes)('when the code is %s, each line is of its kinds and not of an earlier session', (code) => {
  const { proof, layer, isPortHeld } = tunnelCodes[code];
  const connected = tenant({ sessions: [session] });
  const found = prove(code, [...anyLines.map(early), ...anyLines.map((one) => line(one))], {
    tenant: connected,
  });
  const kinds = ['refused', 'accepted', 'ended', 'listener', 'upstream'] as const;
  const expected = anyLines.filter((_, index) => proof.includes(kinds[index] ?? 'change'));
  const isAnyTime = layer === 'key' || layer === 'reachable' || isPortHeld === true;
  expect(found).toEqual(isAnyTime ? [...expected, ...expected] : expected);
});
