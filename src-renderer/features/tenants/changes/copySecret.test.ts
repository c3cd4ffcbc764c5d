import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { copySecret } from './copySecret.ts';

let held = '';
let permission: 'granted' | 'denied' = 'granted';

beforeEach(() => {
  vi.useFakeTimers();
  held = '';
  permission = 'granted';
  vi.stubGlobal('navigator', {
    clipboard: {
      writeText: async (text: string) => void (held = text),
      readText: async () => held,
    },
    permissions: { query: async () => ({ state: permission }) },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('when a minute has passed, the copied secret is cleared', async () => {
  expect(await copySecret('secret')).toBe('cleared');
  await vi.advanceTimersByTimeAsync(59_000);
  expect(held).toBe('secret');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(held).toBe('');
});

test('when something else was copied since, it stays on the clipboard', async () => {
  await copySecret('secret');
  held = 'something else';
  await vi.advanceTimersByTimeAsync(61_000);
  expect(held).toBe('something else');
});

test('when the page may not read the clipboard, says that the operator has to clear it', async () => {
  permission = 'denied';
  expect(await copySecret('secret')).toBe('kept');
  await vi.advanceTimersByTimeAsync(61_000);
  expect(held).toBe('secret');
});

test('when the clipboard is refused, says so', async () => {
  vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('no')) } });
  expect(await copySecret('secret')).toBe('refused');
});
