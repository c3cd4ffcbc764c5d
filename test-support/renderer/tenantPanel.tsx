import { render, screen } from '@testing-library/react';
import type { Diagnosis } from '../../src-shared/contract/ports.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import { App } from '../../src-renderer/app/App.tsx';
import { createFakeConsole } from './fakeConsole.ts';
import {
  applianceId,
  sampleAppliance,
  sampleHistory,
  sampleRows,
  sampleTenant,
  sampleTenantView,
} from './samples.ts';

const base = sampleTenant({ clientId: 'northwind' });
export const northwind: TenantView = {
  ...sampleTenantView(
    sampleTenant({
      clientId: 'northwind',
      forwards: [2200, 2204].flatMap((port) => base.forwards.map((forward) => ({ ...forward, port }))),
      keys: base.keys.map((key) => ({ ...key, expiresAt: '2099-01-01T00:00:00.000Z' })),
    }),
  ),
  cluster: {
    name: 'kiln',
    members: [
      { applianceId, applianceName: 'kiln-01', state: 'here', sessions: 1 },
      {
        applianceId: applianceId.replace(/1$/u, '2'),
        applianceName: 'kiln-02',
        state: 'absent',
        sessions: 0,
      },
    ],
    disagreements: ['kiln-02 does not list it.'],
  },
};
export const globex = sampleTenantView(sampleTenant({ clientId: 'globex', sessions: [], forwards: [] }));
export const rows = [globex, northwind].flatMap(sampleRows);

export const diagnosis: Diagnosis = {
  layer: null,
  meaning: 'The repository refuses.',
  side: 'tenant',
  ask: 'northwind: is it up?',
  next: 'Nothing here.',
  forCustomer: 'Your repository refuses the connection.',
  lines: [{ time: null, text: 'sshd[8812]: refused \u001b[31mred' }],
  linesFrom: '2026-11-20T08:30:00.000Z',
  linesError: null,
  refusedForward: null,
};

const tls = {
  protocol: 'TLSv1.3',
  subject: 'CN=files.nw.lan',
  issuer: 'CN=files.nw.lan',
  validFrom: '2020-01-01T00:00:00.000Z',
  validTo: '2021-01-01T00:00:00.000Z',
  selfSigned: true,
  namesHost: false,
};

/**
 * Opens the page of tenants at `hash` with the tenants northwind and globex. `answers` replaces answers of
 * the console.
 */
export function openTenants(hash: string, answers: Parameters<typeof createFakeConsole>[0] = {}) {
  location.hash = hash;
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'ports.list': () => ({ rows }),
    'ports.detail': () => ({
      view: northwind,
      tunnel: northwind.tunnels[1],
      probe: {
        at: '2026-11-20T09:29:00.000Z',
        port: 2204,
        uri: 'smb://files.nw.lan:139',
        sessionPid: 8812,
        forward: { outcome: 'opened', milliseconds: 3 },
        service: { outcome: 'answered', protocol: 'CMIS 1.1', milliseconds: 14, tls },
      },
      history: sampleHistory,
    }),
    'ports.diagnose': () => ({ diagnosis }),
    'ports.history': () => ({ history: { ...sampleHistory, watchedMs: 2_592_000_000, upMs: 2_590_000_000 } }),
    'ports.probe': () => ({ probed: 1, ok: 1, milliseconds: 14.2 }),
    ...answers,
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return fake;
}

export const chosen = () => screen.getByRole('row', { selected: true }).textContent;
export const panel = (name: string) => screen.findByRole('complementary', { name });
