import { afterEach, expect, test } from 'vitest';
import { createConsoleClient } from '../../../rpc/client.tsx';
import { createFakeConsole, throwAppError } from '../../../../test-support/renderer/fakeConsole.ts';
import { keptLine, linesInput, streamKeptLines } from '../../../../test-support/renderer/keptLines.ts';
import { applianceId } from '../../../../test-support/renderer/samples.ts';
import type { KeptSearch } from '../../../../src-shared/contract/logs.ts';
import type { KeptLine } from '../../../../src-shared/model/syslog/keptLine.ts';
import { pageSize } from './lineReader.ts';
import { createLineWindow } from './lineWindow.ts';
import { maxLines } from './windowState.ts';

let close = (): void => undefined;
afterEach(() => close());

const all: KeptSearch = { query: { kind: 'all' }, applianceIds: [applianceId], from: null, to: null };
const numbered = (count: number): KeptLine[] =>
  Array.from({ length: count }, (_, at) => keptLine(at, `line ${at}`));

function openWindow(lines: KeptLine[], onLines: () => void = () => undefined) {
  const { connection } = createFakeConsole({
    'logs.lines': (input) => {
      onLines();
      return streamKeptLines(lines, linesInput(input));
    },
  });
  const window = createLineWindow({ client: createConsoleClient(connection.link).client });
  connection.start();
  close = () => {
    window.close();
    connection.stop();
  };
  const numbers = () => window.snapshot().lines.map(({ kept }) => kept.key.line);
  const settled = async (): Promise<void> => {
    do await new Promise((resolve) => setTimeout(resolve, 5));
    while (window.snapshot().isLoading);
  };
  return { window, numbers, settled };
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

test('a search shows its newest lines, and older ones as they are needed', async () => {
  const { window, numbers, settled } = openWindow(numbered(1200));
  await window.setSearch(all, null);
  expect(numbers()).toEqual(range(700, 1200));
  expect(window.snapshot()).toMatchObject({ hasOlder: true, hasNewer: false, isFollowing: true });
  window.loadOlder();
  await settled();
  window.loadOlder();
  await settled();
  expect(numbers()).toEqual(range(0, 1200));
  expect(window.snapshot().hasOlder).toBe(false);
});

test('when many pages were walked through, the far end is let go and can be loaded again', async () => {
  const { window, numbers, settled } = openWindow(numbered(maxLines + 2 * pageSize));
  await window.setSearch(all, null);
  while (window.snapshot().hasOlder) {
    window.loadOlder();
    await settled();
  }
  expect(numbers()).toEqual(range(0, maxLines));
  expect(window.snapshot().hasNewer).toBe(true);
  window.loadNewer();
  await settled();
  expect(numbers()).toEqual(range(pageSize, maxLines + pageSize));
});

test('when the search changes, the place stays: the lines around it are shown', async () => {
  const lines = numbered(2000);
  const { window, numbers } = openWindow(lines);
  const anchor = keptLine(1000, '').key;
  await window.setSearch(
    { ...all, query: { kind: 'not', node: { kind: 'text', text: 'line 1000' } } },
    anchor,
  );
  expect(window.snapshot()).toMatchObject({ isFollowing: false, hasOlder: true, hasNewer: true });
  expect(numbers()).toEqual([...range(750, 1000), ...range(1001, 1251)]);
});

test('new lines are added while following, and counted while paused', async () => {
  const lines = numbered(3);
  const { window, numbers, settled } = openWindow(lines);
  await window.setSearch(all, null);
  lines.push(keptLine(3, 'line 3'));
  window.noteChange();
  await settled();
  expect(numbers()).toEqual([0, 1, 2, 3]);
  window.pause();
  lines.push(keptLine(4, 'line 4'), keptLine(5, 'line 5'));
  window.noteChange();
  await settled();
  expect(window.snapshot()).toMatchObject({ isFollowing: false, unseen: 2 });
  expect(numbers()).toEqual([0, 1, 2, 3]);
  window.follow();
  await settled();
  expect(window.snapshot()).toMatchObject({ isFollowing: true, unseen: 0 });
  expect(numbers()).toEqual([0, 1, 2, 3, 4, 5]);
});

test('when a search is replaced, nothing of the one before is shown any more', async () => {
  const { window, numbers } = openWindow(numbered(20));
  const first = window.setSearch(all, null);
  await window.setSearch({ ...all, query: { kind: 'text', text: 'line 7' } }, null);
  await first;
  expect(numbers()).toEqual([7]);
});

test('when a search fails, the error is shown, and trying again shows the lines', async () => {
  let canRead = false;
  const { window, numbers, settled } = openWindow(numbered(3), () => {
    if (!canRead) throwAppError('STORE_FAILED', 'The process ended.');
  });
  await window.setSearch(all, null);
  expect(window.snapshot().error?.code).toBe('STORE_FAILED');
  canRead = true;
  window.retry();
  await settled();
  expect(window.snapshot().error).toBeNull();
  expect(numbers()).toEqual([0, 1, 2]);
});
