import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import type {
  TenantAction,
  TenantOutcome,
  TenantPlan,
} from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { ConsoleProvider, createConsoleClient } from '../../../rpc/client.tsx';
import { createFakeConsole } from '../../../../test-support/renderer/fakeConsole.ts';
import {
  applianceId,
  observedAt,
  sampleAppliance,
  sampleTenant,
} from '../../../../test-support/renderer/samples.ts';
import { UiProvider } from '../../../ui/UiProvider.tsx';
import { TenantChangesProvider } from './TenantChangesProvider.tsx';

/** Renders a part of the page inside the provider, with prepared answers of the console. */
export function renderChanges(children: ReactNode, answers: Parameters<typeof createFakeConsole>[0]) {
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'fleet.refresh': () => ({}),
    ...answers,
  });
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const tree = (inner: ReactNode) => (
    <UiProvider env="test">
      <QueryClientProvider client={queryClient}>
        <ConsoleProvider access={createConsoleClient(fake.connection.link)}>
          <TenantChangesProvider>{inner}</TenantChangesProvider>
        </ConsoleProvider>
      </QueryClientProvider>
    </UiProvider>
  );
  fake.connection.start();
  const view = render(tree(children));
  return { ...fake, queryClient, unmount: view.unmount };
}

export function samplePlan(action: TenantAction, change: Partial<TenantPlan> = {}): TenantPlan {
  const text = `ke_manage_remote_networks ${action.kind} ${action.clientId}`;
  const tenant = sampleTenant({ clientId: action.clientId });
  return {
    applianceId,
    applianceName: 'kiln-01',
    action,
    commands: [{ argv: text.split(' '), text }],
    runsAs: 'ubuntu, over sudo',
    upload: null,
    ends: [],
    before: { quota: 20, suspended: false, ports: tenant.ports, keys: tenant.keys },
    after: { quota: 20, ports: tenant.ports },
    givesUp: [],
    undo: {
      possible: true,
      text: '(current quota: 20)',
      command: `change 20 ${action.clientId}`,
      action: null,
    },
    warnings: [],
    confirmName: null,
    printsPrivateKey: false,
    basis: tenant.changedAt,
    observedAt,
    ...change,
  };
}

export function sampleOutcome(change: Partial<TenantOutcome> = {}): TenantOutcome {
  return {
    state: 'done',
    code: null,
    message: 'It was done.',
    tenant: null,
    observedAt,
    endedSessions: null,
    fingerprint: null,
    privateKey: null,
    leftover: null,
    ...change,
  };
}
