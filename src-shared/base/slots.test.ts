import { describe, expect, test } from 'vitest';
import { createSlots } from './slots.ts';

describe('slots', () => {
  test('gives out all slots, then each freed slot in order of arrival', async () => {
    const slots = createSlots(2);
    const first = await slots.acquire();
    await slots.acquire();
    const order: string[] = [];
    const third = slots.acquire().then((release) => (order.push('third'), release));
    const fourth = slots.acquire().then((release) => (order.push('fourth'), release));
    first();
    first();
    (await third)();
    await fourth;
    expect(order).toEqual(['third', 'fourth']);
    expect(slots.inUse()).toBe(2);
  });

  test('when a wait is cancelled, takes no slot and does not delay the others', async () => {
    const slots = createSlots(1);
    const release = await slots.acquire();
    const controller = new AbortController();
    const waiting = slots.acquire(controller.signal);
    const next = slots.acquire();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    release();
    (await next)();
    expect(slots.inUse()).toBe(0);
    await expect(slots.acquire(controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
