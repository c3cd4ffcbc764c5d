import { expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { createApplianceLog } from './applianceLog.ts';

/** An appliance's log, which ends with `text`. */
function logOf(text: string) {
  const readSyslog = async ({ path }: { path: string }): Promise<string> => {
    if (path !== '/var/log/syslog') throw new AppError('LOG_UNREADABLE', `${path} can’t be read`);
    return text;
  };
  return createApplianceLog({
    links: { of: () => ({ driver: { readSyslog } }) },
    clock: () => Date.parse('2026-11-20T09:00:05.000Z'),
  });
}

test('when a log has a million lines, reads the last ones', async () => {
  const line = '2026-11-20T09:00:00.000+00:00 kiln sshd[12]: Accepted publickey for ubuntu';
  const lines = await logOf(`${'a\n'.repeat(1_000_000)}${line}\n`).read('kiln', '/var/log/syslog');
  expect(lines).toHaveLength(30_000);
  expect(lines.at(-1)).toMatchObject({ text: line, parsed: { program: 'sshd', pid: 12 } });
});

test.each([
  ['has a zone', '2026-11-20T02:40:00.000-06:00 kiln sshd[12]: x', false],
  ['has none, and the log is quiet', 'Nov 20 02:40:00 kiln sshd[12]: x', true],
  ['has none, and the last line was just written', 'Nov 20 03:00:01 kiln sshd[12]: x', false],
])('when a line %s, knows whether its time is a guess', async (_what, line, isTimeGuessed) => {
  const [read] = await logOf(`${line}\n`).read('kiln', '/var/log/syslog');
  expect(read?.isTimeGuessed?.()).toBe(isTimeGuessed);
});

test('when a log can’t be read, says so, and reads it again at the next request', async () => {
  const log = logOf('');
  await expect(log.read('kiln', '/var/log/other')).rejects.toThrow('/var/log/other can’t be read');
  await expect(log.read('kiln', '/var/log/syslog')).resolves.toEqual([]);
});

test('when a line is expected that the last reading lacks, reads again at once; otherwise users share a reading', async () => {
  let [readings, text] = [0, 'first\n'];
  const log = createApplianceLog({
    links: {
      of: () => ({
        driver: {
          readSyslog: () => {
            readings += 1;
            return Promise.resolve(text);
          },
        },
      }),
    },
    clock: () => 0,
  });
  const read = async (expected: string[]) =>
    (await log.read('kiln', '/var/log/syslog', expected)).map((line) => line.text);
  expect(await Promise.all([read([]), read(['first'])])).toEqual([['first'], ['first']]);
  expect(readings).toBe(1);
  text = 'first\nrefused\n';
  expect(await read(['first'])).toEqual(['first']);
  expect(await Promise.all([read(['refused']), read(['refused'])])).toEqual([
    ['first', 'refused'],
    ['first', 'refused'],
  ]);
  expect(readings).toBe(2);
});
