import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { createFollowedFolder } from '../../../test-support/followedFolder.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { createCountedPerl, createWithoutPerl } from '../../../test-support/withoutPerl.ts';

const withoutPerl = createWithoutPerl();
afterAll(withoutPerl.remove);
const countedPerl = createCountedPerl();
afterAll(countedPerl.remove);
const shells = ['/bin/dash', '/bin/bash', '/bin/bash --posix', '/bin/busybox sh']
  .map((text) => text.split(' '))
  .filter(([program = '']) => existsSync(program))
  .flatMap((shell) => [
    { name: shell.join(' '), shell },
    { name: `${shell.join(' ')}, without Perl,`, shell: [...withoutPerl.command, ...shell] },
  ]);

async function startBox(options: { shell?: readonly string[]; maxBytesBefore?: number } = {}) {
  const box = await createFollowedFolder({ logrotate: ['nocompress', 'create'], ...options });
  onTestFinished(box.stop);
  return box;
}
type Box = Awaited<ReturnType<typeof startBox>>;
const shows = (box: Box, text: string) => waitFor(`${text} is kept`, () => box.kept.text().includes(text));

test.each(shells)(
  '$name reads what is there, what is written, and what comes after a rotation',
  async ({ shell }) => {
    const box = await startBox({ shell });
    writeFileSync(`${box.log}.2.gz`, gzipSync('oldest\n'));
    writeFileSync(`${box.log}.1`, 'older\n');
    appendFileSync(box.log, 'present\n');
    await box.restart();
    await shows(box, 'present');
    appendFileSync(box.log, 'new\n');
    await shows(box, 'new');
    renameSync(`${box.log}.1`, `${box.log}.3`);
    renameSync(box.log, `${box.log}.1`);
    appendFileSync(`${box.log}.1`, 'late\n');
    writeFileSync(box.log, 'newest\n');
    await shows(box, 'newest');
    await shows(box, 'late');
    expect(box.kept.text()).toBe('oldest\nolder\npresent\nnew\nlate\nnewest\n');
  },
);

test('where there is a Perl, it waits for lines', async () => {
  const box = await startBox({ shell: [...countedPerl.command, '/bin/dash'] });
  box.write(1);
  await box.caughtUp();
  box.write(1);
  await box.caughtUp();
  // Once to see that it works, once to wait.
  expect(countedPerl.runs()).toBe(2);
});

test('when there are more rotated files than can be read, it is refused before any is described', async () => {
  const box = await startBox();
  await box.stopFollowing();
  for (let number = 1; number <= 501; number += 1) writeFileSync(`${box.log}.${number}`, 'old\n');
  box.write(1);
  box.follow();
  await waitFor('it is refused', () => box.states.some(({ isRefused }) => isRefused));
  expect(box.state().trouble).toBe('The log can’t be read: there are more than 500 rotated files.');
});

describe('when the log is cut', () => {
  test('and has grown beyond the position before anything was read, the rest of the old lines is a gap', async () => {
    const box = await startBox();
    box.write(10);
    await box.caughtUp();
    const resume = box.pause();
    // Read before the pause, at most.
    await delay(300);
    box.write(5);
    await delay(300);
    truncateSync(box.log);
    appendFileSync(box.log, 'another line\n'.repeat(500));
    resume();
    await waitFor('the new lines are kept', () => box.kept.text().endsWith('another line\n'.repeat(500)));
    const lines = box.kept
      .text()
      .split('\n')
      .filter((line) => line.startsWith('L'));
    expect(lines).toEqual([...new Set(lines)]);
    expect(lines.length).toBeGreaterThanOrEqual(10);
    expect(box.kept.gaps()).toMatchObject([{ reason: 'truncated', toByte: null }]);
    expect(box.kept.text()).not.toMatch(/^nother|^ther line/mu);
  });

  test('while the link is down and no copy is left, the gap begins at the position', async () => {
    const box = await startBox();
    box.write(10);
    await box.caughtUp();
    const offset = box.kept.sources()[0]?.offset ?? 0;
    await box.stopFollowing();
    box.write(5);
    truncateSync(box.log);
    appendFileSync(box.log, 'after\n');
    box.follow();
    await shows(box, 'after');
    expect(offset).toBeGreaterThan(1000);
    expect(box.kept.gaps()).toMatchObject([{ reason: 'truncated', fromByte: offset, toByte: null }]);
  });
});

