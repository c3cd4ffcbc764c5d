import type { ProbeResult, Probing } from '../../src-shared/model/probe.ts';
import { defaultProbing } from '../../src-shared/model/probe.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { Links } from '../fleet/links.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Tenant } from '../../src-shared/model/remoteNetworks.ts';

/** Tests tunnels from their appliance's side, on demand and by itself. */
export type Prober = {
  /** The last result of each port of one appliance; kept over a restart. */
  results: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  /** Probes what listens now: one port, one tenant's, or all. Rejects with LINK_NOT_READY, NOT_FOUND. */
  probe: (request: {
    applianceId: string;
    clientId: string | null;
    port: number | null;
  }) => Promise<{ probed: number; well: number; milliseconds: number }>;
  settings: () => Probing;
  setSettings: (settings: Probing) => void;
  /** Calls back with what is new; at most a few times a second for one appliance. */
  onResults: (listener: (applianceId: string, results: readonly ProbeResult[]) => void) => () => void;
  /** While held, tunnels are probed on schedule. */
  hold: () => () => void;
  close: () => void;
};

export function createProber(_options: {
  links: Links;
  store: Store;
  /** The tenants of an appliance as last seen; empty where none was. */
  tenants: (applianceId: string) => readonly Tenant[];
  applianceIds: () => readonly string[];
  clock: () => number;
  log: Log;
}): Prober {
  return {
    results: () => new Map(),
    probe: () => Promise.reject(new AppError('INTERNAL', 'not there yet')),
    settings: () => defaultProbing,
    setSettings: () => {},
    onResults: () => () => {},
    hold: () => () => {},
    close: () => {},
  };
}
