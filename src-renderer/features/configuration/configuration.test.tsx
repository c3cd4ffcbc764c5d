import '../../../test-support/renderer/pageSetup.ts';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { ConfigurationChanged } from '../../../src-shared/contract/configuration.ts';
import type {
  ConfigurationOutput,
  ConfigurationShow,
} from '../../../src-shared/model/configuration/configurationCommands.ts';
import { findCodeEditor } from '../../../test-support/renderer/codeEditor.ts';
import { createFakeConsole, sampleAbout, throwAppError } from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId, observedAt, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { App } from '../../app/App.tsx';
import { useDrafts } from './draft.ts';

const mask = '••••••••';
const digest = 'a'.repeat(64);
const otherDigest = 'b'.repeat(64);
const present = `# The appliance of the north office.
hostname: box.example
db:
  password: "${mask}"
  port: 5432
`;
const old = present.replace('5432', '5431');

const version = (number: number, change: Partial<ConfigurationShow['versions'][number]> = {}) => ({
  number,
  keptAt: observedAt,
  origin: 'file' as const,
  revision: number,
  digest: `${number}`.padStart(64, '0'),
  isInstalled: false,
  ...change,
});

function shown(change: Partial<ConfigurationShow> = {}): ConfigurationShow {
  return {
    contract: 1,
    path: '/data/kloudless.yml',
    text: present,
    digest,
    revision: 3,
    drift: null,
    secrets: [{ path: 'db.password', mark: '0'.repeat(16), setAt: null }],
    versions: [version(3, { isInstalled: true, digest }), version(2, { origin: 'rollback' })],
    ...change,
  };
}

const drift = {
  changedAt: observedAt,
  changes: [{ path: 'hostname', kind: 'changed' as const, before: 'a.example', after: 'box.example' }],
};

function output(change: Partial<ConfigurationOutput> = {}): ConfigurationOutput {
  return {
    contract: 1,
    outcome: 'applied',
    problems: [],
    changes: [],
    digest: otherDigest,
    revision: 3,
    licence: null,
    ...change,
  };
}

const versionSchema = z.object({ version: z.number().nullable() });

function open(
  answers: Parameters<typeof createFakeConsole>[0] = {},
  hash = '#/appliance/kiln-01/configuration',
) {
  location.hash = hash;
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'configuration.show': (input) => ({
      shown: versionSchema.parse(input).version === null ? shown() : shown({ text: old }),
      readAt: observedAt,
    }),
    ...answers,
  });
  const view = render(<App connection={fake.connection} />);
  fake.connection.start();
  return { ...fake, unmount: view.unmount, user: userEvent.setup() };
}

const area = () => findCodeEditor('Configuration of kiln-01');

async function edit(user: ReturnType<typeof userEvent.setup>, text: string): Promise<void> {
  await area();
  await user.click(screen.getByRole('button', { name: 'Edit' }));
  (await area()).change(text);
}

const plan = () => within(screen.getByRole('region', { name: 'Apply to kiln-01' }));
const changes = () => within(screen.getByRole('region', { name: 'Changes' }));
const findings = () => within(screen.getByRole('list', { name: 'Findings in the draft' }));
const showKeys = (user: ReturnType<typeof userEvent.setup>) =>
  user.click(changes().getByRole('button', { name: 'Keys' }));

async function applyDraft(user: ReturnType<typeof userEvent.setup>): Promise<void> {
  await edit(user, present.replace('5432', '5433'));
  await user.type(plan().getByLabelText(/^Reason or ticket/u), 'OPS-1');
  await user.click(plan().getByRole('button', { name: 'Apply' }));
}

const draft = present.replace('5432', '5433');

beforeEach(() => useDrafts.setState({}, true));

test('when the page opens, the text is read-only with hidden secrets, and the versions say their origin', async () => {
  open({ 'configuration.show': () => ({ shown: shown({ drift }), readAt: observedAt }) });
  const field = await area();
  expect([field.isReadOnly(), field.text()]).toEqual([true, present]);
  expect(screen.getByText('drift: 1 key changed on the appliance')).toBeDefined();
  const rows = within(screen.getByRole('region', { name: 'Versions' })).getAllByRole('listitem');
  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringContaining('Changed on the appliance'),
    expect.stringMatching(/^3Applied installedrevision 3/u),
    expect.stringMatching(/^2Rolled back revision 2/u),
  ]);
});

