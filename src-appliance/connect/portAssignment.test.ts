import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPorts, repositoryKey } from './portAssignment.ts';

const repository = (name: string) => ({
  group: 'g',
  repository: name,
  uri: { service: 'smb', scheme: null, host: 'h', port: 445, path: '' } as const,
});

describe('assignPorts', () => {
  it('sorts by name and assigns the lowest ports first', () => {
    const { assigned, left } = assignPorts({
      repositories: ['a', 'b', 'c'].map(repository),
      ports: [2201, 2200],
      current: [],
    });
    expect(assigned.map((one) => [one.repository.repository, one.port])).toStrictEqual([
      ['a', 2200],
      ['b', 2201],
    ]);
    expect(left.map((one) => one.repository)).toStrictEqual(['c']);
  });

  it('moves no repository that can keep its port, assigns no port twice and leaves none unused', () => {
    const names = fc.uniqueArray(fc.constantFrom(...Array.from('abcdefgh')));
    const ports = fc.uniqueArray(fc.integer({ min: 2200, max: 2210 }));
    fc.assert(
      fc.property(names, names, ports, ports, (before, after, portsBefore, portsAfter) => {
        const first = assignPorts({ repositories: before.map(repository), ports: portsBefore, current: [] });
        const repositories = after.map(repository);
        const second = assignPorts({ repositories, ports: portsAfter, current: first.assigned });
        const taken = second.assigned.map(({ port }) => port);
        expect(new Set(taken).size).toBe(taken.length);
        expect(taken.every((port) => portsAfter.includes(port))).toBe(true);
        expect(second.assigned.length).toBe(Math.min(after.length, portsAfter.length));
        const portOf = new Map(second.assigned.map((one) => [repositoryKey(one.repository), one.port]));
        const moved = first.assigned.filter(
          ({ port, repository: own }) =>
            portsAfter.includes(port) &&
            after.includes(own.repository) &&
            portOf.get(repositoryKey(own)) !== port,
        );
        expect(moved).toStrictEqual([]);
      }),
    );
  });
});
