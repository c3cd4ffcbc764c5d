import { expect, test } from 'vitest';
import type { RunResult } from '../ssh/types.ts';
import { createApplianceLog } from './applianceLog.ts';

/** An appliance whose log ends in `text`, and which has no older one. */
function logOf(text: string) {
  const run = ({ argv }: { argv: readonly string[] }): Promise<RunResult> => {
    const isThere = argv.at(-1) === '/var/log/syslog';
    return Promise.resolve({
      exitCode: isThere ? 0 : 1,
      signal: null,
      stdout: isThere ? text : '',
      stderr: '',
    });
  };
  return createApplianceLog({
    links: { of: () => ({ entry: { sudo: 'none' }, session: { run } }) },
    clock: () => Date.parse('2026-11-20T09:00:05.000Z'),
  });
}

test('of a log of a million lines the last are read', async () => {
  const line = '2026-11-20T09:00:00.000+00:00 kiln sshd[12]: Accepted publickey for ubuntu';
  const lines = await logOf(`${'a\n'.repeat(1_000_000)}${line}\n`).read('kiln', '/var/log/syslog');
  expect(lines).toHaveLength(30_000);
  expect(lines.at(-1)).toMatchObject({ text: line, parsed: { program: 'sshd', pid: 12 } });
});

test('a log that can’t be read is said so, and asked for again the next time', async () => {
  const log = logOf('');
  await expect(log.read('kiln', '/var/log/other')).rejects.toThrow('/var/log/other could not be read');
  await expect(log.read('kiln', '/var/log/syslog')).resolves.toEqual([]);
});
