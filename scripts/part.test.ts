import { expect, test } from 'vitest';
import { startPart } from './part.ts';

const shell = (script: string) => startPart({ name: 'The lab', command: 'sh', args: ['-c', script] });

test('when a part ends, its exit code and its last five error lines are reported', async () => {
  const part = shell('for i in 1 2 3 4 5 6 7; do echo "line $i" >&2; done; exit 3');
  const end = await part.ended;
  expect(end).toEqual({ code: 3, signal: null });
  expect(part.describe(end)).toBe(
    [
      'The lab ended with exit code 3. Its last lines:',
      ...[3, 4, 5, 6, 7].map((index) => `  line ${index}`),
    ].join('\n'),
  );
});

test('when a part is killed, its end names the signal', async () => {
  const part = shell('kill -KILL $$');
  expect(part.describe(await part.ended)).toBe('The lab was ended by SIGKILL. No output.');
});

test('when a part can not be started, its end names the reason', async () => {
  const part = startPart({ name: 'The desktop', command: '/nothing/here', args: [] });
  expect(part.describe(await part.ended)).toBe(
    'The desktop could not be started. Its last lines:\n  spawn /nothing/here ENOENT',
  );
  await expect(part.firstLine()).rejects.toThrow('The desktop could not be started.');
});

test('when a part ends before its first line, waiting for it says how', async () => {
  await expect(shell('echo broken >&2; exit 1').firstLine()).rejects.toThrow(
    'The lab ended with exit code 1. Its last lines:\n  broken',
  );
});

test('when a part is stopped, it gets SIGTERM', async () => {
  const part = shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.1; done");
  expect(await part.firstLine()).toBe('ready');
  await part.stop();
  expect(await part.ended).toEqual({ code: 0, signal: null });
});