describe('when a file is missing or damaged', () => {
  test('a rotated file that was deleted is a gap', async () => {
    const box = await startBox();
    box.write(10);
    await box.caughtUp();
    await box.stopFollowing();
    await box.rotate();
    rmSync(`${box.log}.1`);
    box.write(3);
    box.follow();
    await box.caughtUp();
    expect(box.kept.gaps()).toMatchObject([{ reason: 'deleted', toByte: null }]);
    expect(box.kept.rows().map((row) => row === null)).toEqual([
      ...Array.from({ length: 10 }, () => false),
      true,
      false,
      false,
      false,
    ]);
  });

  test('what can be unpacked of a damaged file is kept, and the rest is a gap', async () => {
    const box = await startBox();
    await box.stopFollowing();
    const text = Array.from({ length: 3000 }, (_, index) => `line ${index} ${Math.sin(index)}\n`).join('');
    const packed = gzipSync(text);
    writeFileSync(`${box.log}.2.gz`, packed.subarray(0, packed.length - 5000));
    writeFileSync(`${box.log}.3.gz`, 'no archive');
    appendFileSync(box.log, 'present\n');
    box.follow();
    await shows(box, 'present');
    await waitFor('the gaps are known', () => box.kept.gaps().length === 2);
    const [unpacked = ''] = box.kept.texts();
    expect(text.startsWith(unpacked)).toBe(true);
    expect(unpacked.length).toBeGreaterThan(10_000);
    expect(box.kept.gaps().map(({ reason, fromByte }) => [reason, fromByte])).toEqual([
      ['corrupt', 0],
      ['corrupt', unpacked.length],
    ]);
  });

  test('when the log disappears, says so after some time, until it is back', async () => {
    const box = await startBox();
    box.write(3);
    await box.caughtUp();
    renameSync(box.log, `${box.log}-gone`);
    const missing = `The log can’t be read: ${box.log} does not exist.`;
    await waitFor('the problem shows', () => box.state().trouble === missing);
    renameSync(`${box.log}-gone`, box.log);
    box.write(3);
    await box.caughtUp();
    expect(box.state().trouble).toBeNull();
    expect(box.kept.gaps()).toEqual([]);
  });

  test('when the log never was there, says so at once', async () => {
    const box = await startBox();
    await box.stopFollowing();
    rmSync(box.log);
    box.follow();
    await waitFor('the problem shows', () => box.state().trouble !== null);
    expect(box.state().trouble).toBe(`The log can’t be read: ${box.log} does not exist.`);
  });

  test('when the login shell prints text before the output, it does not matter', async () => {
    const box = await startBox({
      shell: ['/bin/sh', '-c', 'echo "Welcome @abc hello 1"; exec /bin/dash "$@"', 'sh'],
    });
    box.write(3);
    await box.caughtUp();
    expect(box.kept.text().split('\n')).toHaveLength(4);
  });
});

test('when there is much to read, reads the newest lines first, then older ones, and follows at the same time', async () => {
  const box = await startBox({ maxBytesBefore: 4096 });
  await box.stopFollowing();
  const older = Array.from({ length: 2000 }, (_, index) => `older ${index}\n`).join('');
  writeFileSync(`${box.log}.1`, older);
  writeFileSync(`${box.log}.2.gz`, gzipSync(`oldest\n${older}`));
  box.write(500);
  const written = readFileSync(box.log, 'latin1');
  box.follow();
  await box.caughtUp();
  box.write(1);
  await box.caughtUp();
  await waitFor('older files are read', () => !box.state().isFilling);
  expect(box.kept.text()).toBe(`oldest\n${older}${older}${readFileSync(box.log, 'latin1')}`);
  const [, , first, rest] = box.kept.sources();
  expect(rest?.start).toBe(first?.offset);
  expect(written.length - (rest?.start ?? 0)).toBeLessThanOrEqual(4096);
  // The newest lines came first, and the files from the newest to the oldest.
  expect(box.kept.firstBatches()).toEqual([
    rest?.id,
    ...box.kept
      .sources()
      .slice(0, 3)
      .map(({ id }) => id)
      .toReversed(),
  ]);
});

test('when it is paused, nothing more is read from the channel', async () => {
  const box = await startBox();
  box.write(10);
  await box.caughtUp();
  const resume = box.pause();
  box.write(1);
  // One read was already waiting.
  await waitFor('no read runs', box.isHeld);
  const before = box.received();
  for (let round = 0; round < 5; round += 1) {
    box.write(2000);
    await delay(100);
  }
  expect(box.received()).toBe(before);
  resume();
  await box.caughtUp();
});

test('keeps NUL bytes, lines that are not UTF-8, and a line without end', async () => {
  const box = await startBox();
  const strange = Buffer.concat([
    Buffer.alloc(5000),
    Buffer.from([0xff, 0xfe, 0x0a, 0x0a]),
    Buffer.from('@0123 data\n\n@abc done\n'),
  ]);
  appendFileSync(box.log, strange);
  await waitFor('it is kept', () => box.kept.text() === strange.toString('latin1'));
  appendFileSync(box.log, 'no end');
  await delay(500);
  expect(box.kept.text()).toBe(strange.toString('latin1'));
  appendFileSync(box.log, ' yet\n');
  await shows(box, 'no end yet\n');
});

test('when an ordinary user may not read the log, the reason is the appliance’s own', async () => {
  const box = await startBox({
    shell: ['/usr/bin/setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '/bin/dash'],
  });
  chmodSync(box.folder, 0o755);
  const denied = `The log can’t be read: head: cannot open '${box.log}' for reading: Permission denied.`;
  chmodSync(box.log, 0o600);
  await waitFor('the problem shows', () => box.state().trouble === denied);
  chmodSync(box.log, 0o644);
  await waitFor('the problem is over', () => box.state().trouble === null);
  // Without the right to enter its folder, a file looks as if it were not there.
  chmodSync(box.folder, 0o600);
  await waitFor('the problem shows', () => box.state().trouble === denied);
  chmodSync(box.folder, 0o755);
  box.write(3);
  await box.caughtUp();
  expect(box.state().trouble).toBeNull();
});
