import { expect, test } from 'vitest';
import type { FleetRun, PlannedAppliance } from '../../src-shared/model/fanOut/fleetRun.ts';
import type { StoredResult } from './runRows.ts';
import { resumeRun } from './startRun.ts';

const applianceId = '6b8d9a4e-7c1f-4a62-9d3b-5e0f1c2a3b4c';
const run: FleetRun = {
  number: 7,
  task: { kind: 'tenant', action: { kind: 'suspend', clientId: 'acme' } },
  order: { canaryId: applianceId, wave: 1, stopAfter: 1, watchSeconds: 60 },
  command: 'ke_manage_remote_networks',
  state: 'stopped',
  stopCause: 'canary',
  operator: 'ada',
  reason: 'OPS-1',
  startedAt: '2026-11-30T10:00:00.000Z',
  endedAt: '2026-11-30T10:02:00.000Z',
  waves: [{ name: 'Canary', isCanary: true, ids: [applianceId] }],
};
/** The canary has the change, and did not pass its watch. */
const canary: StoredResult = {
  applianceId,
  name: 'kiln-01',
  isProduction: false,
  state: 'failed',
  skip: null,
  exitCode: 0,
  milliseconds: 12,
  tunnels: null,
  revision: null,
  note: '1 of 1 tunnels stopped answering.',
  output: 'suspended: yes',
  isCut: false,
  undo: { kind: 'tenant', action: { kind: 'resume', clientId: 'acme', quota: 4 }, basis: null },
};

function resume(skip: PlannedAppliance['skip'], undo = canary.undo): StoredResult | undefined {
  const { name, isProduction } = canary;
  const planned = { applianceId, name, isProduction, skip, notes: ['planned again'], ends: 0 };
  const before = { run, results: [{ ...canary, undo }] };
  return resumeRun(before, { appliances: [planned], waves: [] }).results[0];
}

test('when the rest is run and an appliance has the change already, the change can still be undone', () => {
  expect(resume('unchanged')).toEqual({ ...canary, state: 'done', note: 'planned again' });
});

test('when the rest is run and an appliance with the change can’t be used, it stays as it is', () => {
  expect(resume('away')).toEqual(canary);
});

test('when the change was undone since, or never was there, it starts again', () => {
  expect(resume(null)).toMatchObject({ state: 'not-started', undo: null, output: null });
  expect(resume('unchanged', null)).toMatchObject({ state: 'skipped', skip: 'unchanged', undo: null });
});
