import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createOrphanedCommands } from './orphanedCommands.ts';
import type { RemoteProcess } from '../types.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A command that ends only when the test calls `end`, even after `kill`. */
function aStubbornProcess(): RemoteProcess & { end: () => void } {
  const exited = Promise.withResolvers<{ exitCode: number | null; signal: string | null }>();
  return {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    exited: exited.promise,
    kill: vi.fn<() => void>(),
    end: () => exited.resolve({ exitCode: null, signal: null }),
  };
}

test('when commands are only slow to end, never closes the link', async () => {
  const onTooMany = vi.fn<() => void>();
  const releaseSlots = vi.fn<() => void>();
  const leftovers = createOrphanedCommands(onTooMany);
  for (let count = 1; count <= 5; count += 1) {
    const process = aStubbornProcess();
    leftovers.trackProcess(process, releaseSlots).kill();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(releaseSlots).toHaveBeenCalledTimes(count);
    process.end();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(onTooMany).not.toHaveBeenCalled();
});

test('when three commands do not end, closes the link; a command killed twice counts once', async () => {
  const onTooMany = vi.fn<() => void>();
  const leftovers = createOrphanedCommands(onTooMany);
  const first = aStubbornProcess();
  const tracked = leftovers.trackProcess(first, vi.fn<() => void>());
  tracked.kill();
  tracked.kill();
  leftovers.trackProcess(aStubbornProcess(), vi.fn<() => void>()).kill();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(first.kill).toHaveBeenCalledTimes(1);
  expect(onTooMany).not.toHaveBeenCalled();
  leftovers.trackProcess(aStubbornProcess(), vi.fn<() => void>()).kill();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(onTooMany).toHaveBeenCalledTimes(1);
});
