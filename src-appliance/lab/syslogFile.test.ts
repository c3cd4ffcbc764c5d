import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatSyslogLine, openSyslogFile } from './syslogFile.ts';

const at = Date.UTC(2026, 10, 5, 7, 8, 9, 12);

describe('the syslog', () => {
  it('writes the three formats of appliances', () => {
    const entry = { program: 'sshd', pid: 12, message: 'up' };
    const line = (format: 'traditional' | 'iso', structured: boolean): string =>
      formatSyslogLine({ entry: { ...entry, structured }, host: 'kiln-01', format, at });
    expect(line('traditional', false)).toMatch(/^Nov {2}[456] \d\d:\d\d:09 kiln-01 sshd\[12\]: up\n$/u);
    expect(line('iso', false)).toBe('2026-11-05T07:08:09.012000+00:00 kiln-01 sshd[12]: up\n');
    expect(line('iso', true)).toBe('<134>1 2026-11-05T07:08:09.012Z kiln-01 sshd 12 - - up\n');
  });

  it('writes each event as one line, whatever it contains', () => {
    const entry = { program: 'x', message: 'a\nb\u001b[31m<script>' };
    expect(formatSyslogLine({ entry, host: 'h', format: 'iso', at })).toMatch(
      / x: a#012b#033\[31m<script>\n$/u,
    );
  });

  it('rotates without losing a line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
    const path = join(folder, 'syslog');
    const syslog = openSyslogFile({ path, host: 'h', format: 'iso', rotateBytes: 300 });
    for (let number = 0; number < 12; number += 1) syslog.write({ program: 'x', message: `event ${number}` });
    syslog.close();
    const rest = await readFile(path, 'utf8');
    const rotated = await readFile(`${path}.1`, 'utf8');
    await rm(folder, { recursive: true });
    expect(rest.split('\n').length).toBeGreaterThan(1);
    const numbers = Array.from((rotated + rest).matchAll(/event (\d+)\n/gu), ([, number]) => Number(number));
    expect(numbers.at(-1)).toBe(11);
    expect(numbers).toStrictEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  });
});
