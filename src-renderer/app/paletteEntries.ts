import type { ApplianceView } from '../../src-shared/contract/fleet.ts';
import type { PortRow } from '../../src-shared/contract/ports.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import { visibleText } from '../../src-shared/base/machineText.ts';
import { tunnelCodes, tunnelCodeSchema } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import { openCodeHelp } from '../features/codes/CodeLink.tsx';
import { listMarks } from '../features/fleet/components/ApplianceMarks.tsx';
import { urgency } from '../../src-shared/model/tunnels/tone.ts';
import { openBulk } from '../features/tenants/bulk/bulkRequest.ts';
import { tenantKeyOf } from '../features/tenants/rows.ts';
import { places } from '../state/places.ts';
import type { PaletteEntry } from '../ui/layout/CommandPalette.tsx';

type Go = (place: string) => void;

/**
 * Entries for an appliance and its pages. `openTerminal` is null if the console can't open a terminal; viewers may not
 * renew.
 */
export function applianceEntries(
  appliances: readonly ApplianceView[],
  go: Go,
  openTerminal: ((entry: ApplianceView['entry']) => void) | null,
  mayRenew: boolean,
): PaletteEntry[] {
  const pages = appliances.flatMap(({ entry, health, observedAt, schedule }) => {
    const detail = [entry.target.host, ...listMarks(entry)].join(' · ');
    const base = { label: entry.name, detail, machine: true };
    const action = { kind: 'action', detail: entry.target.host };
    const status = { tone: health.tone, word: '', observedAt };
    return [
      { ...base, id: entry.id, kind: 'appliance', status, run: () => go(places.appliance(entry.name)) },
      {
        ...base,
        id: `${entry.id}-t`,
        kind: 'tenants of',
        run: () => go(places.applianceTenants(entry.name)),
      },
      ...(schedule.next === null || !mayRenew
        ? []
        : [
            {
              ...action,
              id: `${entry.id}-e`,
              label: `Renew licence of ${entry.name}…`,
              run: () => go(places.licences({ renew: entry.name })),
            },
            {
              ...action,
              id: `${entry.id}-z`,
              label: `Snooze licence of ${entry.name}…`,
              run: () => go(places.licences({ snooze: entry.name })),
            },
          ]),
      { ...base, id: `${entry.id}-l`, kind: 'syslog of', run: () => go(places.applianceSyslog(entry.name)) },
      {
        ...base,
        id: `${entry.id}-u`,
        kind: 'usage of',
        run: () => go(places.applianceUsage(entry.name)),
      },
      {
        ...base,
        id: `${entry.id}-c`,
        kind: 'configuration of',
        run: () => go(places.applianceConfiguration(entry.name)),
      },
    ];
  });
  if (openTerminal === null) return pages;
  const terminals = appliances.map(({ entry }) => ({
    id: `${entry.id}-terminal`,
    kind: 'action',
    label: `Open ${entry.name} in terminal`,
    detail: entry.target.host,
    run: () => openTerminal(entry),
  }));
  return [...pages, ...terminals];
}

function listFingerprints(views: readonly TenantView[]): Map<string, string> {
  return new Map(
    views.map(({ applianceId, tenant }) => [
      tenantKeyOf({ applianceId, clientId: tenant.clientId }),
      tenant.keys.map(({ fingerprint }) => fingerprint).join(' '),
    ]),
  );
}

/** Returns the text by which a tunnel is found in addition to its name. */
function buildSearchText({ code, word, destination, peer, group, repository }: PortRow): string {
  return [code, word, destination, peer, group, repository].filter((part) => part !== null).join(' ');
}

function changeEntries(row: PortRow): PaletteEntry[] {
  const { applianceId, applianceName, clientId, suspended } = row;
  const tenants = [{ applianceId, applianceName, clientId }];
  const base = { kind: 'action', detail: `on ${applianceName}` };
  const id = tenantKeyOf(row);
  if (suspended)
    return [
      {
        ...base,
        id: `${id}-resume`,
        label: `Resume ${clientId}…`,
        run: () => openBulk({ kind: 'resume', tenants }),
      },
    ];
  return [
    {
      ...base,
      id: `${id}-suspend`,
      label: `Suspend ${clientId}…`,
      run: () => openBulk({ kind: 'suspend', tenants }),
    },
    {
      ...base,
      id: `${id}-rotate`,
      label: `Rotate key of ${clientId}…`,
      run: () => openBulk({ kind: 'rotate', tenants }),
    },
  ];
}

/** Returns the row of each tenant's worst tunnel, which gives the status shown for the tenant. */
function worstRows(rows: readonly PortRow[]): Map<string, PortRow> {
  const worst = new Map<string, PortRow>();
  for (const row of rows) {
    const before = worst.get(tenantKeyOf(row));
    if (before === undefined || urgency[row.tone] < urgency[before.tone]) worst.set(tenantKeyOf(row), row);
  }
  return worst;
}

function tenantEntry(row: PortRow, fingerprints: string, go: Go): PaletteEntry {
  const { applianceName, clientId, tone, word, observedAt } = row;
  return {
    id: tenantKeyOf(row),
    kind: 'tenant',
    label: clientId,
    detail: applianceName,
    machine: true,
    status: { tone, word, observedAt },
    search: fingerprints,
    run: () => go(places.tenant(applianceName, clientId)),
  };
}

/** Entries for tenants (with fingerprints) and ports (with states), followed by the actions on them. */
export function tunnelEntries(input: {
  rows: readonly PortRow[];
  views: readonly TenantView[];
  go: Go;
  /** Null for viewers, who may not test tunnels. */
  test: ((row: PortRow) => void) | null;
}): PaletteEntry[] {
  const { rows, go, test } = input;
  const fingerprints = listFingerprints(input.views);
  const worst = worstRows(rows);
  const things: PaletteEntry[] = [];
  const actions: PaletteEntry[] = [];
  let lastTenant = '';
  for (const row of rows) {
    const { applianceName, clientId, port, tone, word, observedAt } = row;
    const id = tenantKeyOf(row);
    if (id !== lastTenant) {
      things.push(tenantEntry(worst.get(id) ?? row, fingerprints.get(id) ?? '', go));
      if (test !== null) actions.push(...changeEntries(row));
    }
    lastTenant = id;
    if (port === null) continue;
    things.push({
      id: `${id}/${port}`,
      kind: 'port',
      label: String(port),
      detail: visibleText(`${clientId} on ${applianceName}  ${row.destination ?? ''}`),
      machine: true,
      status: { tone, word, observedAt },
      search: buildSearchText(row),
      run: () => go(places.tenant(applianceName, clientId, port)),
    });
    if (test !== null)
      actions.push({
        id: `${id}/${port}-test`,
        kind: 'action',
        label: `Test ${clientId}:${port}`,
        detail: `on ${applianceName}`,
        run: () => test(row),
      });
  }
  return [...things, ...actions];
}

/** The help of every tunnel code. */
export const codeEntries: readonly PaletteEntry[] = Object.entries(tunnelCodes).map(([name, { word }]) => ({
  id: name,
  kind: 'code help',
  label: name,
  detail: word,
  machine: true,
  run: () => openCodeHelp(tunnelCodeSchema.parse(name)),
}));
