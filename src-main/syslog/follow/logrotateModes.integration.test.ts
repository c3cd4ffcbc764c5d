import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, test } from 'vitest';
import { createFollowedFolder } from '../../../test-support/followedFolder.ts';
import { createWithoutPerl } from '../../../test-support/withoutPerl.ts';

const numberOf = (line: string) => Number(line.slice(1, 8));
const withoutPerl = createWithoutPerl();
afterAll(withoutPerl.remove);
const shell = [...withoutPerl.command, '/bin/dash'];

const modes: [string, string[], string[]?][] = [
  ['create', ['nocompress', 'create']],
  ['compress', ['compress', 'create']],
  ['delaycompress', ['compress', 'delaycompress', 'create']],
  ['copytruncate', ['nocompress', 'copytruncate']],
  ['copytruncate and compress', ['compress', 'copytruncate']],
  ['dateext and delaycompress', ['compress', 'delaycompress', 'create', 'dateext', 'dateformat -%Y%m%d-%s']],
  ['xz', ['compress', 'create', 'compresscmd /usr/bin/xz', 'compressext .xz']],
  ['zstd', ['compress', 'create', 'compresscmd /usr/bin/zstd', 'compressext .zst']],
  ['bzip2', ['compress', 'create', 'compresscmd /usr/bin/bzip2', 'compressext .bz2']],
  ['create, without Perl', ['nocompress', 'create'], shell],
  ['delaycompress, without Perl', ['compress', 'delaycompress', 'create'], shell],
  ['copytruncate, without Perl', ['nocompress', 'copytruncate'], shell],
];

test.concurrent.for(modes)(
  'with logrotate in mode %s, keeps each line once and in order',
  async ([mode, logrotate, program], { expect, onTestFinished }) => {
    const box = await createFollowedFolder({
      logrotate,
      ...(program === undefined ? {} : { shell: program }),
    });
    onTestFinished(box.stop);
    const isDated = mode.startsWith('dateext');
    const rotate = async () => {
      // A name with the date exists only once a second.
      if (isDated) await delay(1100);
      await box.rotate(() => box.write(7));
    };
    box.write(300);
    await box.caughtUp();
    for (let round = 0; round < 2; round += 1) {
      box.write(200);
      const rotating = rotate();
      for (let step = 0; step < 5; step += 1) {
        box.write(20);
        await delay(10);
      }
      if (round === 1) box.cut();
      await rotating;
      box.write(50);
      await box.caughtUp();
    }
    await box.stopFollowing();
    for (let round = 0; round < 2; round += 1) {
      box.write(100);
      await rotate();
    }
    box.follow();
    box.write(10);
    await box.caughtUp();

    const numbers = box.kept.text().split('\n').filter(Boolean).map(numberOf);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    const isKept = new Set(numbers);
    const lost = Array.from({ length: box.written() }, (_, number) => number).filter(
      (number) => !isKept.has(number),
    );
    // logrotate itself drops what is written between the copy and the cut, or after it has compressed the file.
    if (mode.startsWith('create') || mode.includes('delaycompress')) expect(lost).toEqual([]);
    const onBox = new Set((await box.textOnBox()).map(numberOf));
    expect(lost.filter((number) => onBox.has(number))).toEqual([]);
    expect(box.kept.gaps()).toEqual([]);
  },
);
