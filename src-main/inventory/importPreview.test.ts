import { expect, test } from 'vitest';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ImportCandidate } from '../../src-shared/model/appliance/importCandidate.ts';
import { importPreviewSchema } from '../../src-shared/model/appliance/importRow.ts';
import { anEntry } from '../../test-support/anEntry.ts';
import { previewImport } from './importPreview.ts';

const kiln: ApplianceEntry = {
  ...anEntry('kiln'),
  group: 'labs',
  tags: ['dmz'],
  locked: true,
  sudo: 'password',
};
const candidate = (changes: Partial<ImportCandidate> = {}): ImportCandidate => ({
  place: 'config, line 1',
  name: 'kiln',
  target: { host: 'kiln', port: 22, user: 'ubuntu', keyFile: null },
  jumps: [],
  fields: {},
  problems: [],
  ...changes,
});
const gate = { host: 'gate', port: 22, user: 'ops', keyFile: null };

function rowsOf(candidates: ImportCandidate[], entries: ApplianceEntry[] = [kiln]) {
  const preview = previewImport({ candidates, problems: [] }, entries);
  importPreviewSchema.parse(preview);
  return preview.rows;
}

test('when the inventory has no such entry, the row is new and complete', () => {
  const [row] = rowsOf([candidate({ target: { ...gate, keyFile: '/k' }, fields: { tags: ['x'] } })], []);
  expect(row).toMatchObject({
    state: 'new',
    existing: null,
    appliance: {
      name: 'kiln',
      target: { host: 'gate', user: 'ops', authentication: { agent: false, keyFile: '/k' } },
      sudo: 'nopasswd',
      tags: ['x'],
      colour: 'none',
    },
  });
});

test('when nothing differs, the row is the same and keeps the other fields', () => {
  const { id, createdAt: _, locked: __, ...appliance } = kiln;
  expect(rowsOf([candidate()])).toEqual([
    {
      place: 'config, line 1',
      name: 'kiln',
      state: 'same',
      existing: { id, name: 'kiln' },
      changes: [],
      appliance,
      problems: [],
    },
  ]);
});

test('when the file differs, the row lists the fields and keeps the others', () => {
  const fields = { group: '', tags: ['new'] };
  const target = { host: 'kiln', port: 2222, user: 'ubuntu', keyFile: '/k' };
  const [row] = rowsOf([candidate({ fields, target, jumps: [gate] })]);
  expect(row).toMatchObject({
    state: 'changed',
    changes: ['target', 'jumps', 'group', 'tags'],
    appliance: { sudo: 'password', group: '', tags: ['new'], target: { port: 2222 } },
  });
});

test('when the result of an import is imported again, the row is the same', () => {
  const given = candidate({
    name: 'mill',
    target: { ...gate, keyFile: '/k' },
    jumps: [{ ...gate, host: 'door' }],
  });
  const [first] = rowsOf([given]);
  if (first?.appliance == null) throw new Error('not importable');
  const entry = { ...first.appliance, id: crypto.randomUUID(), createdAt: kiln.createdAt, locked: false };
  expect(rowsOf([given], [kiln, entry])).toMatchObject([{ state: 'same', existing: { name: 'mill' } }]);
});

test('when an entry has the address under another name, uses this entry and keeps its name', () => {
  expect(rowsOf([candidate({ name: 'oven' })])).toMatchObject([
    { name: 'oven', state: 'same', existing: { name: 'kiln' }, appliance: { name: 'kiln' } },
  ]);
});

test.each<[string, ImportCandidate[], string]>([
  ['a name that can’t be one', [candidate({ name: 'a b', target: gate })], 'name: use 1 to 63 characters'],
  [
    'a host like an option',
    [candidate({ target: { ...gate, host: '-oProxyCommand=x' } })],
    'target.host: not a valid host',
  ],
  ['a problem of its own', [candidate({ problems: ['Port is no number'] })], 'Port is no number'],
  ['no target', [candidate({ target: null, problems: ['no address'] })], 'no address'],
  [
    'a device as its key',
    [candidate({ target: { ...gate, keyFile: '/dev/x' } })],
    'target.authentication.keyFile',
  ],
])('when a row has %s, it is invalid', (_, candidates, problem) => {
  expect(rowsOf(candidates)).toMatchObject([
    { state: 'invalid', appliance: null, problems: [expect.stringContaining(problem)] },
  ]);
});

test('when two rows are the same appliance, the second is invalid', () => {
  const rows = rowsOf(
    [candidate({ target: gate }), candidate({ name: 'other', target: gate, place: 'line 9' })],
    [],
  );
  expect(rows.map(({ state, problems }) => [state, problems])).toEqual([
    ['new', []],
    ['invalid', ['config, line 1 has the same name or address']],
  ]);
});

test('when a row would move an entry to another entry’s address, it is invalid', () => {
  const mill = { ...anEntry('mill'), id: crypto.randomUUID() };
  expect(
    rowsOf([candidate({ target: { host: 'mill', port: 22, user: 'ubuntu', keyFile: null } })], [kiln, mill]),
  ).toMatchObject([{ state: 'invalid', problems: ['mill already has this address'] }]);
});

test('when three rows have the same name or address, both later ones name the first', () => {
  const rows = rowsOf(
    [
      candidate({ target: gate, place: 'line 1' }),
      candidate({ target: { ...gate, host: 'GATE.' }, name: 'other', place: 'line 2' }),
      candidate({ target: { ...gate, host: 'far' }, place: 'line 3' }),
    ],
    [],
  );
  expect(rows.map(({ problems }) => problems)).toEqual([
    [],
    ['line 1 has the same name or address'],
    ['line 1 has the same name or address'],
  ]);
});

const bastion = {
  host: 'bastion',
  port: 22,
  user: 'ops',
  authentication: { agent: false, keyFile: '/bastion', password: true, keyboardInteractive: false },
};
const agentLogin = { agent: true, keyFile: null, password: false, keyboardInteractive: false };
const hop = (host: string, changes: Partial<typeof gate> = {}) => ({ ...gate, host, ...changes });

test.each([
  ['before it', [hop('gate'), hop('bastion')], [agentLogin, bastion.authentication]],
  ['after it', [hop('bastion'), hop('gate')], [bastion.authentication, agentLogin]],
  ['instead of it', [hop('gate')], [agentLogin]],
  ['with another user', [hop('bastion', { user: 'root' })], [agentLogin]],
  ['with another port', [hop('bastion', { port: 2222 })], [agentLogin]],
  ['in capitals', [hop('BASTION')], [bastion.authentication]],
])('when a file has a jump host %s, only the same one keeps its login', (_, jumps, logins) => {
  const [row] = rowsOf([candidate({ jumps })], [{ ...kiln, jumps: [bastion] }]);
  expect(row?.appliance?.jumps.map(({ authentication }) => authentication)).toEqual(logins);
});
