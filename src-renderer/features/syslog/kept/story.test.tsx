import '../../../../test-support/renderer/pageSetup.ts';
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { keptLine, linesInput, streamKeptLines } from '../../../../test-support/renderer/keptLines.ts';
import { openSearch } from '../../../../test-support/renderer/keptPage.tsx';
import type { RegisteredKey } from '../../../../src-shared/model/syslog/explain/explainRule.ts';
import {
  applianceId,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from '../../../../test-support/renderer/samples.ts';

const login = (peer: string) =>
  `Accepted publickey for connect from ${peer} ssh2: ED25519 SHA256:${'n'.repeat(43)}`;
const lines = [
  keptLine(0, login('10.4.0.7 port 1'), 'sshd[812]'),
  keptLine(600, 'Timeout, client not responding from user connect 10.4.0.7 port 1', 'sshd[812]'),
  keptLine(610, 'error: bind [127.0.0.1]:2204: Address already in use', 'sshd[820]'),
  keptLine(615, 'error: bind [127.0.0.1]:2204: Address already in use', 'sshd[821]'),
  keptLine(660, login('10.4.0.7 port 2'), 'sshd[830]'),
];

/** The search page; each line is of the tenant. */
function openPage(clientIds: string[], keys: RegisteredKey[] = [], shown = lines, address = '&line=1.600') {
  return openSearch(
    address,
    shown,
    {},
    {
      'logs.line': () => ({ line: shown[1] ?? null }),
      'tenants.list': () => ({ tenants: [sampleTenantView(sampleTenant({ clientId: 'northwind' }))] }),
      'logs.tenants': () => ({ clientIds, keys }),
      'logs.lines': (input) => {
        const request = linesInput(input);
        const { query } = request.search;
        const isOfTenant = JSON.stringify(query).includes('"tenant"');
        const search = isOfTenant ? { ...request.search, query: { kind: 'all' as const } } : request.search;
        return streamKeptLines(shown, { ...request, search });
      },
    },
  );
}

test('when a session ended, its line tells what happened around it, and links to the tenant', async () => {
  const { inputs } = openPage(['northwind']);
  const detail = within(await screen.findByRole('complementary', { name: 'Line' }));
  const tenant = await detail.findByRole('link', { name: 'Tenant northwind' });
  expect(tenant.getAttribute('href')).toBe('#/appliance/kiln-01/tenants/northwind');
  expect(inputs('logs.tenants')).toEqual([{ source: 1, line: 600 }]);
  const story = within(await detail.findByRole('list', { name: 'What happened to northwind' }));
  const items = story.getAllByRole('listitem').map(({ textContent }) => textContent);
  expect(items).toHaveLength(4);
  expect(items[1]).toMatch(/after 10 min/u);
  expect(items[2]).toMatch(/2 times, last /u);
  expect(items[3]).toMatch(/after 1 min without a session/u);
  expect(story.getByRole('listitem', { current: true }).textContent).toBe(items[1]);
  expect(story.getAllByRole('link')[3]?.getAttribute('href')).toBe('#/syslog?show=search&line=1.660');
  const programs = ['sshd', 'sshd-session', 'sshd-auth', 'sallyport'];
  const nodes = programs.map((value) => ({ kind: 'field', field: 'program', op: '~', value }));
  const ofTenant = { kind: 'field', field: 'tenant', op: '=', value: 'northwind' };
  expect(inputs('logs.lines')).toEqual(
    expect.arrayContaining(
      ['older', 'newer'].map((direction) =>
        expect.objectContaining({
          search: expect.objectContaining({
            query: { kind: 'and', nodes: [ofTenant, { kind: 'or', nodes }] },
            applianceIds: [applianceId],
          }),
          direction,
          limit: 300,
        }),
      ),
    ),
  );
  // The story comes before everything else that is known of the line.
  const titles = detail.getAllByRole('heading', { level: 2 }).map(({ textContent }) => textContent);
  expect(titles.slice(0, 3)).toEqual(['Line', 'What happened to northwind', 'What this line means']);
});

test('when a line is of no tenant, no story is offered', async () => {
  openPage([]);
  const detail = within(await screen.findByRole('complementary', { name: 'Line' }));
  expect(detail.getByRole('button', { name: 'Copy link' })).toBeDefined();
  expect(detail.queryByText(/What happened/u)).toBeNull();
});

const refused = [
  keptLine(0, 'Server listening on 0.0.0.0 port 22.', 'sshd[1]'),
  keptLine(
    600,
    `Failed publickey for connect from 10.4.0.7 port 1 ssh2: ED25519 SHA256:${'n'.repeat(43)}`,
    'sshd[812]',
  ),
];

test.each([
  ['is the tenant’s present key', 'n', /is registered for northwind now/u, /Show the context of this line/u],
  ['was replaced', 'o', /was replaced, or its tenant is suspended/u, /Compare the fingerprint/u],
])('when a refused key %s, line and story say so', async (_, letter, meaning, next) => {
  const keys = [{ clientId: 'northwind', fingerprint: `SHA256:${letter.repeat(43)}` }];
  openPage(['northwind'], keys, refused);
  const detail = within(await screen.findByRole('complementary', { name: 'Line' }));
  expect(await detail.findByText(next)).toBeDefined();
  const story = within(await detail.findByRole('list', { name: 'What happened to northwind' }));
  expect(story.getByRole('listitem').textContent).toMatch(meaning);
});

test('when the query names a tenant, what happened to it in the searched time is beside the lines', async () => {
  const user = userEvent.setup();
  const from = lines[1]?.key.sort ?? 0;
  const { inputs } = openPage([], [], lines, `&find=TENANT:Northwind&span=${from - 1000}..${from + 1000}`);
  const panel = within(await screen.findByRole('complementary', { name: 'Tenant' }));
  const story = within(await panel.findByRole('list', { name: 'What happened to northwind' }));
  const items = story.getAllByRole('listitem').map(({ textContent }) => textContent);
  // The login is older than the range and its margin, but says how long the session was up.
  expect(items).toHaveLength(3);
  expect(items[0]).toMatch(/after 10 min/u);
  expect(panel.getByRole('link', { name: 'Open tenant northwind' }).getAttribute('href')).toBe(
    '#/appliance/kiln-01/tenants/northwind',
  );
  const sixHours = 6 * 3_600_000;
  const margin = 5 * 60_000;
  expect(inputs('logs.lines')).toContainEqual(
    expect.objectContaining({
      search: expect.objectContaining({
        from: from - 1000 - margin - sixHours,
        to: from + 1000 + margin,
      }),
      direction: 'older',
      after: null,
      limit: 600,
    }),
  );
  await user.click(panel.getByRole('button', { name: 'Close details' }));
  expect(screen.queryByRole('complementary')).toBeNull();
});

test('when a word of the query is the name of a tenant, one click searches for all its lines', async () => {
  const user = userEvent.setup();
  openSearch(
    '&find=northwind 03:10',
    lines,
    {},
    {
      'ports.list': () => ({ rows: sampleRows(sampleTenantView(sampleTenant({ clientId: 'northwind' }))) }),
      'tenants.list': () => ({ tenants: [] }),
    },
  );
  await user.click(
    await screen.findByRole('button', { name: 'Search tenant:northwind time:03:05..03:15 instead' }),
  );
  expect(screen.getByRole('combobox', { name: 'Query' })).toHaveProperty(
    'value',
    'tenant:northwind time:03:05..03:15',
  );
  expect(screen.queryByRole('button', { name: /instead$/u })).toBeNull();
});
