import { expect, test } from 'vitest';
import { aConnectedTenant, aTenant } from '../../../test-support/aTenant.ts';
import { buildSocketsCommand, parseSockets, readTraffic } from './traffic.ts';

/* As iproute2 6.1 prints it. */
const printed = `0      0         127.0.0.1:2200      127.0.0.1:40112
	 cubic wscale:10,10 rto:200 rtt:0.08/0.04 mss:65483 cwnd:10 bytes_sent:5300 bytes_retrans:300 bytes_acked:5000 bytes_received:1200 segs_out:4 lastsnd:12 minrtt:0.04
0      0         127.0.0.1:2200      127.0.0.1:40113
	 cubic wscale:10,10 rto:200 mss:65483 cwnd:10 bytes_acked:7 segs_in:2
0      36     [::ffff:192.0.2.1]:22  [::ffff:198.51.100.7]:4000
	 cubic rto:204 bytes_sent:90000 bytes_acked:90000 bytes_received:40000
0      0      [fe80::2]%eth0:22      [fe80::1]%eth0:4001
	 cubic rto:204 bytes_received:1
`;
const session = {
  pid: 7,
  kind: 'connect',
  peerAddress: '198.51.100.7',
  peerPort: 4000,
  since: '2026-11-20T08:00:00.000Z',
  keyFingerprint: null,
  connectVersion: null,
  lastHeartbeatAt: null,
  silentSince: null,
} as const;
const tenant = { ...aConnectedTenant('acme', [2200, 2201]), sessions: [session] };
const measuredAt = '2026-11-20T09:00:00.000Z';

test('when sockets are listed, their ends and counters are read, also of mapped and scoped addresses', () => {
  expect(parseSockets(printed)).toEqual([
    {
      local: { address: '127.0.0.1', port: 2200 },
      peer: { address: '127.0.0.1', port: 40112 },
      received: 1200,
      sent: 5000,
    },
    {
      local: { address: '127.0.0.1', port: 2200 },
      peer: { address: '127.0.0.1', port: 40113 },
      received: 0,
      sent: 7,
    },
    {
      local: { address: '192.0.2.1', port: 22 },
      peer: { address: '198.51.100.7', port: 4000 },
      received: 40000,
      sent: 90000,
    },
    {
      local: { address: 'fe80::2', port: 22 },
      peer: { address: 'fe80::1', port: 4001 },
      received: 1,
      sent: 0,
    },
  ]);
  expect(parseSockets('what is this\n  bytes_sent:1\n\n')).toEqual([]);
});

test('when a tenant is measured, each port has its open connections, and each session all since it began', () => {
  expect(buildSocketsCommand(tenant)).toEqual([
    'ss',
    '-Htni',
    'state',
    'established',
    '( sport = :2200 or sport = :2201 or dport = :4000 )',
  ]);
  expect(readTraffic(tenant, printed, measuredAt)).toEqual({
    measuredAt,
    ports: [
      { port: 2200, connections: 2, toSiteBytes: 1200, fromSiteBytes: 5007 },
      { port: 2201, connections: 0, toSiteBytes: 0, fromSiteBytes: 0 },
    ],
    sessions: [{ pid: 7, since: session.since, toSiteBytes: 90000, fromSiteBytes: 40000 }],
    omittedPorts: 0,
  });
});

test('when a tenant has no session, runs no command; of very many ports, measures a part and says so', () => {
  expect(buildSocketsCommand(aTenant('acme'))).toBeNull();
  expect(readTraffic(aTenant('acme'), null, measuredAt)).toMatchObject({ ports: [], sessions: [] });
  const many = aConnectedTenant(
    'acme',
    Array.from({ length: 300 }, (_, index) => 2200 + index),
  );
  expect(readTraffic(many, '', measuredAt).omittedPorts).toBe(44);
});
