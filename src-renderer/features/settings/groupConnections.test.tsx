import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import { createFakeConsole } from '../../../test-support/renderer/fakeConsole.ts';
import { sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { defaultLinkSettings } from '../../../src-shared/model/appliance/linkSettings.ts';
import { App } from '../../app/App.tsx';

const ids = ['a', 'b', 'c'].map((letter) => `6b8d9a4e-7c1f-4a62-9d3b-5e0f1c2a3b4${letter}`);

/** An appliance of a group. */
function member(at: number, group: string, connect: ApplianceView['entry']['connect']): ApplianceView {
  const sample = sampleAppliance();
  return { ...sample, entry: { ...sample.entry, id: ids[at] ?? '', name: `kiln-${at}`, group, connect } };
}

test('when a group gets another connection, those that differ are changed at once', async () => {
  const user = userEvent.setup();
  location.hash = '#/settings';
  const { connection, calls } = createFakeConsole({
    'fleet.overview': () => ({
      appliances: [member(0, 'South', 'always'), member(1, 'South', 'on-demand'), member(2, '', 'on-demand')],
    }),
    'appliances.linkLimits': () => ({ limits: defaultLinkSettings, taken: 1, waiting: 0 }),
    'appliances.setConnect': () => ({}),
  });
  render(<App connection={connection} />);
  connection.start();
  const groups = within(await screen.findByRole('region', { name: 'Connection of each group' }));
  expect(groups.getByLabelText<HTMLSelectElement>('South (2)').value).toBe('');
  expect(groups.getByLabelText<HTMLSelectElement>('Without group (1)').value).toBe('on-demand');
  await user.selectOptions(groups.getByLabelText('South (2)'), 'Always connected');
  await waitFor(() =>
    expect(calls.filter(({ procedure }) => procedure === 'appliances.setConnect')).toMatchObject([
      { input: { ids: [ids[1]], connect: 'always' } },
    ]),
  );
});
