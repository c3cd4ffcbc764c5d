import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';
import type { RememberedPort } from '../core/sessions/registrarProtocol.ts';

/** A repository and its port on the appliance. */
export type AssignedForward = { port: number; repository: ConnectRepository };

export function repositoryKey({
  group,
  repository,
}: Pick<ConnectRepository, 'group' | 'repository'>): string {
  return JSON.stringify([group, repository]);
}

/**
 * Assigns ports to repositories, in the order of the list. A repository keeps the port that it has, or the
 * last one that it had according to `remembered`, if that is in `ports`. Otherwise it gets the lowest port
 * that no repository had, and only then the one whose use is longest ago **[ours]**. `left` contains the
 * repositories without a port.
 */
export function assignPorts(input: {
  repositories: readonly ConnectRepository[];
  /** The tenant's ports. */
  ports: readonly number[];
  current: readonly AssignedForward[];
  /** The ports that repositories had, the least recently used first. By default, none is known. */
  remembered?: readonly RememberedPort[];
}): { assigned: AssignedForward[]; left: ConnectRepository[] } {
  const { repositories, remembered = [], current } = input;
  const allotted = new Set(input.ports);
  const known = new Map([
    ...remembered
      .filter(({ port }) => allotted.has(port))
      .map((one) => [repositoryKey(one), one.port] as const),
    ...current
      .filter(({ port }) => allotted.has(port))
      .map(({ port, repository }) => [repositoryKey(repository), port] as const),
  ]);
  const portOf = new Map<string, number>();
  const taken = new Set<number>();
  const currentKeys = new Set(current.map(({ repository }) => repositoryKey(repository)));
  const isCurrent = (repository: ConnectRepository) => currentKeys.has(repositoryKey(repository));
  // A port that a repository has now counts more than the memory of another one.
  for (const repository of repositories.toSorted((a, b) => Number(isCurrent(b)) - Number(isCurrent(a)))) {
    const port = known.get(repositoryKey(repository));
    if (port === undefined || taken.has(port)) continue;
    taken.add(port);
    portOf.set(repositoryKey(repository), port);
  }
  const uses = new Map([...remembered, ...current].map(({ port }, index) => [port, index + 1]));
  const lastUse = (port: number) => uses.get(port) ?? 0;
  const free = [...allotted]
    .filter((port) => !taken.has(port))
    .toSorted((a, b) => lastUse(a) - lastUse(b) || a - b);
  const assigned: AssignedForward[] = [];
  const left: ConnectRepository[] = [];
  for (const repository of repositories) {
    const port = portOf.get(repositoryKey(repository)) ?? free.shift();
    if (port === undefined) left.push(repository);
    else assigned.push({ port, repository });
  }
  return { assigned, left };
}
