import '../../../test-support/renderer/pageSetup.ts';
import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { connected, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { renderChanges } from '../tenants/changes/testing.tsx';
import { FirstStart, FirstSteps } from './components/FirstStart.tsx';

const steps = () => screen.getAllByRole('listitem').map((item) => item.getAttribute('aria-label'));
const noTenants = { total: 0, withSession: 0, suspended: 0 };

test('when there is no appliance, nothing is ticked and each step has its next action', () => {
  renderChanges(<FirstStart />, { 'fleet.overview': () => ({ appliances: [] }) });
  expect(steps()).toEqual([
    'Install the kit on the appliance: to do',
    'Add the appliance: to do',
    'Add a tenant: to do',
    'Hand over to the site: to do',
  ]);
  expect(screen.getByLabelText('Command that installs the kit').textContent).toContain(
    'install.sh --admin ubuntu',
  );
  expect(screen.getByLabelText('Command that starts the lab').textContent).toBe('npm start');
  expect(screen.getByRole('button', { name: 'Add appliance' })).toBeDefined();
  const addTenant = screen.getByRole<HTMLButtonElement>('button', { name: 'Add tenant' });
  expect(addTenant.disabled).toBe(true);
  expect(addTenant.title).toBe('Connect an appliance first');
});

test('when an appliance was added but never answered, only that step is ticked', () => {
  const appliance = sampleAppliance({
    tenants: null,
    link: { state: 'idle', since: '2026-11-20T08:00:00.000Z' },
  });
  renderChanges(<FirstSteps appliances={[appliance]} />, {});
  expect(steps()).toEqual([
    'Install the kit on the appliance: to do',
    'Add the appliance: seen',
    'Add a tenant: to do',
    'Hand over to the site: to do',
  ]);
});

test('when the appliance is connected, a tenant can be added', () => {
  renderChanges(<FirstSteps appliances={[sampleAppliance({ tenants: noTenants, link: connected })]} />, {});
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Add tenant' }).disabled).toBe(false);
});

test('when a tenant has a session, the steps are gone', () => {
  renderChanges(<FirstSteps appliances={[sampleAppliance()]} />, {});
  expect(screen.queryByRole('region', { name: 'First steps' })).toBeNull();
});
