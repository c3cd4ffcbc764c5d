import { expect, test } from 'vitest';
import { createHandshakes, maxHandshakes } from './handshakes.ts';

test('runs at most sixteen handshakes at once', async () => {
  const handshakes = createHandshakes();
  for (let index = 0; index < maxHandshakes; index += 1) await handshakes.acquire();
  const controller = new AbortController();
  const oneMore = handshakes.acquire(controller.signal);
  expect(handshakes.inUse()).toBe(16);
  controller.abort();
  await expect(oneMore).rejects.toMatchObject({ code: 'CANCELLED' });
});
