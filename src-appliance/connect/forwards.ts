import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { formatRepositoryUri } from '../../src-shared/model/connectYaml/connectYaml.ts';
import type { ClientMessage, RememberedPort } from '../core/sessions/registrarProtocol.ts';
import { rememberForwards } from '../core/sessions/rememberedPorts.ts';
import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import { assignPorts, type AssignedForward } from './portAssignment.ts';
import type { createRemoteListeners } from './remoteListeners.ts';
import type { createUpstreams } from './upstream.ts';

function describeRepository({ group, repository, uri }: ConnectRepository) {
  return { group, repository, uri: formatRepositoryUri(uri) };
}

/** Assigns ports to repositories, and updates the assignment when repositories or allotted ports change. */
export function createForwards(options: {
  repositories: readonly ConnectRepository[];
  /** The ports that earlier connections of this process used. */
  remembered: readonly RememberedPort[];
  log: ConnectLog;
  health: HealthRecord;
  listeners: ReturnType<typeof createRemoteListeners>;
  upstreams: Pick<ReturnType<typeof createUpstreams>, 'closeOthers'>;
  send: (message: ClientMessage) => void;
  /** Called when ports are allotted that sshd doesn't permit to this login. */
  onGrown: () => void;
}) {
  const { log, health, listeners, send } = options;
  let repositories = options.repositories;
  let forwards: readonly AssignedForward[] = [];
  let remembered = options.remembered;
  let unplaced: readonly ConnectRepository[] = [];
  /** Ports that sshd permits to this login. Null before the appliance's welcome. */
  let permitted: readonly number[] | null = null;
  let allotted: readonly number[] = [];
  /** False for an older appliance, which refuses announcements with repositories without a port. */
  let announcesUnplaced = true;

  function announce(): void {
    send({
      type: 'announce',
      forwards: forwards.map(({ port, repository }) => ({ port, ...describeRepository(repository) })),
      ...(announcesUnplaced && unplaced.length > 0 ? { unplaced: unplaced.map(describeRepository) } : {}),
    });
  }

  function remember(used: readonly AssignedForward[]): void {
    remembered = rememberForwards(
      remembered,
      used.map(({ port, repository }) => ({ port, ...describeRepository(repository) })),
    );
  }

  function arrange(): void {
    const { assigned, left } = assignPorts({ repositories, ports: allotted, current: forwards, remembered });
    if (permitted !== null && assigned.some(({ port }) => permitted?.includes(port) === false)) {
      options.onGrown();
      return;
    }
    for (const { group, repository } of left)
      log('warn', `no port left for ${group}/${repository}; the quota is ${allotted.length}`);
    listeners.closeOthers(assigned);
    options.upstreams.closeOthers(assigned);
    forwards = assigned;
    unplaced = left;
    remember(forwards);
    health.setForwards({ forwards, unplaced });
    listeners.openMissing(forwards);
    announce();
  }

  return {
    list: (): readonly AssignedForward[] => forwards,
    /** What the appliance and earlier connections remember, for the next connection. */
    remembered: (): readonly RememberedPort[] => remembered,
    /**
     * Called with the ports of the appliance's welcome, which sshd permits until the connection ends, and
     * with the ports that it remembers. What this process remembers is newer.
     */
    permit(ports: readonly number[], recalled: readonly RememberedPort[]): void {
      remembered = rememberForwards(recalled, remembered);
      permitted = ports;
      allotted = ports;
      arrange();
    },
    allot(ports: readonly number[]): void {
      allotted = ports;
      arrange();
    },
    openMissing: () => listeners.openMissing(forwards),
    /** Announces again without `unplaced`, in case an older appliance has refused it. */
    announceWithoutUnplaced(): void {
      if (!announcesUnplaced || unplaced.length === 0) return;
      announcesUnplaced = false;
      announce();
    },
    /** Replaces the list of repositories. Forwards that are in both lists keep running. */
    replace(changed: readonly ConnectRepository[]): void {
      repositories = changed;
      // A repository may have a new address. New connections to it must use that address.
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
