import '../../../../test-support/renderer/pageSetup.ts';
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { keptLine, linesInput, streamKeptLines } from '../../../../test-support/renderer/keptLines.ts';
import { openSearch } from '../../../../test-support/renderer/keptPage.tsx';
import type { RegisteredKey } from '../../../../src-shared/model/syslog/explain/explainRule.ts';
import { applianceId } from '../../../../test-support/renderer/samples.ts';

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
function openPage(clientIds: string[], keys: RegisteredKey[] = [], shown = lines) {
  return openSearch(
    '&line=1.600',
    shown,
    {},
    {
      'logs.line': () => ({ line: shown[1] ?? null }),
      'logs.tenants': () => ({ clientIds, keys }),
      'logs.lines': (input) => {
        const request = linesInput(input);
        const { query } = request.search;
        const isOfTenant = query.kind === 'field' && query.field === 'tenant';
        const search = isOfTenant ? { ...request.search, query: { kind: 'all' as const } } : request.search;
        return streamKeptLines(shown, { ...request, search });
      },
    },
  );
}

test('when a session ended, its line tells what happened around it, and links to the tenant', async () => {
  const user = userEvent.setup();
  const { inputs } = openPage(['northwind']);
  const detail = within(await screen.findByRole('complementary', { name: 'Line' }));
  const tenant = await detail.findByRole('link', { name: 'Tenant northwind' });
  expect(tenant.getAttribute('href')).toBe('#/appliance/kiln-01/tenants/northwind');
  expect(inputs('logs.tenants')).toEqual([{ source: 1, line: 600 }]);
  const before = inputs('logs.lines').length;
  await user.click(detail.getByRole('button', { name: 'Show what happened around this line' }));
  const story = within(await detail.findByRole('list', { name: 'What happened to northwind' }));
  const items = story.getAllByRole('listitem').map(({ textContent }) => textContent);
  expect(items).toHaveLength(4);
  expect(items[1]).toMatch(/after 10 min/u);
  expect(items[2]).toMatch(/2 times, last /u);
  expect(items[3]).toMatch(/after 1 min without a session/u);
  expect(story.getByRole('listitem', { current: true }).textContent).toBe(items[1]);
  expect(story.getAllByRole('link')[3]?.getAttribute('href')).toBe('#/syslog?show=search&line=1.660');
  expect(inputs('logs.lines').slice(before)).toMatchObject(
    ['older', 'newer'].map((direction) => ({
      search: { query: { field: 'tenant', value: 'northwind' }, applianceIds: [applianceId] },
      direction,
      limit: 300,
    })),
  );
});

test('when a line is of no tenant, no story is offered', async () => {
  openPage([]);
  const detail = within(await screen.findByRole('complementary', { name: 'Line' }));
  expect(detail.getByRole('button', { name: 'Copy link' })).toBeDefined();
  expect(detail.queryByRole('button', { name: /what happened/u })).toBeNull();
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
  const user = userEvent.setup();
  const keys = [{ clientId: 'northwind', fingerprint: `SHA256:${letter.repeat(43)}` }];
  openPage(['northwind'], keys, refused);
  const detail = within(await screen.findByRole('complementary', { name: 'Line' }));
  expect(await detail.findByText(meaning)).toBeDefined();
  expect(detail.getByText(next)).toBeDefined();
  await user.click(detail.getByRole('button', { name: 'Show what happened around this line' }));
  const story = within(await detail.findByRole('list', { name: 'What happened to northwind' }));
  expect(story.getByRole('listitem').textContent).toMatch(meaning);
});
