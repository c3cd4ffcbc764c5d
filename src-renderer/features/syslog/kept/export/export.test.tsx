import '../../../../../test-support/renderer/pageSetup.ts';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { LogExportPart, LogExportPreview } from '../../../../../src-shared/contract/logExport.ts';
import { keptLine } from '../../../../../test-support/renderer/keptLines.ts';
import { openSearch } from '../../../../../test-support/renderer/keptPage.tsx';
import { applianceId } from '../../../../../test-support/renderer/samples.ts';

const lines = [keptLine(0, 'from 10.4.0.7'), keptLine(1, 'took 1 ms')];
const redaction = [{ kind: 'addresses' as const, count: 2, distinct: 1, next: 2 }];
const summary = {
  lines: 2,
  from: '2026-11-20T03:00:00.000Z',
  to: '2026-11-20T03:00:01.000Z',
  redaction,
  gapCount: 0,
  gaps: [],
};

async function* send<Value>(...values: Value[]): AsyncGenerator<Value> {
  yield* await Promise.resolve(values);
}
const preview: LogExportPreview = { lines: ['from <ip-1> and <ip-1>'], summary, isDone: true };
const parts: LogExportPart[] = [
  { kind: 'progress', lines: 1 },
  { kind: 'part', base64: btoa('ab'), sent: 2, bytes: 3 },
  { kind: 'part', base64: btoa('c'), sent: 3, bytes: 3 },
  {
    kind: 'done',
    name: 'sallyport-logs.tar.gz',
    files: [{ name: 'lines.jsonl', bytes: 9, sha256: 'a' }],
    summary,
  },
];

async function* endless(): AsyncGenerator<LogExportPart> {
  yield { kind: 'progress', lines: 1200 };
  await new Promise(() => undefined);
}

async function openExport(handlers: Parameters<typeof openSearch>[3] = {}) {
  const user = userEvent.setup();
  const page = openSearch('&find=from', lines, {}, handlers);
  await user.click(await screen.findByRole('button', { name: 'Export…' }));
  return { ...page, user, dialog: within(await screen.findByRole('dialog')) };
}

test('when an export is previewed, shows the hidden values and their report, until the request changes', async () => {
  const { user, dialog, inputs } = await openExport({ 'logExport.preview': () => send(preview) });
  await user.click(dialog.getByLabelText('IP addresses'));
  await user.type(dialog.getByLabelText('Further user names, between commas'), 'ada, bob');
  await user.click(dialog.getByRole('button', { name: 'Preview' }));
  const shown = within(await dialog.findByTestId('export-preview'));
  expect(shown.getAllByText('<ip-1>', { selector: 'mark' })).toHaveLength(2);
  expect(shown.getByText('2 times hidden, 1 value')).toBeDefined();
  expect(inputs('logExport.preview')).toMatchObject([
    {
      search: { query: { kind: 'text', text: 'from' }, applianceIds: [applianceId] },
      redaction: {
        kinds: ['privateKeys', 'tokens', 'addresses', 'users'],
        custom: [],
        users: ['ada', 'bob'],
      },
    },
  ]);
  await user.click(dialog.getByLabelText('All kept lines of the chosen appliances'));
  expect(dialog.queryByTestId('export-preview')).toBeNull();
});

test('when lines are exported, the archive is saved as one file, and its content is listed', async () => {
  const saved: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((content) => {
    if (content instanceof Blob) saved.push(content);
    return 'blob:x';
  });
  const { user, dialog, inputs } = await openExport({ 'logExport.write': () => send(...parts) });
  await user.click(dialog.getByLabelText('All kept lines of the chosen appliances'));
  await user.selectOptions(dialog.getByLabelText('Format'), 'jsonl');
  await user.click(dialog.getByRole('button', { name: 'Export' }));
  expect(await dialog.findByText('Saved as sallyport-logs.tar.gz')).toBeDefined();
  expect(saved.map(({ size }) => size)).toEqual([3]);
  expect(inputs('logExport.write')).toMatchObject([
    { search: { query: { kind: 'all' } }, format: 'jsonl', redaction: { kinds: ['privateKeys', 'tokens'] } },
  ]);
});

test('when an export takes long, it says how far it is, and can be cancelled', async () => {
  const { user, dialog } = await openExport({ 'logExport.write': endless });
  await user.click(dialog.getByRole('button', { name: 'Export' }));
  expect(await dialog.findByText('Reading, 1,200 lines so far…')).toBeDefined();
  await user.click(dialog.getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(dialog.queryByText(/lines so far/u)).toBeNull());
});

test('when lines of the range are missing, the preview says where and why', async () => {
  const gap = {
    appliance: 'kiln-01',
    reason: 'deleted' as const,
    text: '',
    file: null,
    fromByte: 1000,
    toByte: 2500,
    since: '2026-11-20T02:00:00.000Z',
    until: '2026-11-20T03:00:00.000Z',
  };
  const missing = { ...preview, summary: { ...summary, gapCount: 21, gaps: [gap] } };
  const { user, dialog } = await openExport({ 'logExport.preview': () => send(missing) });
  await user.click(dialog.getByRole('button', { name: 'Preview' }));
  const gaps = within(await dialog.findByTestId('export-gaps'));
  expect(gaps.getByText('Lines are missing: this range has 21 gaps.')).toBeDefined();
  expect(gaps.getByRole('listitem').textContent).toMatch(/^kiln-01, .*1,500 bytes\. The file was deleted/u);
  expect(gaps.getByText('The manifest lists all of them.')).toBeDefined();
  expect(dialog.queryByText('None in this range.')).toBeNull();
});

test('when no line of the range is missing, the preview says so', async () => {
  const { user, dialog } = await openExport({ 'logExport.preview': () => send(preview) });
  await user.click(dialog.getByRole('button', { name: 'Preview' }));
  expect(await dialog.findByText('None in this range.')).toBeDefined();
  expect(dialog.queryByTestId('export-gaps')).toBeNull();
});
