import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';
import type { PortRange } from '../../src-shared/model/tenants/ports.ts';
import type { AssignedForward } from './portAssignment.ts';
import type { ConnectHealth, Fault } from './controlProtocol.ts';
import { formatRepositoryUri } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { repositoryKey } from './portAssignment.ts';
import { connectVersion } from './version.ts';

/** Collects the health of a running Connect. The connection writes it, and the control socket reads it. */
export type HealthRecord = {
  setConnecting: (appliance: string) => void;
  setConnected: (welcome: { clientId: string; ports: readonly PortRange[] }) => void;
  setPorts: (ports: readonly PortRange[]) => void;
  setWaiting: (next: { message: string; delayMs: number }) => void;
  setStopping: () => void;
  setForwards: (plan: {
    forwards: readonly AssignedForward[];
    unplaced: readonly ConnectRepository[];
  }) => void;
  setBound: (port: number, isBound: boolean) => void;
  /** Counts one open connection on the forward of `port`. Call the returned function when it closes. */
  countConnection: (port: number) => () => void;
  recordUpstreamError: (repository: ConnectRepository, message: string) => void;
  recordError: (message: string) => void;
  read: () => ConnectHealth;
};

function describe({ group, repository, uri }: ConnectRepository) {
  return { group, repository, uri: formatRepositoryUri(uri) };
}

export function createHealthRecord(now: () => number = Date.now): HealthRecord {
  const instant = (at = now()): string => new Date(at).toISOString();
  const boundPorts = new Set<number>();
  const connections = new Map<number, number>();
  const upstreamErrors = new Map<string, Fault>();
  let forwards: readonly AssignedForward[] = [];
  let unplaced: readonly ConnectRepository[] = [];
  let phase: Pick<ConnectHealth, 'state' | 'since' | 'nextAttemptAt'> = {
    state: 'connecting',
    since: instant(),
    nextAttemptAt: null,
  };
  let appliance = '';
  let clientId: string | null = null;
  let ports: readonly PortRange[] = [];
  let lastError: Fault | null = null;
  const enter = (state: ConnectHealth['state'], nextAttemptAt: string | null = null): void => {
    phase = { state, since: instant(), nextAttemptAt };
  };

  return {
    setConnecting: (address) => {
      appliance = address;
      boundPorts.clear();
      enter('connecting');
    },
    setConnected: (welcome) => {
      ({ clientId, ports } = welcome);
      enter('connected');
    },
    setPorts: (changed) => {
      ports = changed;
    },
    setWaiting: ({ message, delayMs }) => {
      boundPorts.clear();
      lastError = { at: instant(), message };
      enter('waiting', instant(now() + delayMs));
    },
    setStopping: () => enter('stopping'),
    setForwards: (plan) => {
      ({ forwards, unplaced } = plan);
      const configured = new Set(
        [...plan.forwards.map((one) => one.repository), ...plan.unplaced].map(repositoryKey),
      );
      for (const key of upstreamErrors.keys()) if (!configured.has(key)) upstreamErrors.delete(key);
    },
    setBound: (port, isBound) => void (isBound ? boundPorts.add(port) : boundPorts.delete(port)),
    countConnection: (port) => {
      connections.set(port, (connections.get(port) ?? 0) + 1);
      return () => {
        const left = (connections.get(port) ?? 1) - 1;
        if (left > 0) connections.set(port, left);
        else connections.delete(port);
      };
    },
    recordUpstreamError: (repository, message) =>
      void upstreamErrors.set(repositoryKey(repository), { at: instant(), message }),
    recordError: (message) => {
      lastError = { at: instant(), message };
    },
    read: () => ({
      version: connectVersion,
      pid: process.pid,
      ...phase,
      appliance,
      clientId,
      ports: [...ports],
      forwards: forwards.map(({ port, repository }) => ({
        port,
        ...describe(repository),
        bound: boundPorts.has(port),
        connections: connections.get(port) ?? 0,
        lastUpstreamError: upstreamErrors.get(repositoryKey(repository)) ?? null,
      })),
      unplaced: unplaced.map(describe),
      lastError,
      nextAttemptAt: phase.nextAttemptAt,
    }),
  };
}
