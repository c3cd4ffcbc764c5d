import '../../../test-support/renderer/pageSetup.ts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import { lintConnectYaml } from '../../../src-shared/model/connectYaml/connectYamlLint.ts';
import { ConsoleProvider, createConsoleClient } from '../../rpc/client.tsx';
import { findCodeEditor } from '../../../test-support/renderer/codeEditor.ts';
import { createFakeConsole, throwAppError } from '../../../test-support/renderer/fakeConsole.ts';
import {
  applianceId,
  connected,
  observedAt,
  sampleAppliance,
  sampleTenant,
  sampleTenantView,
} from '../../../test-support/renderer/samples.ts';
import { UiProvider } from '../../ui/UiProvider.tsx';
import { FindingList } from './components/FindingList.tsx';
import { ConnectYamlPage } from './ConnectYamlPage.tsx';
import { emptyDraft, useDraft } from './draft.ts';
import { HandOverDialog } from './HandOverDialog.tsx';

const wrong = `appliance: appliance.example.com
ssh_key: /etc/kloudless/ssh_key.priv
repositories:
  docs: # the only one
    share: webdav://files.example.com:443/
`;
const tenant = sampleTenant({ clientId: 'northwind', ports: [{ first: 2200, last: 2200 }] });
const pinned = {
  host: 'kiln-01.lan',
  port: 22,
  type: 'ssh-ed25519',
  fingerprint: `SHA256:${'k'.repeat(43)}`,
  pinnedAt: observedAt,
  pinnedBy: 'm.ivers',
};

type FakeAnswers = Parameters<typeof createFakeConsole>[0];

function show(page: ReactNode, answers: FakeAnswers = {}) {
  const { connection, calls } = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'tenants.list': () => ({ tenants: [sampleTenantView(tenant)] }),
    'appliances.explain': () => ({ link: connected, hostKeys: [pinned], steps: [] }),
    ...answers,
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const view = render(
    <UiProvider env="test">
      <QueryClientProvider client={client}>
        <ConsoleProvider access={createConsoleClient(connection.link)}>{page}</ConsoleProvider>
      </QueryClientProvider>
    </UiProvider>,
  );
  connection.start();
  return { calls, unmount: view.unmount };
}

const area = () => findCodeEditor('connect.yaml');

async function write(text: string): Promise<void> {
  (await area()).change(text);
}

function finding(code: string): HTMLElement {
  const found = screen.getAllByTestId('finding').find((item) => within(item).queryByText(code) !== null);
  if (found === undefined) throw new Error(`${code} is not shown`);
  return found;
}

let download: { name: string; blob: Blob } | null = null;
beforeEach(() => {
  useDraft.setState(emptyDraft());
  download = null;
  let offered: Blob | null = null;
  URL.createObjectURL = (blob) => {
    offered = blob instanceof Blob ? blob : null;
    return 'blob:x';
  };
  URL.revokeObjectURL = () => undefined;
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
    if (offered !== null) download = { name: this.download, blob: offered };
  });
});

test('when the position of a finding is pressed, the editor selects that text', async () => {
  show(<ConnectYamlPage />);
  await write(wrong);
  expect(screen.getByText('2 errors: Connect would not start')).toBeDefined();
  await userEvent.click(within(finding('C-1303')).getByRole('button', { name: '5:12' }));
  expect(document.activeElement).toBe((await area()).element);
  expect((await area()).selected()).toBe('webdav://files.example.com:443/');
});

test('when one of two fixes is chosen, only its part of the text changes', async () => {
  show(<ConnectYamlPage />);
  await write(wrong);
  expect(
    within(finding('C-1303'))
      .getAllByRole('button')
      .map((item) => item.textContent),
  ).toEqual(['5:12', 'Write webdav+https://', 'Write webdav+http://']);
  await userEvent.click(screen.getByRole('button', { name: 'Write webdav+http://' }));
  expect((await area()).text()).toBe(wrong.replace('webdav:', 'webdav+http:'));
});

test('when the text changes, the earlier findings stay but can’t be used until the text is checked again', async () => {
  show(<ConnectYamlPage />);
  await write(wrong);
  const before = finding('C-1303');
  await write(`${wrong}# more`);
  expect(finding('C-1303')).toBe(before);
  const { findings } = lintConnectYaml(wrong);
  const shown = (isCurrent: boolean) => (
    <FindingList findings={findings} isCurrent={isCurrent} onGo={() => undefined} onFix={() => undefined} />
  );
  const { container, rerender } = render(shown(false));
  const isOffered = () => [...container.querySelectorAll('button')].map((button) => !button.disabled);
  expect(isOffered()).toContain(false);
  expect(isOffered()).not.toContain(true);
  rerender(shown(true));
  expect(isOffered()).not.toContain(false);
});

