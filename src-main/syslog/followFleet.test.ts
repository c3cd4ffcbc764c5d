import { expect, test } from 'vitest';
import { followFleet } from './followFleet.ts';

function world(ids: string[]) {
  const followed = new Map<string, number>();
  const listeners = new Set<() => void>();
  const count = (id: string, by: number) => followed.set(id, (followed.get(id) ?? 0) + by);
  return {
    ids,
    listeners,
    now: () => [...followed].filter(([, times]) => times > 0).map(([id]) => id),
    stop: followFleet({
      applianceIds: () => ids,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      follow: (id) => {
        count(id, 1);
        return () => count(id, -1);
      },
    }),
    change: () => listeners.forEach((listener) => listener()),
  };
}

test('follows current and new appliances, but not removed ones', () => {
  const fleet = world(['a', 'b']);
  expect(fleet.now()).toEqual(['a', 'b']);
  fleet.ids.push('c');
  fleet.ids.shift();
  fleet.change();
  expect(fleet.now()).toEqual(['b', 'c']);
  fleet.stop();
  expect(fleet.now()).toEqual([]);
  expect(fleet.listeners.size).toBe(0);
});

test('when the fleet is large, does not follow its logs', () => {
  const fleet = world(Array.from({ length: 20 }, (_, index) => String(index)));
  expect(fleet.now()).toHaveLength(20);
  fleet.ids.push('one more');
  fleet.change();
  expect(fleet.now()).toEqual([]);
});
