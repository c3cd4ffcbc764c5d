import { expect, test } from 'vitest';
import { createLinkSlots } from './linkSlots.ts';

function start(max: number | null) {
  const limits = { max };
  const unused = new Set<string>();
  const events: string[] = [];
  const slots = createLinkSlots({
    max: () => limits.max,
    mayClose: (id) => unused.has(id),
    closeLink: (id) => events.push(`close ${id}`),
    startLink: (id) => events.push(`start ${id}`),
    onWaiting: (id) => events.push(`waiting ${id} ${slots.isWaiting(id)}`),
  });
  return { slots, limits, unused, events };
}

test('when all slots are taken, links wait in order, and start as soon as others end', () => {
  const { slots, events } = start(2);
  expect(['a', 'b', 'c', 'd', 'c'].map(slots.take)).toEqual([true, true, false, false, false]);
  expect(slots.counts()).toEqual({ taken: 2, waiting: 2 });
  slots.free('a');
  slots.free('b');
  expect(events).toEqual(['waiting c true', 'waiting d true', 'start c', 'start d']);
  expect(slots.counts()).toEqual({ taken: 2, waiting: 0 });
});

test('when a slot is needed, the unused link that was used least recently is closed', () => {
  const { slots, unused, events } = start(3);
  for (const id of ['a', 'b', 'c']) slots.take(id);
  for (const id of ['a', 'b']) unused.add(id);
  // Used again, so b is now the oldest.
  slots.take('a');
  expect(slots.take('d')).toBe(true);
  expect(events).toEqual(['close b']);
  expect(slots.take('e')).toBe(true);
  expect(slots.take('f')).toBe(false);
  expect(events).toEqual(['close b', 'close a', 'waiting f true']);
  unused.add('c');
  slots.serve();
  expect(events.slice(3)).toEqual(['close c', 'start f']);
});

test('when the limit is raised or removed, those that wait start; one that is not wanted any more does not', () => {
  const { slots, limits, events } = start(1);
  for (const id of ['a', 'b', 'c', 'd']) slots.take(id);
  slots.free('b');
  limits.max = 2;
  slots.serve();
  limits.max = null;
  slots.serve();
  expect(events.slice(3)).toEqual(['waiting b false', 'start c', 'start d']);
});
