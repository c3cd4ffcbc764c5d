import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKeptFolder } from '../../../test-support/keptFolder.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

/** The last file stays plain, older ones are compressed. */
const renames = ['create', 'compress', 'delaycompress'];

type Folder = Awaited<ReturnType<typeof createKeptFolder>>;

async function openFolder(options?: Parameters<typeof createKeptFolder>[0]): Promise<Folder> {
  const folder = await createKeptFolder(options);
  onTestFinished(folder.stop);
  return folder;
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const shows = (folder: Folder, count: number) =>
  waitFor(`${count} lines show`, () => folder.numbers().length >= count);

test('when rotations of all kinds, cuts and restarts happen, each of 50,000 lines is kept and shown once', async () => {
  const folder = await openFolder();
  const share = 5000;
  const shown: number[] = [];
  const restart = async () => {
    shown.push(...folder.numbers());
    await folder.close();
    folder.open(share);
  };
  folder.write(share);
  folder.open(share);
  await shows(folder, share);
  folder.write(share);
  await folder.rotate(...renames);
  folder.write(share);
  await shows(folder, 3 * share);

  folder.cut();
  folder.write(share);
  await folder.rotate(...renames);
  folder.write(share);
  await folder.rotate(...renames);
  folder.write(share);
  folder.reconnect();
  await shows(folder, 6 * share);

  await restart();
  folder.write(share);
  await waitFor('the restarted console shows the last line', () => folder.numbers().at(-1) === 7 * share - 1);

  folder.cut();
  folder.write(share);
  await folder.rotate(...renames, 'copytruncate');
  folder.write(share);
  await folder.rotate(...renames, 'copytruncate');
  folder.write(share);
  folder.reconnect();
  await waitFor('the last line shows', () => folder.numbers().at(-1) === 10 * share - 1);

  shown.push(...folder.numbers());
  expect(folder.written()).toBe(50_000);
  expect(folder.gaps()).toEqual([]);
  expect(await folder.keptNumbers()).toEqual(range(0, 50_000));
  // The restarted console first shows lines that are kept.
  expect([...new Set(shown)]).toEqual(range(0, 50_000));
  expect(folder.numbers()).toEqual(range(folder.numbers()[0] ?? 0, 50_000));
});

test('when a console starts again, it shows kept lines, what was written since, and then new ones', async () => {
  const folder = await openFolder();
  folder.write(100);
  folder.open();
  await shows(folder, 100);
  await folder.close();
  await folder.rotate(...renames);
  folder.write(50);
  folder.open(120);
  await waitFor('the lines show', () => folder.numbers().at(-1) === 149);
  expect(folder.numbers()).toEqual(range(30, 150));
  folder.write(5);
  await waitFor('new lines show', () => folder.numbers().at(-1) === 154);
  expect(folder.numbers()).toEqual(range(30, 155));
  expect(folder.gaps()).toEqual([]);
});

test('when the link is down, shows what is kept, and then each new line once', async () => {
  const folder = await openFolder();
  folder.write(20);
  folder.open();
  await shows(folder, 20);
  await folder.close();
  folder.cut();
  folder.write(20);
  folder.open();
  await shows(folder, 20);
  expect(folder.numbers()).toEqual(range(0, 20));
  folder.reconnect();
  await shows(folder, 40);
  expect(folder.numbers()).toEqual(range(0, 40));
});

test('when a file was deleted before it was read, shows a gap with its bounds in its place, also later', async () => {
  const folder = await openFolder();
  folder.write(10);
  folder.open();
  await shows(folder, 10);
  folder.cut();
  folder.write(10);
  await folder.rotate(...renames);
  for (const name of readdirSync(folder.folder).filter((each) => each.startsWith('syslog.')))
    rmSync(join(folder.folder, name));
  folder.write(10);
  folder.reconnect();
  await shows(folder, 20);
  const rows = () => folder.shown().map(({ kind, message }) => (kind === 'gap' ? 'gap' : message));
  const expected = [
    ...range(0, 10).map((number) => `number ${number} of the test`),
    'gap',
    ...range(20, 30).map((number) => `number ${number} of the test`),
  ];
  expect(rows()).toEqual(expected);
  expect(folder.gaps()).toEqual([
    expect.stringMatching(
      /^Lines may be missing here: the file was deleted before it was read, from byte \d{3}\. Nothing was read from \S+Z to \S+Z\.$/u,
    ),
  ]);
  await folder.close();
  folder.open();
  await shows(folder, 20);
  expect(rows()).toEqual(expected);
});

test('when a file that was gone comes back, its lines show and its gap disappears, also from the store', async () => {
  const folder = await openFolder();
  folder.write(10);
  folder.open();
  await shows(folder, 10);
  folder.cut();
  folder.write(10);
  await folder.rotate('create');
  renameSync(join(folder.folder, 'syslog.1'), join(folder.folder, 'away'));
  folder.write(10);
  folder.reconnect();
  await shows(folder, 20);
  expect(folder.gaps()).toHaveLength(1);
  renameSync(join(folder.folder, 'away'), join(folder.folder, 'syslog.1'));
  await shows(folder, 30);
  await waitFor('the gap is gone', () => folder.gaps().length === 0);
  expect(folder.numbers().toSorted((a, b) => a - b)).toEqual(range(0, 30));
  expect(await folder.keptNumbers()).toEqual(range(0, 30));
  await folder.close();
  folder.open();
  await shows(folder, 30);
  expect(folder.numbers()).toEqual(range(0, 30));
  expect(folder.gaps()).toEqual([]);
});

test('when another console keeps the logs, shows them all the same, and says that it keeps none', async () => {
  const folder = await openFolder();
  folder.write(10);
  folder.open();
  await shows(folder, 10);
  folder.open();
  await shows(folder, 10);
  folder.write(10);
  await shows(folder, 20);
  await waitFor('it says why', () => folder.gaps().length > 0);
  expect(folder.numbers()).toEqual(range(0, 20));
  expect(folder.gaps()).toEqual([
    'New lines are shown, but not kept: Another program keeps the logs of this data folder.',
  ]);
});

test('when the appliance can’t run the script, follows the log by tail', async () => {
  const folder = await openFolder({ hasScript: false });
  folder.write(10);
  folder.open();
  await shows(folder, 10);
  folder.write(10);
  await shows(folder, 20);
  expect(folder.numbers()).toEqual(range(0, 20));
  expect(folder.tail()?.trouble()).toBeNull();
});