test('when all safe fixes and one of each choice are applied, Connect can start', async () => {
  show(<ConnectYamlPage />);
  await write(wrong.replace('ssh_key:', 'sshkey:'));
  await userEvent.click(screen.getByRole('button', { name: 'Fix all' }));
  expect((await area()).text()).toBe(wrong);
  await userEvent.click(screen.getByRole('button', { name: 'Write webdav+https://' }));
  await userEvent.click(screen.getByRole('button', { name: 'Write appliance.example.com:22' }));
  expect((await area()).text()).toBe(
    wrong.replace('webdav:', 'webdav+https:').replace('.com\n', '.com:22\n'),
  );
  expect(screen.getByText('Connect can start: 1 repository')).toBeDefined();
});

test('when a file is dropped, the page reads it and sends nothing of it', async () => {
  const { calls } = show(<ConnectYamlPage />);
  const file = new File([wrong], 'connect.yaml');
  fireEvent.drop((await area()).element, { dataTransfer: { files: [file] } });
  await waitFor(async () => expect((await area()).text()).toBe(wrong));
  expect(JSON.stringify(calls)).not.toContain('appliance.example.com');
});

test('when deployment, appliance and tenant are selected, their facts are checked too', async () => {
  show(<ConnectYamlPage />);
  await write(wrong.replace('share:', 'more: smb://x:445\n    share:').replace('/etc/kloudless/', 'keys/'));
  expect(screen.queryByText('C-1207')).toBeNull();
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Where Connect runs' }), 'container');
  expect(finding('C-1411')).toBeDefined();
  await screen.findByRole('option', { name: 'kiln-01' });
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Appliance' }), applianceId);
  await screen.findByRole('option', { name: 'northwind' });
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Tenant' }), 'northwind');
  expect(finding('C-1207')).toBeDefined();
  await userEvent.click(await screen.findByRole('button', { name: /^Add host_key/u }));
  expect((await area()).text()).toContain(`host_key: ${pinned.fingerprint}`);
});

test('when the text is hostile, the findings show it as plain text', async () => {
  show(<ConnectYamlPage />);
  await write('\u001b[31m<img src=x>\u202e: x\n');
  const list = screen.getByRole('list', { name: 'Findings' });
  expect(list.querySelector('img')).toBeNull();
  expect(list.textContent).not.toMatch(/[\u001b\u202e]/u);
});

test('when nothing was typed in the form yet, its preview reports no error', async () => {
  const user = userEvent.setup();
  show(<ConnectYamlPage />);
  await user.click(screen.getByRole('button', { name: 'Write a new one', pressed: false }));
  const preview = within(screen.getByRole('region', { name: 'Preview' }));
  expect(preview.getByText('Fill in the form. The file appears here.')).toBeDefined();
  expect(preview.queryByText(/^Not complete/u)).toBeNull();
  await user.type(screen.getByLabelText('Public address of the appliance'), 'h');
  expect(preview.getByText(/^Not complete: /u)).toBeDefined();
});

test('when the form is filled in, its text has no findings and can be copied and saved', async () => {
  const user = userEvent.setup();
  show(<ConnectYamlPage />);
  await user.click(screen.getByRole('button', { name: 'Write a new one', pressed: false }));
  await user.type(screen.getByLabelText('Public address of the appliance'), 'h.example.com');
  expect(screen.getByText('the port is missing; it must be host:port')).toBeDefined();
  await user.type(screen.getByLabelText('Public address of the appliance'), ':22');
  const row = within(screen.getByRole('group', { name: 'Repository 1' }));
  await user.type(row.getByLabelText('Group'), 'docs');
  await user.type(row.getByLabelText('Name'), 'share');
  await user.type(row.getByLabelText('service[+scheme]://host:port[path]'), 'smb://files:445');
  await user.click(screen.getByRole('button', { name: 'Use in Check' }));
  expect(lintConnectYaml((await area()).text()).configuration?.repositories).toMatchObject([
    { group: 'docs', repository: 'share' },
  ]);
  const clipboard = vi.spyOn(navigator.clipboard, 'writeText');
  await user.click(screen.getByRole('button', { name: 'Copy' }));
  expect(clipboard.mock.calls).toEqual([[(await area()).text()]]);
  await user.click(screen.getByRole('button', { name: 'Download' }));
  expect(download?.name).toBe('connect.yaml');
});

