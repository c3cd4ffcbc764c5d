import '../../../test-support/renderer/pageSetup.ts';
import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { renderChanges } from '../tenants/changes/testing.tsx';
import { LicenceCard } from './components/LicenceCard.tsx';
import { observedAt, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { aLicence } from '../../../test-support/aLicence.ts';
import { dayMs } from '../../../src-shared/base/time.ts';
import type { ApplianceStatus } from '../../../src-shared/model/appliance/applianceStatus.ts';

const at = (days: number) => new Date(Date.parse(observedAt) + days * dayMs).toISOString();

/** Shows the licence of an appliance whose clock is some days ahead; its licence has 65 days left. */
async function openPage(clock: { aheadDays: number; ranBackFrom: string | null }) {
  const status: ApplianceStatus = {
    contract: 1,
    identity: { id: '4f6f3d2e-8f6b-4a39-9f5a-58a2a6a1c002', hostname: 'kiln-01' },
    versions: { appliance: '1.33.0', kit: '0.1.0', sshd: null, os: null },
    clock: { now: at(clock.aheadDays), ranBackFrom: clock.ranBackFrom },
    uptimeSeconds: 3600,
    disks: [],
    services: [],
    findings: [],
    logs: { syslog: '/var/log/syslog' },
  };
  const licence = aLicence({
    state: 'expired',
    reason: 'expired',
    notBefore: at(-300),
    expiresAt: at(65),
    graceEndsAt: at(79),
    clockRanBackFrom: clock.ranBackFrom,
  });
  const view = sampleAppliance({
    status: { value: status, observedAt },
    licence: { value: licence, observedAt },
  });
  renderChanges(<LicenceCard view={view} />, { 'fleet.overview': () => ({ appliances: [view] }) });
  await screen.findByText('Grace ends');
}

test('when the clock is ten years ahead, the licence card says that the licence is expired because of that', async () => {
  await openPage({ aheadDays: 3653, ranBackFrom: null });
  expect(screen.getByText('Clock, A-2005')).toBeDefined();
  expect(
    screen.getByText(
      'its clock is 10 years ahead of this computer’s; its licence counts as expired because of that',
    ),
  ).toBeDefined();
});

test('when the clock was set back from a wrong time, the licence card names the way out', async () => {
  await openPage({ aheadDays: 0, ranBackFrom: at(3653) });
  expect(screen.getByText('Clock, A-2003')).toBeDefined();
  expect(screen.getByText(/the licence authority’s answer corrects it/u)).toBeDefined();
});