test('when a value is wrong, its line is marked and Apply says what to fix', async () => {
  const { user, calls } = open();
  await edit(user, present.replace('5432', '70000'));
  const errors = within(await screen.findByRole('list', { name: 'Findings in the draft' }));
  expect(errors.getByText('db.port')).toBeDefined();
  await user.click(errors.getByRole('button', { name: 'line 5' }));
  const field = await area();
  expect(field.selected()).toBe('70000');
  expect(plan().getByRole('button', { name: 'Apply: fix 1 error' })).toHaveProperty('disabled', true);
  expect(screen.getByRole('button', { name: 'Check on kiln-01' })).toHaveProperty('disabled', true);
  expect(calls.some(({ procedure }) => /check|apply/u.test(procedure))).toBe(false);
});

test('when the cursor is on a known key, its meaning shows, and that a mask keeps the secret', async () => {
  const { user } = open();
  await edit(user, present);
  const field = await area();
  field.moveTo(present.indexOf('password'));
  expect(screen.getByRole('status', { name: 'Key under the cursor' }).textContent).toBe(
    'db.password The password of the database. Hidden: keeps the present secret. Replace the mask to set another one.',
  );
});

test('when a mask has no secret behind it, the help does not say that it keeps one', async () => {
  const { user } = open();
  const text = `${present}smtp:\n  password: "${mask}"\n`;
  await edit(user, text);
  const field = await area();
  field.moveTo(text.length - 3);
  expect(screen.getByRole('status', { name: 'Key under the cursor' }).textContent).toBe(
    'smtp.password Unknown key. It is kept and not checked.',
  );
  expect(findings().getByText(/the appliance holds no secret there/u)).toBeDefined();
});

test('when a secret is replaced, it is listed as new and shown nowhere but in the editor', async () => {
  const { user } = open();
  await edit(user, draft.replace(mask, 'n3w-s3cret'));
  expect(changes().getByText(/\(another secret\)/u)).toBeDefined();
  await showKeys(user);
  const rows = changes().getAllByRole('row').slice(1);
  expect(rows.map((row) => row.textContent)).toEqual([
    `db.password~ changed${mask}new (hidden)Restore`,
    'db.port~ changed54325433Restore',
  ]);
  const field = await area();
  field.element.remove();
  expect(document.body.textContent).not.toContain('n3w-s3cret');
  expect(JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])).not.toContain(
    'n3w-s3cret',
  );
});

test('when the page is left and opened again, the draft is still there', async () => {
  const { user, unmount } = open();
  await edit(user, draft);
  unmount();
  open();
  expect((await area()).text()).toBe(draft);
});

test('when the draft is checked, the answer of the appliance counts for this text only', async () => {
  const { user, calls } = open({
    'configuration.check': () => ({
      output: output({ outcome: 'refused', problems: [{ path: 'db.port', message: 'is not reachable' }] }),
    }),
  });
  await edit(user, draft);
  await user.click(screen.getByRole('button', { name: 'Check on kiln-01' }));
  expect(await screen.findByText('Checked: kiln-01 would refuse this draft.')).toBeDefined();
  expect(findings().getByText('is not reachable.', { exact: false })).toBeDefined();
  expect(calls.find(({ procedure }) => procedure === 'configuration.check')?.input).toEqual({
    applianceId,
    text: draft,
    unchangedSince: digest,
  });
  (await area()).change(present.replace('5432', '5434'));
  expect(screen.queryByText(/^Checked/u)).toBeNull();
  expect(plan().getByRole('button').textContent).toBe('Apply: enter a reason');
});

