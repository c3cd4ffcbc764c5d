import { afterEach, beforeEach, expect, test } from 'vitest';
import { exitCodes } from '../../../src-shared/exitCodes.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { createSmallDisk, type SmallDisk } from '../../../test-support/smallDisk.ts';

const rules = ['syslog', 'watch'];
let disk: SmallDisk | null;

beforeEach(async () => {
  disk = await createSmallDisk(4);
});
afterEach(() => disk?.close());

const sallyport = (...argv: string[]) =>
  runSallyport(['--data', disk?.data ?? '', ...argv], { launcher: disk?.enter ?? [] });

test.for([
  {
    when: 'the disk is full',
    begin: () => disk?.fill(),
    end: () => disk?.free(),
    reason: 'The data folder could not be used: the disk is full (STORE_FAILED)\n',
  },
  {
    when: 'the file system is read-only',
    begin: async () => disk?.remount('ro'),
    end: async () => disk?.remount('rw'),
    reason: 'read-only file system',
  },
])(
  'when $when as a command starts, it says so with STORE_FAILED, and nothing is lost',
  async ({ begin, end, reason }, { skip }) => {
    if (disk === null) return skip('this computer gives users no disk of their own');
    const add = (name: string) => sallyport(...rules, 'add', name, `program:${name}`);
    expect(await add('first')).toMatchObject({ code: exitCodes.done });
    await begin();
    const refused = await add('second');
    expect(refused).toMatchObject({ out: '' });
    expect(refused.code).not.toBe(exitCodes.done);
    expect(refused.err).toContain(reason);
    expect(refused.err).toMatch(/\(STORE_FAILED\)\n$/u);
    await end();
    expect(await add('second')).toMatchObject({ code: exitCodes.done, err: '' });
    const { out } = await sallyport('--json', ...rules, 'list');
    expect(JSON.parse(out)).toMatchObject({ items: [{ name: 'first' }, { name: 'second' }] });
  },
);
