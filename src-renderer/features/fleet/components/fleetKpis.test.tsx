import '../../../../test-support/renderer/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { now, observedAt, sampleAppliance } from '../../../../test-support/renderer/samples.ts';
import { FreshnessProvider } from '../../../ui/feedback/freshness.tsx';
import { countTenants, sumSyslogRate, summariseFleet } from '../summary.ts';
import { fleetColumns } from './fleetColumns.tsx';
import { FleetKpis } from './FleetKpis.tsx';

beforeEach(() => vi.useFakeTimers({ now }));
afterEach(() => vi.useRealTimers());

const lost = { link: { state: 'idle', since: observedAt } } as const;
const neverSeen = { ...lost, observedAt: null, tenants: null, ports: null };
const old = '2026-11-20T09:00:00.000Z';

function lastKnown(appliances: readonly ApplianceView[], reachable = true): number {
  const { unmount } = render(
    <FreshnessProvider reachable={reachable}>
      <FleetKpis appliances={appliances} />
    </FreshnessProvider>,
  );
  const count = within(screen.getByRole('region', { name: 'Fleet in figures' })).queryAllByText('last known');
  unmount();
  return count.length;
}

test('a figure says when a part of it is only the last known', () => {
  expect(lastKnown([sampleAppliance()])).toBe(0);
  expect(lastKnown([sampleAppliance(), sampleAppliance({ observedAt: null })])).toBe(0);
  expect(lastKnown([sampleAppliance(), sampleAppliance({ observedAt: old })])).toBe(2);
  expect(lastKnown([sampleAppliance()], false)).toBe(2);
});

test('when nothing needs attention, that state also becomes old', () => {
  const attention = fleetColumns.find((column) => column.id === 'attention');
  const show = (view: ApplianceView) => render(<>{attention?.cell(view, { repeated: false })}</>);
  show(sampleAppliance());
  expect(screen.getByText('nothing').dataset['tone']).toBe('off');
  show(sampleAppliance({ observedAt: old }));
  expect(screen.getByText('was nothing').dataset['tone']).toBe('old');
});

test('when a cluster lists a tenant at one member, every figure counts it there only', () => {
  const counted = {
    tenants: 3,
    withSession: 2,
    allotted: 60,
    listening: 4,
    tunnels: { down: 0, attention: 1, unknown: 0 },
  };
  const none = { tenants: 0, withSession: 0, allotted: 0, listening: 0 };
  const appliances = [
    sampleAppliance({ tunnels: { down: 0, attention: 1, unknown: 0 }, counted }),
    sampleAppliance({
      tunnels: { down: 0, attention: 1, unknown: 0 },
      counted: { ...none, tunnels: { down: 0, attention: 0, unknown: 0 } },
    }),
  ];
  expect(countTenants(appliances)).toBe(3);
  const { tenants, withSession, allotted, listening, tunnels } = summariseFleet(appliances);
  expect({ tenants, withSession, allotted, listening, tunnels }).toEqual(counted);
});

test.each([
  [
    '3 of 4 were never seen',
    [sampleAppliance(), ...Array.from({ length: 3 }, () => sampleAppliance(neverSeen))],
    ['0 need attentiontunnels', '– unknowntunnels: 3 appliances never seen', '1 / 4', '1 / 150tenants'],
  ],
  [
    'all were never seen',
    [sampleAppliance(neverSeen)],
    ['– need attentiontunnels', '– unknowntunnels: 1 appliance never seen', '0 / 1', '– / 0tenants'],
  ],
  [
    'all are away',
    [sampleAppliance({ ...lost, tunnels: { down: 0, attention: 0, unknown: 14 } })],
    ['– need attentiontunnels', '14 unknowntunnels: kiln-01 away', '0 / 1', '1 / 150tenants'],
  ],
])('when of the appliances %s, no figure is a false zero', (_which, appliances, starts) => {
  render(<FleetKpis appliances={appliances} />);
  const figures = within(screen.getByRole('region', { name: 'Fleet in figures' })).getAllByRole('link');
  const texts = figures.map((link) => link.textContent);
  for (const start of starts) expect(texts.some((text) => text.startsWith(start))).toBe(true);
});

test('when no appliance is connected, there is no syslog rate', () => {
  const syslog = { linesPerSecond: 4 };
  expect(sumSyslogRate([sampleAppliance({ ...lost, syslog })])).toBeNull();
  expect(sumSyslogRate([sampleAppliance({ ...lost, syslog }), sampleAppliance({ syslog })])).toBe(4);
});

test('when an appliance is away, its tunnels are unknown and lead to their rows', () => {
  render(
    <FleetKpis
      appliances={[
        sampleAppliance({ tunnels: { down: 4, attention: 2, unknown: 0 } }),
        sampleAppliance({ tunnels: { down: 0, attention: 0, unknown: 14 } }),
      ]}
    />,
  );
  const figures = within(screen.getByRole('region', { name: 'Fleet in figures' })).getAllByRole('link');
  expect(figures.map((link) => [link.textContent, link.getAttribute('href')])).toEqual([
    ['4 down 2 need attentiontunnels', '#/tenants?show=attention&order=attention'],
    ['14 unknowntunnels: kiln-01 away', '#/tenants?show=unknown'],
    ['2 / 2appliances connected', '#/'],
    ['–No licence data yet', '#/?sort=licence'],
    ['2 / 300tenants, 2 with a session', '#/tenants'],
  ]);
});
