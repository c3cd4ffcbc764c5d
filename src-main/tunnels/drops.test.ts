import { expect, test } from 'vitest';
import { createDrops } from './drops.ts';
import { placeKey } from './tunnelRef.ts';

const key = placeKey({ clientId: 'acme', port: 2200 });

function start() {
  const history = new Map([
    ['kiln', [{ atMs: 1_000, reason: 'client timed out' }]],
    ['mill', [{ atMs: 2_000, reason: 'closed' }]],
  ]);
  const foreign = new Set<() => void>();
  const read: string[] = [];
  const clock = { now: 100_000 };
  const drops = createDrops({
    history: {
      lastDrops: (applianceId) => {
        read.push(applianceId);
        return new Map((history.get(applianceId) ?? []).map((drop) => [key, drop]));
      },
    },
    clock: () => clock.now,
    onForeignChange: (listener) => {
      foreign.add(listener);
      return () => void foreign.delete(listener);
    },
  });
  const changeElsewhere = () => {
    for (const listener of foreign) listener();
  };
  return { history, read, clock, drops, changeElsewhere };
}

test('when one appliance has new history, keeps the drops of the others', () => {
  const { history, read, drops } = start();
  const [kiln, mill] = [drops.of('kiln'), drops.of('mill')];
  history.set('kiln', [{ atMs: 3_000, reason: 'gone' }]);
  drops.invalidate('kiln');
  expect(drops.of('mill')).toBe(mill);
  expect(drops.of('kiln')).not.toBe(kiln);
  expect(drops.of('kiln').get(key)).toEqual({ at: '1970-01-01T00:00:03.000Z', reason: 'gone' });
  expect(read).toEqual(['kiln', 'mill', 'kiln']);
});

test('when the content is unchanged, returns the same map', () => {
  const { history, read, clock, drops, changeElsewhere } = start();
  const kiln = drops.of('kiln');
  drops.invalidate('kiln');
  expect(drops.of('kiln')).toBe(kiln);
  changeElsewhere();
  clock.now += 5_000;
  expect(drops.of('kiln')).toBe(kiln);
  expect(read).toHaveLength(3);
  changeElsewhere();
  clock.now += 4_999;
  history.set('kiln', [{ atMs: 1_000, reason: 'another reason' }]);
  expect(drops.of('kiln')).toBe(kiln);
  clock.now += 1;
  expect(drops.of('kiln').get(key)?.reason).toBe('another reason');
  changeElsewhere();
  clock.now += 5_000;
  history.delete('kiln');
  expect(drops.of('kiln').size).toBe(0);
});
