import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readClock } from './clock.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const day = 86_400_000;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function read(now: number, passed: number, bootId = 'first') {
  return readClock(folder, now, { bootId, uptimeMs: 1_000_000 + passed });
}

describe('the high-water clock', () => {
  it('rises with time, and reports a clock that ran backwards', async () => {
    await read(start, 0);
    await read(start + day, day);
    const back = await read(start, day + 1000);
    expect(back.ranBackFrom).toBe(new Date(start + day).toISOString());
    expect(back.trusted).toBe(start + day);
  });

  it('when the clock was set ahead and then corrected, is right again', async () => {
    await read(start, 0);
    const ahead = await read(start + 4000 * day, 120_000);
    expect(ahead.trusted).toBe(start + 4000 * day);
    const right = await read(start + 180_000, 180_000);
    const trusted = start + 180_000;
    expect(right).toEqual({ now: trusted, trusted, ranBackFrom: null, aheadOf: null, damage: null });
  });

  it('when the machine was restarted, trusts the clock, because the elapsed time is unknown', async () => {
    await read(start, 0);
    await read(start + 100 * day, -999_000, 'second');
    expect((await read(start, -998_000, 'second')).ranBackFrom).toBe(
      new Date(start + 100 * day).toISOString(),
    );
  });

  it.each(['', '{"format":1,"highWater":"soon"}', '{"format":2}'])(
    'when its file is damaged, says so and does not change the file: %j',
    async (content) => {
      const path = join(folder, 'clock.json');
      await writeFile(path, content);
      expect((await read(start, 0)).damage).toContain(`${path} is damaged`);
      expect(await readFile(path, 'utf8')).toBe(content);
    },
  );
});
