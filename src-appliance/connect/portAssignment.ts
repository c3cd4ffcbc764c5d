import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';

/** A repository and its port on the appliance. */
export type AssignedForward = { port: number; repository: ConnectRepository };

export function repositoryKey(repository: ConnectRepository): string {
  return JSON.stringify([repository.group, repository.repository]);
}

/**
 * Assigns ports to repositories: sorted by name, the lowest port first **[ours]**. A repository keeps its
 * port if that is in `ports`, so that a reload doesn't move it. `left` contains the repositories without a
 * port.
 */
export function assignPorts(input: {
  repositories: readonly ConnectRepository[];
  ports: readonly number[];
  current: readonly AssignedForward[];
}): { assigned: AssignedForward[]; left: ConnectRepository[] } {
  const held = new Map(
    input.current
      .filter(({ port }) => input.ports.includes(port))
      .map(({ port, repository }) => [repositoryKey(repository), port]),
  );
  const wanted = new Set(input.repositories.map(repositoryKey));
  const taken = new Set([...held].filter(([key]) => wanted.has(key)).map(([, port]) => port));
  const free = input.ports.filter((port) => !taken.has(port)).sort((left, right) => left - right);
  const assigned: AssignedForward[] = [];
  const left: ConnectRepository[] = [];
  for (const repository of input.repositories) {
    const port = held.get(repositoryKey(repository)) ?? free.shift();
    if (port === undefined) left.push(repository);
    else assigned.push({ port, repository });
  }
  return { assigned, left };
}
