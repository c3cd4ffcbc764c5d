import '../../../../test-support/renderer/pageSetup.ts';
import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { readTenantCsv, sampleTenantCsv } from '../../../../src-shared/model/tenants/tenantCsv.ts';
import { ManyEnd } from './ManyEnd.tsx';
import { renderChanges, sampleOutcome } from './testing.tsx';
import type { useAddMany } from './useAddMany.ts';

const nothing = (): void => undefined;

test('when a tenant was added without its quota, does not report it as not added', () => {
  const { rows } = readTenantCsv(sampleTenantCsv);
  const message = 'northwind was added, but with 20 ports.';
  const { privateKey: _, ...partly } = sampleOutcome({ state: 'partly', code: 'BUSY', message });
  const many: ReturnType<typeof useAddMany> = {
    run: { phase: 'ended', rows, ended: [partly] },
    start: nothing,
    stop: nothing,
    reset: nothing,
  };
  renderChanges(<ManyEnd many={many} onClose={nothing} onBack={nothing} />, {});
  const summary = screen.getByText(/^0 of 2 added\./u);
  expect(summary.textContent).toBe(`0 of 2 added. ${message} 1 was not started.`);
});
