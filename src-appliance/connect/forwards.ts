import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { formatRepositoryUri } from '../../src-shared/model/connectYaml/connectYaml.ts';
import type { ClientMessage } from '../core/sessions/registrarProtocol.ts';
import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import { assignPorts, type AssignedForward } from './portAssignment.ts';
import type { createRemoteListeners } from './remoteListeners.ts';

function describeRepository({ group, repository, uri }: ConnectRepository) {
  return { group, repository, uri: formatRepositoryUri(uri) };
}

/** Assigns ports to repositories, and updates the assignment when repositories or allotted ports change. */
export function createForwards(options: {
  repositories: readonly ConnectRepository[];
  assigned: readonly AssignedForward[];
  log: ConnectLog;
  health: HealthRecord;
  listeners: ReturnType<typeof createRemoteListeners>;
  send: (message: ClientMessage) => void;
  /** The allotment now includes ports that this login may not bind. */
  onGrown: () => void;
}) {
  const { log, health, listeners, send } = options;
  let repositories = options.repositories;
  let forwards = [...options.assigned];
  let unplaced: readonly ConnectRepository[] = [];
  /** The ports that this login may bind; null before the appliance's welcome. */
  let permitted: readonly number[] | null = null;
  let allotted: readonly number[] = [];
  /** An older appliance refuses messages that list repositories without a port. */
  let announcesUnplaced = true;

  function announce(): void {
    send({
      type: 'announce',
      forwards: forwards.map(({ port, repository }) => ({ port, ...describeRepository(repository) })),
      ...(announcesUnplaced && unplaced.length > 0 ? { unplaced: unplaced.map(describeRepository) } : {}),
    });
  }

  function arrange(): void {
    const { assigned, left } = assignPorts({ repositories, ports: allotted, current: forwards });
    if (permitted !== null && assigned.some(({ port }) => permitted?.includes(port) === false)) {
      options.onGrown();
      return;
    }
    for (const { group, repository } of left)
      log('warn', `no port left for ${group}/${repository}; the allotment is ${allotted.length}`);
    listeners.closeOthers(assigned);
    forwards = assigned;
    unplaced = left;
    health.arranged({ forwards, unplaced });
    listeners.openMissing(forwards);
    announce();
  }

  return {
    list: (): readonly AssignedForward[] => forwards,
    /** The appliance's welcome: these ports may be bound until the connection ends. */
    permit(ports: readonly number[]): void {
      permitted = ports;
      allotted = ports;
      arrange();
    },
    allot(ports: readonly number[]): void {
      allotted = ports;
      arrange();
    },
    openMissing: () => listeners.openMissing(forwards),
    /** Announces again without the part that an older appliance does not understand, if that may be the cause. */
    announceWithoutUnplaced(): void {
      if (!announcesUnplaced || unplaced.length === 0) return;
      announcesUnplaced = false;
      announce();
    },
    /** Applies a new list of repositories; forwards that stay are not touched. */
    replace(changed: readonly ConnectRepository[]): void {
      repositories = changed;
      // The address of a repository may have changed, so new connections use its new address.
      forwards = forwards.map(({ port, repository }) => ({
        port,
        repository:
          changed.find(
            (other) => other.group === repository.group && other.repository === repository.repository,
          ) ?? repository,
      }));
      if (permitted !== null) arrange();
    },
  };
}
