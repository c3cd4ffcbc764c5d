import type { PortRow } from '../src-shared/model/tunnels/portRow.ts';

/** Returns the row of a tunnel. By default, it listens and was never probed. */
export function aPortRow(changes: Partial<PortRow> = {}): PortRow {
  return {
    applianceId: '6f6f4ff6-0b1c-4c6e-9d7a-0d5bd2f6a001',
    applianceName: 'kiln',
    clientId: 'acme',
    suspended: false,
    port: 2200,
    allotted: [{ first: 2200, last: 2219 }],
    destination: 'smb://10.0.0.1:445',
    group: 'files',
    repository: 'office',
    chain: 'oooouu',
    tone: 'ok',
    code: 'T-4000',
    word: 'listening',
    peer: '198.51.100.7',
    connectVersion: '1.0.0',
    since: '2026-11-20T08:00:00.000Z',
    lastSeenAt: '2026-11-20T09:00:00.000Z',
    observedAt: '2026-11-20T09:00:00.000Z',
    probedAt: null,
    latencyMs: null,
    lastDrop: null,
    cluster: null,
    disagrees: false,
    ...changes,
  };
}
