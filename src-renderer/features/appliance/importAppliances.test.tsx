import '../../../test-support/renderer/pageSetup.ts';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { ImportRow } from '../../../src-shared/model/appliance/importRow.ts';
import { throwAppError } from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId } from '../../../test-support/renderer/samples.ts';
import { renderChanges } from '../tenants/changes/testing.tsx';
import { ImportAppliances } from './components/ImportAppliances.tsx';
import { readForm, emptyForm } from './formModel.ts';

function inputOf(name: string, address: string) {
  const read = readForm({ ...emptyForm, name, address });
  if ('errors' in read) throw new Error(JSON.stringify(read.errors));
  return read.input;
}

const rowBase: Pick<ImportRow, 'changes' | 'existing' | 'problems'> = {
  changes: [],
  existing: null,
  problems: [],
};
const rows: ImportRow[] = [
  {
    ...rowBase,
    place: 'config:1',
    name: 'quay-01',
    state: 'new',
    appliance: inputOf('quay-01', 'ops@10.0.0.2'),
  },
  {
    ...rowBase,
    place: 'config:5',
    name: 'kiln-01',
    state: 'changed',
    existing: { id: applianceId, name: 'kiln-01' },
    changes: ['target'],
    appliance: inputOf('kiln-01', 'ubuntu@kiln-01.lan:2022'),
  },
  {
    ...rowBase,
    place: 'config:9',
    name: '*.lab',
    state: 'invalid',
    appliance: null,
    problems: ['it is a pattern, not a host'],
  },
];

const inputsOf = (calls: readonly { procedure: string; input: unknown }[], name: string) =>
  calls.flatMap(({ procedure, input }) => (procedure === name ? [input] : []));

const row = async (name: string) => within(await screen.findByRole('row', { name }));

function openImport(answers: Parameters<typeof renderChanges>[1] = {}) {
  const onDone = vi.fn<() => void>();
  const { calls } = renderChanges(<ImportAppliances onDone={onDone} />, {
    'appliances.importPreview': () => ({ rows, problems: ['config:12: Match is not read'] }),
    ...answers,
  });
  return { calls, onDone };
}

test('when ~/.ssh/config is imported, the chosen rows are sent and each has its result', async () => {
  const user = userEvent.setup();
  const { calls, onDone } = openImport({
    'appliances.import': () => ({
      results: [
        { name: 'quay-01', error: null },
        {
          name: 'kiln-01',
          error: { code: 'ADDRESS_TAKEN', message: 'It is taken.', retryable: false, detail: {} },
        },
      ],
    }),
  });
  expect((await row('quay-01')).getByText('new')).toBeDefined();
  const changed = await row('kiln-01');
  expect(await changed.findByText('ubuntu@kiln-01.lan (SSH agent)')).toBeDefined();
  expect(changed.getByText('ubuntu@kiln-01.lan:2022 (SSH agent)')).toBeDefined();
  const unusable = await row('*.lab');
  expect(unusable.getByText('it is a pattern, not a host')).toBeDefined();
  expect(unusable.queryByRole('checkbox')).toBeNull();
  expect(screen.getByText('config:12: Match is not read')).toBeDefined();
  expect(inputsOf(calls, 'appliances.importPreview')).toEqual([
    { source: { kind: 'ssh-config', text: null } },
  ]);

  await user.click(screen.getByRole('button', { name: 'Import 2' }));
  expect(await (await row('quay-01')).findByText('✓ imported')).toBeDefined();
  expect((await row('kiln-01')).getByText('✕ ADDRESS_TAKEN: It is taken.')).toBeDefined();
  expect(screen.getByText(/1 imported, 1 failed/u)).toBeDefined();
  expect(inputsOf(calls, 'appliances.import')).toMatchObject([
    { rows: [{ id: null }, { id: applianceId, changes: ['target'] }] },
  ]);
  await user.click(screen.getByRole('button', { name: 'Close' }));
  expect(onDone).toHaveBeenCalledOnce();
});

test('when rows are left out, only the others are imported', async () => {
  const user = userEvent.setup();
  const { calls } = openImport({
    'appliances.import': () => ({ results: [{ name: 'quay-01', error: null }] }),
  });
  await user.click(await screen.findByLabelText('Import kiln-01'));
  await user.click(screen.getByRole('button', { name: 'Import 1' }));
  await waitFor(() => expect(inputsOf(calls, 'appliances.import')).toHaveLength(1));
  expect(inputsOf(calls, 'appliances.import')).toMatchObject([
    { rows: [{ appliance: { name: 'quay-01' } }] },
  ]);
});

