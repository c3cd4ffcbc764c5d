import { expect, test } from 'vitest';
import { diagnoseTenant } from '../../../../src-shared/model/tunnels/chain.ts';
import type { ProbeResult } from '../../../../src-shared/model/tunnels/probe.ts';
import { aConnectedTenant } from '../../../../test-support/aTenant.ts';
import { probeRows } from './probe.ts';

const at = '2026-11-20T09:00:00.000Z';

test('a row shows the probe of its own destination, but not of an earlier one', () => {
  const tenant = aConnectedTenant('acme', [2200, 2201]);
  const tunnels = diagnoseTenant({
    applianceId: '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a001',
    link: { state: 'idle', since: at },
    observedAt: at,
    tenant,
    now: Date.parse(at),
  });
  const results = new Map(
    tenant.forwards.map((forward, index): [number, ProbeResult] => [
      forward.port,
      {
        at,
        port: forward.port,
        uri: index === 0 ? forward.uri : 'smb://moved.away:445',
        sessionPid: forward.sessionPid ?? 0,
        forward: { outcome: 'opened', milliseconds: 1 },
        service: { outcome: 'asks-log-in', protocol: 'SMB 3.1.1', milliseconds: 12.4, tls: null },
      },
    ]),
  );
  const rows = probeRows(tunnels, results);
  expect(rows.map(({ port, latencyMs, probedAt }) => [port, latencyMs, probedAt])).toEqual([
    [2200, 12, at],
    [2201, null, null],
  ]);
});