test('when a draft is applied, the plan names the command, and the result is good only after the read-back', async () => {
  const { user, calls } = open({
    'configuration.apply': () => ({ output: output(), readBack: 'same' }),
  });
  await edit(user, draft);
  expect(plan().getByLabelText('Command').textContent).toBe(
    `ke_update_configuration --offline - --unchanged-since ${digest} --json`,
  );
  expect(plan().getByText('Roll back to version 3.')).toBeDefined();
  expect(plan().getByRole('button', { name: 'Apply: enter a reason' })).toHaveProperty('disabled', true);
  await user.type(plan().getByLabelText(/^Reason or ticket/u), 'OPS-1');
  await user.click(plan().getByRole('button', { name: 'Apply' }));
  expect((await plan().findByText('Applied')).dataset['tone']).toBe('ok');
  expect(calls.find(({ procedure }) => procedure === 'configuration.apply')?.input).toEqual({
    applianceId,
    text: draft,
    unchangedSince: digest,
    reason: 'OPS-1',
  });
  expect((await area()).isReadOnly()).toBe(true);
});

test('when the appliance keeps who changed it and why, the plan and the versions name both', async () => {
  const cause = { account: 'ubuntu via sudo', name: 'k.osei', reason: 'OPS-4419, redis \u202e host' };
  const versions = [
    version(3, { isInstalled: true, digest, cause }),
    version(2, { cause: { account: 'root', name: null, reason: null } }),
    version(1, { origin: 'found', cause: null }),
  ];
  const kept = shown({ versions, keepsCause: true });
  const { user } = open({ 'configuration.show': () => ({ shown: kept, readAt: observedAt }) });
  await area();
  const rows = within(screen.getByRole('region', { name: 'Versions' })).getAllByRole('listitem');
  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringMatching(/by k\.osei \(ubuntu via sudo\), reason: OPS-4419, redis [^\u202e]+ host/u),
    expect.stringContaining('by root, reason: none given'),
    expect.stringContaining('by whom and why is unknown'),
  ]);
  await edit(user, draft);
  const start = `ke_update_configuration --offline - --unchanged-since ${digest} --by m.ivers`;
  const command = () => plan().getByLabelText('Command').textContent;
  expect(command()).toBe(`${start} --reason REASON --json`);
  await user.type(plan().getByLabelText(/^Reason or ticket .+ on kiln-01/u), 'OPS-1 of k.osei');
  expect(command()).toBe(`${start} --reason 'OPS-1 of k.osei' --json`);
});

const results: [string, ConfigurationChanged, string, string][] = [
  ['it was rolled back', { output: output(), readBack: 'rolled-back' }, 'Rolled back', 'warn'],
  ['it is different', { output: output(), readBack: 'different' }, 'Different configuration', 'bad'],
  ['it can’t be read back', { output: output(), readBack: 'unknown' }, 'Result unknown', 'warn'],
  [
    'nothing was to change',
    { output: output({ outcome: 'unchanged' }), readBack: 'same' },
    'Nothing to change',
    'plain',
  ],
  ['it is refused', { output: output({ outcome: 'refused' }), readBack: 'same' }, 'Refused', 'bad'],
];
test.each(results)('when %s after applying, the result is not green', async (_what, answer, title, tone) => {
  const { user } = open({ 'configuration.apply': () => answer });
  await applyDraft(user);
  expect((await plan().findByText(title)).dataset['tone']).toBe(tone);
  const isKept = answer.output.outcome !== 'unchanged';
  expect((await area()).text()).toBe(isKept ? draft : present);
});

test('when the answer to a change is lost, the page says that the result is unknown', async () => {
  const { user } = open({ 'configuration.apply': () => throwAppError('LINK_LOST', 'The session ended.') });
  await applyDraft(user);
  expect(await plan().findByText(/^It is unknown which configuration kiln-01 has/u)).toBeDefined();
});

test('when the file changed since it was read, reading again keeps the draft and names the change', async () => {
  let current = shown();
  const { user, calls } = open({
    'configuration.show': () => ({ shown: current, readAt: observedAt }),
    'configuration.apply': () => throwAppError('CONFLICT', 'It changed.'),
  });
  await applyDraft(user);
  current = shown({ digest: otherDigest, text: present.replace('box.example', 'other.example') });
  expect(await plan().findByText(/changed after it was read/u)).toBeDefined();
  await user.click(plan().getByRole('button', { name: 'Read again' }));
  const notice = (await screen.findByText(/changed after this draft was begun/u)).textContent;
  expect(notice).toContain('hostname');
  expect((await area()).text()).toBe(draft);
  expect(plan().getByRole('button', { name: 'Apply: decide about the draft' })).toHaveProperty(
    'disabled',
    true,
  );
  await user.click(screen.getByRole('button', { name: 'Keep the draft' }));
  expect((await area()).text()).toBe(draft);
  await showKeys(user);
  expect(changes().getByRole('rowheader', { name: /hostname/u })).toBeDefined();
  await user.click(plan().getByRole('button', { name: 'Apply' }));
  await waitFor(() =>
    expect(calls.filter(({ procedure }) => procedure === 'configuration.apply').at(-1)?.input).toMatchObject({
      unchangedSince: otherDigest,
    }),
  );
});

