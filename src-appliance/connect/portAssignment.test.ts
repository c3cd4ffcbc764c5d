import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RememberedPort } from '../core/sessions/registrarProtocol.ts';
import { rememberForwards } from '../core/sessions/rememberedPorts.ts';
import { assignPorts, repositoryKey, type AssignedForward } from './portAssignment.ts';

const repository = (name: string) => ({
  group: 'g',
  repository: name,
  uri: { service: 'smb', scheme: null, host: 'h', port: 445, path: '' } as const,
});
const namesOf = (assigned: readonly AssignedForward[]) =>
  assigned.map((one) => [one.repository.repository, one.port]);

describe('assignPorts', () => {
  it('sorts by name and assigns the lowest ports first', () => {
    const { assigned, left } = assignPorts({
      repositories: ['a', 'b', 'c'].map(repository),
      ports: [2201, 2200],
      current: [],
    });
    expect(namesOf(assigned)).toStrictEqual([
      ['a', 2200],
      ['b', 2201],
    ]);
    expect(left.map((one) => one.repository)).toStrictEqual(['c']);
  });

  it.each<[string, { names: string[]; remembered: [string, number][]; expected: [string, number][] }]>([
    [
      'a repository is added before the others',
      {
        names: ['a', 'b', 'c'],
        remembered: [
          ['b', 2200],
          ['c', 2201],
        ],
        expected: [
          ['a', 2202],
          ['b', 2200],
          ['c', 2201],
        ],
      },
    ],
    [
      'only used ports are left, takes the one used longest ago',
      {
        names: ['d', 'e'],
        remembered: [
          ['c', 2202],
          ['a', 2200],
          ['b', 2201],
          ['x', 2203],
        ],
        expected: [
          ['d', 2202],
          ['e', 2200],
        ],
      },
    ],
    [
      'a repository is renamed, counts it as new',
      { names: ['z'], remembered: [['a', 2200]], expected: [['z', 2201]] },
    ],
    [
      'a repository had two ports, takes the later one',
      {
        names: ['a'],
        remembered: [
          ['a', 2200],
          ['a', 2202],
        ],
        expected: [['a', 2202]],
      },
    ],
    [
      'the port of a repository is not allotted any more, takes another one',
      { names: ['a'], remembered: [['a', 2219]], expected: [['a', 2200]] },
    ],
  ])('when %s', (_case, { names, remembered, expected }) => {
    const { assigned } = assignPorts({
      repositories: names.map(repository),
      ports: [2200, 2201, 2202, 2203],
      current: [],
      remembered: remembered.map(([name, port]) => ({ port, group: 'g', repository: name })),
    });
    expect(namesOf(assigned)).toStrictEqual(expected);
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

const repositoryNames = Array.from('abcdefgh');
type Step = { kind: 'add' | 'remove'; name: string } | { kind: 'restart' } | { kind: 'quota'; quota: number };
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('add'), name: fc.constantFrom(...repositoryNames) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('remove'), name: fc.constantFrom(...repositoryNames) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('quota'), quota: fc.integer({ min: 1, max: 10 }) }) },
);

describe('the ports of a tenant over any sequence of changes', () => {
  it('lead to the same repository as before, and a used port goes to another one only if no other is left', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (sequence) => {
        let configured: string[] = [];
        let quota = 5;
        let current: AssignedForward[] = [];
        let memory: RememberedPort[] = [];
        /** For each port that was ever used: the repository that had it last, and when. */
        const lastUse = new Map<number, { name: string; at: number }>();
        sequence.forEach((step, at) => {
          if (step.kind === 'add') configured = [...new Set([...configured, step.name])].toSorted();
          if (step.kind === 'remove') configured = configured.filter((name) => name !== step.name);
          if (step.kind === 'quota') ({ quota } = step);
          // After a restart, only the appliance remembers.
          if (step.kind === 'restart') current = [];
          const ports = Array.from({ length: quota }, (_, index) => 2200 + index);
          const before = new Map(lastUse);
          const { assigned, left } = assignPorts({
            repositories: configured.map(repository),
            ports,
            current,
            remembered: memory,
          });
          expect(assigned.length).toBe(Math.min(configured.length, quota));
          expect(left.length).toBe(configured.length - assigned.length);
          const taken = new Set(assigned.map(({ port }) => port));
          expect(taken.size).toBe(assigned.length);
          // A repository whose port is still its own keeps it.
          const moved = assigned.filter(({ port, repository: own }) => {
            const had = [...before].filter(
              ([other, use]) => use.name === own.repository && ports.includes(other),
            );
            return had.length > 0 && !had.some(([other]) => other === port);
          });
          expect(moved).toStrictEqual([]);
          const unused = ports.filter((port) => !taken.has(port));
          const takenOver = assigned.flatMap(({ port, repository: own }) => {
            const former = before.get(port);
            return former === undefined || former.name === own.repository ? [] : [former.at];
          });
          // Any port that is left was used, and not before the ports that were taken over.
          const better = unused.filter((port) => takenOver.some((use) => use > (before.get(port)?.at ?? -1)));
          expect(better).toStrictEqual([]);
          for (const { port, repository: own } of assigned) lastUse.set(port, { name: own.repository, at });
          memory = rememberForwards(
            memory,
            assigned.map(({ port, repository: own }) => ({
              port,
              group: own.group,
              repository: own.repository,
            })),
          );
          current = assigned;
          expect(memory.length).toBe(lastUse.size);
        });
      }),
      { numRuns: 300 },
    );
  });
});
