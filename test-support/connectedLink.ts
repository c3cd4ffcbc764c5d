import type { LinkState } from '../src-shared/model/appliance/link.ts';

/** The state of a link that is up. */
export const connectedLink = {
  state: 'connected',
  since: '2026-11-20T09:00:00.000Z',
  latencyMs: null,
  lastHeardAt: '2026-11-20T09:00:00.000Z',
  serverSoftware: '',
  algorithms: { kex: '', hostKey: '', cipher: '', mac: '', weak: [] },
} as const satisfies LinkState;