test('when no row is chosen, the button says why it is off', async () => {
  const user = userEvent.setup();
  openImport();
  await user.click(await screen.findByLabelText('Import all'));
  const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Import 0' });
  expect(button.disabled).toBe(true);
  expect(button.title).toBe('Select at least one new or changed appliance');
});

test('when the file can’t be read, its error is shown and a CSV can be pasted', async () => {
  const user = userEvent.setup();
  const { calls } = openImport({
    'appliances.importPreview': (input) =>
      JSON.stringify(input).includes('csv')
        ? { rows: rows.slice(0, 1), problems: [] }
        : throwAppError('INVALID_INPUT', '~/.ssh/config can’t be read.'),
  });
  expect((await screen.findByRole('alert')).textContent).toContain('INVALID_INPUT');
  await user.click(screen.getByRole('button', { name: 'CSV' }));
  await user.click(screen.getByLabelText('CSV'));
  await user.paste('name,address\nquay-01,ops@10.0.0.2\n');
  expect(await screen.findByRole('row', { name: 'quay-01' })).toBeDefined();
  expect(inputsOf(calls, 'appliances.importPreview').at(-1)).toEqual({
    source: { kind: 'csv', text: 'name,address\nquay-01,ops@10.0.0.2\n' },
  });
});

test('when the filter shows only new rows, the others stay chosen', async () => {
  const user = userEvent.setup();
  openImport();
  await user.click(await screen.findByRole('button', { name: 'new 1' }));
  expect(screen.queryByRole('row', { name: 'kiln-01' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Import 2' })).toBeDefined();
});

test('when an import is repeated, it is compared with the fleet again', async () => {
  const user = userEvent.setup();
  const { calls } = openImport();
  await screen.findByRole('row', { name: 'quay-01' });
  await user.click(screen.getByRole('button', { name: 'Read again' }));
  await waitFor(() => expect(inputsOf(calls, 'appliances.importPreview')).toHaveLength(2));
});

/** `Host quay-01 quay-02` is one line of a file, and two appliances. */
const [first, ...others] = rows;
const twins =
  first === undefined
    ? []
    : [first, { ...first, name: 'quay-02', appliance: inputOf('quay-02', 'ops@10.0.0.3') }];

test('when two rows come from one line of the file, each is chosen by its own checkbox', async () => {
  const user = userEvent.setup();
  const { calls } = openImport({
    'appliances.importPreview': () => ({ rows: [...twins, ...others], problems: [] }),
    'appliances.import': () => ({
      results: [
        {
          name: 'quay-02',
          error: { code: 'ADDRESS_TAKEN', message: 'It is taken.', retryable: false, detail: {} },
        },
        { name: 'kiln-01', error: null },
      ],
    }),
  });
  await user.click((await row('quay-01')).getByRole('checkbox'));
  const second = await row('quay-02');
  expect(second.getByRole<HTMLInputElement>('checkbox').checked).toBe(true);
  await user.click(screen.getByRole('button', { name: 'Import 2' }));
  expect(await second.findByText(/ADDRESS_TAKEN/u)).toBeDefined();
  expect((await row('quay-01')).queryByText(/ADDRESS_TAKEN/u)).toBeNull();
  expect(inputsOf(calls, 'appliances.import')).toMatchObject([
    { rows: [{ appliance: { name: 'quay-02' } }, { id: applianceId }] },
  ]);
});

test('when a filter is set, rows from one line of the file stay apart', async () => {
  const user = userEvent.setup();
  openImport({ 'appliances.importPreview': () => ({ rows: [...twins, ...others], problems: [] }) });
  await user.click(await screen.findByRole('button', { name: 'new 2' }));
  await user.click(screen.getByRole('checkbox', { name: 'Import all' }));
  await user.click((await row('quay-02')).getByRole('checkbox'));
  expect((await row('quay-01')).getByRole<HTMLInputElement>('checkbox').checked).toBe(false);
  expect(screen.getByRole('button', { name: 'Import 2' })).toBeDefined();
});

test('when a row lets an address have a secret of the vault, the preview says so', async () => {
  const [quay, kiln] = rows;
  if (quay?.appliance == null || kiln === undefined) throw new Error('no rows');
  const { target } = quay.appliance;
  const authentication = { ...target.authentication, credential: 'ops' };
  const named: ImportRow = {
    ...quay,
    appliance: { ...quay.appliance, target: { ...target, authentication } },
  };
  openImport({ 'appliances.importPreview': () => ({ rows: [named, kiln], problems: [] }) });
  expect((await row('quay-01')).getByText('Signs in with the credential ops')).toBeDefined();
  expect((await row('kiln-01')).queryByText(/credential/u)).toBeNull();
});
