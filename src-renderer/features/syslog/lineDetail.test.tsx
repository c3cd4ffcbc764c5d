import '../../../test-support/renderer/pageSetup.ts';
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { applianceId, observedAt } from '../../../test-support/renderer/samples.ts';
import { openTenants, panel, rows } from '../../../test-support/renderer/tenantPanel.tsx';

async function* tail(last = 'started') {
  const line = {
    applianceId,
    receivedAt: observedAt,
    time: '2026-11-20T09:29:57.120Z',
    host: 'kiln-01',
    program: 'sshd',
    pid: 8812,
    severity: 'err',
    severityFrom: 'words',
    head: '<86>Nov 20 09:29:57.120 kiln-01 sshd[8812]: ',
    kind: 'line',
  };
  yield await Promise.resolve({
    streamId: '00000000-0000-4000-8000-0000000000bb',
    batch: 0,
    lines: [
      { ...line, seq: 0, message: 'refused port 2204 of northwind\u001b[31m\t\r!' },
      { ...line, seq: 1, head: 'Nov 20 09:29:57 kiln-01 sshd[8812]: ', message: last },
    ],
    dropped: 0,
    linesPerSecond: 1,
    unreadable: [],
  });
  await new Promise(() => undefined);
}

test('when a line is chosen, its details show with links to the tenants that it names', async () => {
  const user = userEvent.setup();
  openTenants('#/appliance/kiln-01/syslog', { 'syslog.tail': () => tail(), 'syslog.ack': () => ({}) });
  await user.click(await screen.findByText(/refused port 2204/u));
  const detail = within(await panel('Line'));
  const values = Object.fromEntries(
    [...detail.getByText('Time').closest('dl')!.querySelectorAll('dt')].map((term) => [
      term.textContent,
      term.nextElementSibling?.textContent,
    ]),
  );
  expect(values).toMatchObject({
    Appliance: 'kiln-01',
    Host: 'kiln-01',
    Program: 'sshd',
    'Process ID': '8812',
    Severity: 'Error, guessed from the text',
    Facility: 'security (authpriv)',
  });
  expect(values['Time']).toMatch(/:57\.120 .*2026-11-20 09:29:57 UTC/u);
  const link = await detail.findByRole('link', { name: 'Port 2204 of northwind' });
  expect(link.getAttribute('href')).toBe('#/appliance/kiln-01/tenants/northwind/2204');
  await user.click(detail.getByRole('button', { name: 'Copy: Line as the appliance wrote it' }));
  expect(await navigator.clipboard.readText()).toBe(
    '<86>Nov 20 09:29:57.120 kiln-01 sshd[8812]: refused port 2204 of northwind\u241b[31m\t\u240d!',
  );
  await user.click(screen.getByText('started'));
  const time = within(await panel('Line')).getByText('Time').nextElementSibling;
  expect(time?.textContent, 'no precision that the line lacks').toMatch(/:57 2026-11-20/u);
  expect(within(await panel('Line')).queryByRole('list', { name: 'Tenants in this line' })).toBeNull();
  await user.click(within(await panel('Line')).getByRole('button', { name: 'Close details' }));
  expect(screen.queryByRole('complementary', { name: 'Line' })).toBeNull();
});

test('when Syslog is chosen in the menu of a tenant, its lines show and the address holds the filter', async () => {
  const user = userEvent.setup();
  openTenants('#/tenants/kiln-01/northwind/2204', { 'syslog.tail': () => tail(), 'syslog.ack': () => ({}) });
  await screen.findByRole('button', { name: 'Message to the customer…' });
  await user.click(screen.getByRole('button', { name: 'More actions on northwind' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Syslog of northwind' }));
  expect(await screen.findByText(/refused port 2204/u)).toBeDefined();
  expect(location.hash).toBe('#/appliance/kiln-01/syslog?q=northwind');
  expect(screen.queryByText('started')).toBeNull();
});

test('when a line names many ports, links the first 20 and counts the others', async () => {
  const user = userEvent.setup();
  const [row] = rows.filter(({ port }) => port !== null);
  const many = Array.from({ length: 60 }, (_, at) => ({ ...row, port: 2_200 + at }));
  openTenants('#/appliance/kiln-01/syslog', {
    'syslog.tail': () => tail(`ports ${many.map(({ port }) => port).join(' ')}`),
    'syslog.ack': () => ({}),
    'ports.list': () => ({ rows: many }),
  });
  await user.click(await screen.findByText(/ports 2200/u));
  const list = within(await within(await panel('Line')).findByRole('list', { name: 'Tenants in this line' }));
  expect(list.getAllByRole('link').map(({ textContent }) => textContent)).toEqual(
    many.slice(0, 20).map(({ port }) => `Port ${port} of northwind`),
  );
  expect(list.getByText('40 more')).toBeDefined();
});