const pack = {
  files: [
    { name: 'README.txt', text: 'HOW northwind IS CONNECTED\n', sha256: 'a'.repeat(64) },
    { name: 'run.txt', text: 'docker run\n', sha256: 'b'.repeat(64) },
  ],
  archive: { name: 'connect-northwind.zip', base64: btoa('PK\u00ff') },
};

function showDialog(answer: (input: unknown) => unknown, appliances = [sampleAppliance()]) {
  return show(
    <HandOverDialog
      applianceId={applianceId}
      applianceName="kiln-01"
      clientId="northwind"
      onClose={() => undefined}
    />,
    { 'tenants.handOver': answer, 'fleet.overview': () => ({ appliances }) },
  );
}

test('when a pack is created, each file can be read and copied, and all are saved as one archive', async () => {
  const user = userEvent.setup();
  const { calls } = showDialog(() => pack);
  await user.type(await screen.findByLabelText('Public address of kiln-01'), 'h.example.com:22');
  await user.click(screen.getByLabelText('Connect as a service'));
  await user.click(screen.getByRole('button', { name: 'Create pack' }));
  await screen.findByLabelText('README.txt');
  expect(calls.find(({ procedure }) => procedure === 'tenants.handOver')?.input).toEqual({
    applianceId,
    clientId: 'northwind',
    address: 'h.example.com:22',
    runs: 'service',
    repositories: [],
  });
  const clipboard = vi.spyOn(navigator.clipboard, 'writeText');
  await user.click(screen.getByRole('button', { name: 'run.txt' }));
  await user.click(screen.getByRole('button', { name: 'Copy run.txt' }));
  expect(clipboard.mock.calls).toEqual([['docker run\n']]);
  await user.click(screen.getByRole('button', { name: 'Download connect-northwind.zip' }));
  expect([download?.name, download?.blob.size]).toEqual(['connect-northwind.zip', 3]);
  expect(screen.getByText(/^Downloaded connect-northwind\.zip with 2 files\./u)).toBeDefined();
});

test('when the console uses addresses of the appliance or its cluster, each is offered for the site', async () => {
  const user = userEvent.setup();
  const own = sampleAppliance();
  const entry = { ...own.entry, cluster: 'kiln' };
  const other = { ...entry, id: applianceId.replace(/1$/u, '2'), name: 'kiln-02' };
  const elsewhere = { ...other, id: applianceId.replace(/1$/u, '3'), name: 'mill', cluster: '' };
  const at = (host: string, port: number) => ({ ...entry.target, host, port });
  showDialog(
    () => pack,
    [
      { ...own, entry: { ...other, target: at('2001:db8::2', 2222) } },
      { ...own, entry },
      { ...own, entry: { ...elsewhere, target: at('mill.lan', 22) } },
    ],
  );
  expect(await screen.findByText('This console uses')).toBeDefined();
  const offered = screen.getAllByRole('button', { name: /:\d+$/u });
  expect(offered.map((button) => button.textContent)).toEqual(['kiln-01.lan:22', '[2001:db8::2]:2222']);
  await user.click(screen.getByRole('button', { name: 'kiln-01.lan:22' }));
  expect(screen.getByLabelText('Public address of kiln-01')).toHaveProperty('value', 'kiln-01.lan:22');
});

test('when the console rejects the pack, the form shows the error and keeps what was typed', async () => {
  const user = userEvent.setup();
  showDialog(() =>
    throwAppError('INVALID_INPUT', 'appliance: the port is missing; it must be host:port (C-1401).'),
  );
  const field = await screen.findByLabelText('Public address of kiln-01');
  await user.type(field, 'h.example.com');
  await user.click(screen.getByRole('button', { name: 'Create pack' }));
  expect(await screen.findByText(/C-1401/u)).toBeDefined();
  expect(field).toHaveProperty('value', 'h.example.com');
});

test('when the page is left and opened again, the typed text is still there, and in no storage', async () => {
  const user = userEvent.setup();
  const { unmount } = show(<ConnectYamlPage />);
  await write(wrong);
  await user.click(screen.getByRole('button', { name: 'Write a new one' }));
  await user.type(screen.getByLabelText('Public address of the appliance'), 'kiln.example.com:22');
  unmount();
  show(<ConnectYamlPage />);
  expect((await area()).text()).toBe(wrong);
  await user.click(screen.getByRole('button', { name: 'Write a new one' }));
  expect(screen.getByDisplayValue('kiln.example.com:22')).toBeDefined();
  const kept = JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]);
  expect(kept).not.toContain('example.com');
});
