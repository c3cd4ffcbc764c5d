import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { signalUnlessEnded } from './signalUnlessEnded.ts';

test.each([
  ['a process', 1],
  ['a group', -1],
])('when %s runs, it gets the signal; when it has ended, nothing happens', async (_what, sign) => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const pid = sign * (child.pid ?? 0);
  const ended = once(child, 'exit');
  signalUnlessEnded(pid, 'SIGTERM');
  expect(await ended).toEqual([null, 'SIGTERM']);
  signalUnlessEnded(pid, 'SIGTERM');
});

test('rejects a process ID that cannot be one with ERR_INVALID_ARG_TYPE', () => {
  expect(() => signalUnlessEnded(Number('x'), 'SIGTERM')).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
});
