import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';
import type { PortRange } from '../../src-shared/model/tenants/ports.ts';
import type { AssignedForward } from './portAssignment.ts';
import type { ConnectHealth, Fault } from './controlProtocol.ts';
import { formatRepositoryUri } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { repositoryKey } from './portAssignment.ts';
import { connectVersion } from './version.ts';

/** Collects the health of a running Connect. The connection writes it, and the control socket reads it. */
export type HealthRecord = {
  connecting: (appliance: string) => void;
  connected: (welcome: { clientId: string; ports: readonly PortRange[] }) => void;
  allotted: (ports: readonly PortRange[]) => void;
  waiting: (next: { message: string; delayMs: number }) => void;
  stopping: () => void;
  arranged: (plan: { forwards: readonly AssignedForward[]; unplaced: readonly ConnectRepository[] }) => void;
  bound: (port: number, isBound: boolean) => void;
  /** Counts one open connection on the forward of `port`. Call the returned function when it closes. */
  carrying: (port: number) => () => void;
  upstreamFailed: (repository: ConnectRepository, message: string) => void;
  failed: (message: string) => void;
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
    connecting: (address) => {
      appliance = address;
      boundPorts.clear();
      enter('connecting');
    },
    connected: (welcome) => {
      ({ clientId, ports } = welcome);
      enter('connected');
    },
    allotted: (changed) => {
      ports = changed;
    },
    waiting: ({ message, delayMs }) => {
      boundPorts.clear();
      lastError = { at: instant(), message };
      enter('waiting', instant(now() + delayMs));
    },
    stopping: () => enter('stopping'),
    arranged: (plan) => {
      ({ forwards, unplaced } = plan);
      const configured = new Set(
        [...plan.forwards.map((one) => one.repository), ...plan.unplaced].map(repositoryKey),
      );
      for (const key of upstreamErrors.keys()) if (!configured.has(key)) upstreamErrors.delete(key);
    },
    bound: (port, isBound) => void (isBound ? boundPorts.add(port) : boundPorts.delete(port)),
    carrying: (port) => {
      connections.set(port, (connections.get(port) ?? 0) + 1);
      return () => {
        const left = (connections.get(port) ?? 1) - 1;
        if (left > 0) connections.set(port, left);
        else connections.delete(port);
      };
    },
    upstreamFailed: (repository, message) =>
      void upstreamErrors.set(repositoryKey(repository), { at: instant(), message }),
    failed: (message) => {
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