test('when a kept version is compared, only its values that differ are listed', async () => {
  const { user } = open();
  await area();
  await showKeys(user);
  await user.click(screen.getByRole('button', { name: 'Compare version 2' }));
  expect(await changes().findByRole('rowheader', { name: /db\.port/u })).toBeDefined();
  expect(changes().getAllByRole('row')).toHaveLength(2);
  expect(changes().getByText(/^1 hidden secret kept/u)).toBeDefined();
});

test('when a version is chosen, the roll-back shows its command and changes and reports the read-back', async () => {
  const { user, calls } = open({
    'configuration.rollBack': () => ({ output: output(), readBack: 'same' }),
  });
  await area();
  expect(screen.queryByRole('button', { name: 'Roll back to 3…' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Roll back to 2…' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByLabelText('Command').textContent).toContain('rollback --to 2 --unchanged-since');
  expect(await dialog.findByRole('rowheader', { name: /db\.port/u })).toBeDefined();
  await user.type(dialog.getByLabelText(/^Reason or ticket/u), 'OPS-2');
  await user.click(dialog.getByRole('button', { name: 'Roll back' }));
  expect(await dialog.findByText('Rolled back')).toBeDefined();
  expect(dialog.getByText('Read back from kiln-01: it has version 2 again.')).toBeDefined();
  expect(calls.find(({ procedure }) => procedure === 'configuration.rollBack')?.input).toEqual({
    applianceId,
    number: 2,
    unchangedSince: digest,
    reason: 'OPS-2',
  });
});

test('when another change follows an applied draft, its result is no longer shown', async () => {
  const { user } = open({
    'configuration.apply': () => ({ output: output(), readBack: 'same' }),
    'configuration.rollBack': () => ({ output: output(), readBack: 'same' }),
  });
  await applyDraft(user);
  expect(await plan().findByText('Applied')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Roll back to 2…' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.queryByText(/Changed on the appliance|Applied/u)).toBeNull();
  await user.type(dialog.getByLabelText(/^Reason or ticket/u), 'OPS-2');
  await user.click(dialog.getByRole('button', { name: 'Roll back' }));
  expect(await dialog.findByText('Rolled back')).toBeDefined();
  await user.keyboard('{Escape}');
  expect(plan().queryByText('Applied')).toBeNull();
  expect(plan().getByText(/^No draft/u)).toBeDefined();
});

test('when the content was there before any command, its version does not say that somebody changed it', async () => {
  const versions = [
    version(3, { isInstalled: true, digest, revision: 0 }),
    version(2, { origin: 'found' }),
    version(1, { origin: 'found' }),
  ];
  open({ 'configuration.show': () => ({ shown: shown({ versions }), readAt: observedAt }) });
  await area();
  const rows = within(screen.getByRole('region', { name: 'Versions' })).getAllByRole('listitem');
  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringMatching(/^3Applied installedkept .+by whom and why is unknown/u),
    expect.stringContaining('Changed on the appliance'),
    expect.stringContaining('Before the first change'),
  ]);
  for (const page of ['Configuration', 'kiln-01'])
    expect(screen.getByRole('link', { name: new RegExp(`^${page}`, 'u'), current: 'page' })).toBeDefined();
});

test('when a file is dropped, it becomes the draft', async () => {
  open();
  fireEvent.drop((await area()).element, { dataTransfer: { files: [new File([draft], 'new.yml')] } });
  await waitFor(async () => expect((await area()).text()).toBe(draft));
  expect((await area()).isReadOnly()).toBe(false);
});

test.each([
  ['COMMAND_MISSING', 'The appliance’s kit is too old'],
  ['NOT_FOUND', 'No configuration file'],
] as const)('when reading fails with %s, the page says what to do', async (code, title) => {
  let isFixed = false;
  const { user } = open({
    'configuration.show': () =>
      isFixed ? { shown: shown(), readAt: observedAt } : throwAppError(code, 'No.'),
  });
  expect(await screen.findByText(title)).toBeDefined();
  isFixed = true;
  await user.click(screen.getByRole('button', { name: 'Read again' }));
  expect((await area()).text()).toBe(present);
});

test('when the operator is a viewer, the page offers no change', async () => {
  open({ 'system.about': () => sampleAbout({ role: 'viewer' }) });
  await area();
  for (const name of [/^Edit$/u, /^Check on/u, /^Roll back/u])
    expect(screen.queryByRole('button', { name })).toBeNull();
});

test('when no appliance is named, the page lists them and marks drafts', async () => {
  const { user, unmount } = open();
  await edit(user, draft);
  unmount();
  open({}, '#/configuration');
  const list = within(await screen.findByRole('list', { name: 'Appliances' }));
  expect(list.getByRole('listitem').textContent).toContain('has a draft');
  await user.click(list.getByRole('link', { name: 'kiln-01' }));
  expect((await area()).text()).toBe(draft);
});

test('when a finding has a fix, its button corrects the draft', async () => {
  const { user } = open();
  await edit(user, present.replace('5432', '70000'));
  const findings = within(await screen.findByRole('list', { name: 'Findings in the draft' }));
  await user.click(findings.getByRole('button', { name: 'Use 5432' }));
  expect((await area()).text()).toBe(present);
  expect(screen.queryByRole('list', { name: 'Findings in the draft' })).toBeNull();
});

test('when the fix below a line is pressed, the editor corrects the draft and can undo it', async () => {
  const { user } = open();
  const wrong = present.replace('5432', '70000');
  await edit(user, wrong);
  const field = await area();
  const message = field.element.querySelector('[data-part="message"]');
  expect(message?.textContent).toBe('Errordb.port must be a number from 1 to 65535.Use 5432');
  await user.click(within(field.element).getByText('Use 5432'));
  expect(field.text()).toBe(present);
});

test('when a key is restored, only this key of the draft goes back', async () => {
  const { user } = open();
  await edit(user, draft.replace('box.example', 'other.example'));
  await showKeys(user);
  await user.click(changes().getByRole('button', { name: 'Restore db.port' }));
  expect((await area()).text()).toBe(present.replace('box.example', 'other.example'));
});

test('when a key is restored from a kept version, a draft begins with its value', async () => {
  const { user } = open();
  await area();
  await showKeys(user);
  await user.click(screen.getByRole('button', { name: 'Compare version 2' }));
  await user.click(await changes().findByRole('button', { name: 'Restore db.port' }));
  expect((await area()).text()).toBe(old);
  expect((await area()).isReadOnly()).toBe(false);
});

test('when the draft differs, the changed lines stand side by side, or one above the other', async () => {
  const { user } = open();
  await edit(user, draft);
  const texts = () =>
    within(changes().getByRole('table'))
      .getAllByRole('row')
      .slice(1)
      .map((row) => row.textContent);
  expect(texts().at(-1)).toBe('5−  port: 54325+  port: 5433');
  await user.click(changes().getByRole('button', { name: 'Inline' }));
  expect(texts().slice(-2)).toEqual(['5−  port: 5432', '5+  port: 5433']);
});

test('when the appliance is marked as production, its name must be typed before a change', async () => {
  const view = sampleAppliance();
  const { user } = open({
    'fleet.overview': () => ({ appliances: [{ ...view, entry: { ...view.entry, colour: 'red' } }] }),
  });
  await edit(user, draft);
  await user.type(plan().getByLabelText(/^Reason or ticket/u), 'OPS-1');
  expect(plan().getByRole('button', { name: 'Apply: type the name' })).toHaveProperty('disabled', true);
  await user.type(plan().getByLabelText('Production: type kiln-01 to confirm'), 'kiln-01');
  expect(plan().getByRole('button', { name: 'Apply' })).toHaveProperty('disabled', false);
});
