import '../../../test-support/renderer/pageSetup.ts';
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { FoundLines } from '../../../src-shared/contract/logs.ts';
import { keptLine } from '../../../test-support/renderer/keptLines.ts';
import { applianceId } from '../../../test-support/renderer/samples.ts';
import { openTenants, panel } from '../../../test-support/renderer/tenantPanel.tsx';

async function* newestFirst(): AsyncGenerator<FoundLines> {
  const lines = [keptLine(8, 'session closed', 'sshd[815]'), keptLine(3, 'northwind: heartbeat')];
  yield await Promise.resolve({ lines, isDone: true, scannedTo: null });
}

test('when the last lines of a tenant are shown, each and all of them link to the logs', async () => {
  const user = userEvent.setup();
  const inputs: unknown[] = [];
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'logs.lines': (input) => {
      inputs.push(input);
      return newestFirst();
    },
  });
  const detail = within(await panel('northwind · 2204'));
  const all = await detail.findByRole('link', { name: 'Show in logs' });
  expect(all.getAttribute('href')).toBe('#/syslog?from=kiln-01%2C&show=search&find=tenant%3Anorthwind');
  expect(inputs).toEqual([]);
  await user.click(detail.getByRole('button', { name: 'Show the last lines' }));
  const list = within(await screen.findByRole('list', { name: 'Last log lines' }));
  const items = list.getAllByRole('listitem').map(({ textContent }) => textContent);
  expect(items[0]).toMatch(/northwind: heartbeat$/u);
  expect(items[1]).toMatch(/session closed$/u);
  expect(list.getAllByRole('link')[1]?.getAttribute('href')).toBe('#/syslog?show=search&line=1.8');
  expect(inputs).toMatchObject([
    {
      search: {
        query: { kind: 'field', field: 'tenant', op: '=', value: 'northwind' },
        applianceIds: [applianceId],
      },
      direction: 'older',
    },
  ]);
});

async function* following() {
  yield await Promise.resolve({
    store: 'keeping',
    changed: 1,
    appliances: [{ applianceId, phase: 'following', isFilling: false, trouble: null, receivedBytes: 1 }],
  });
  await new Promise(() => undefined);
}

async function* endedLately(): AsyncGenerator<FoundLines> {
  const ended = keptLine(8, 'Timeout, client not responding from user connect 10.4.0.7 port 1', 'sshd[1]');
  const found = [{ ...ended, key: { ...ended.key, sort: Date.now() - 60_000 } }];
  yield await Promise.resolve({ lines: found, isDone: true, scannedTo: null });
}

test('when the last day of a tenant is shown, the log is read and tells what happened', async () => {
  const user = userEvent.setup();
  const watched: unknown[] = [];
  openTenants('#/tenants/kiln-01/northwind/2204', {
    'logs.watch': (input) => {
      watched.push(input);
      return following();
    },
    'logs.explainRules': () => ({ path: '/data/log-rules.yaml', rules: [], problems: [] }),
    'logs.lines': endedLately,
  });
  const detail = within(await panel('northwind · 2204'));
  await user.click(await detail.findByRole('button', { name: 'Show the last 24 hours' }));
  const story = within(await detail.findByRole('list', { name: 'What happened to northwind' }));
  expect(story.getByRole('listitem').textContent).toMatch(/The client stopped answering/u);
  expect(watched).toEqual([{ applianceIds: [applianceId] }]);
});
