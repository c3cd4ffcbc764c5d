import { useMemo, useState } from 'react';
import { visibleText } from '../../src-shared/base/machineText.ts';
import { marksOf } from '../features/fleet/components/ApplianceMarks.tsx';
import { useFleet } from '../features/fleet/queries.ts';
import { useRefresh } from '../features/fleet/mutations.ts';
import { useTenantChanges } from '../features/tenants/changes/changesContext.ts';
import { useMay } from '../features/system/queries.ts';
import { usePorts } from '../features/tenants/queries.ts';
import { useNavigateTo } from '../state/navigate.ts';
import { places } from '../state/places.ts';
import { openApplianceDialog, setView } from '../state/viewState.ts';
import { CommandPalette, type PaletteEntry } from '../ui/layout/CommandPalette.tsx';
import { useColorScheme } from '../ui/UiProvider.tsx';
import { useListedPages } from './listedPages.ts';

/** Every appliance, tenant, port, page and action. Tunnels are read only while the palette is open. */
export function Palette() {
  const navigateTo = useNavigateTo();
  const [opened, setOpened] = useState(false);
  const fleet = useFleet().data;
  const ports = usePorts({ applianceId: null, enabled: opened }).data;
  const { mutate: refresh } = useRefresh();
  const { setScheme } = useColorScheme();
  const openChange = useTenantChanges()?.open;
  const isOperator = useMay('operator');
  const isAdmin = useMay('admin');
  const pages = useListedPages();

  const entries = useMemo(() => {
    const go = (place: string) => () => navigateTo(place);
    const found: PaletteEntry[] = [
      ...pages.map(({ title, place }) => ({
        id: `page-${place}`,
        kind: 'page',
        label: title,
        run: go(place),
      })),
      {
        id: 'act-notifications',
        kind: 'action',
        label: 'Notifications',
        run: () => setView({ showingNotifications: true }),
      },
      {
        id: 'act-refresh',
        kind: 'action',
        label: 'Refresh all appliances',
        run: () => refresh({ id: null }),
      },
      { id: 'act-dark', kind: 'appearance', label: 'Dark', run: () => setScheme('dark') },
      { id: 'act-light', kind: 'appearance', label: 'Light', run: () => setScheme('light') },
      { id: 'act-auto', kind: 'appearance', label: 'Match system', run: () => setScheme('auto') },
    ];
    if (isOperator) {
      found.push(
        {
          id: 'act-tenant',
          kind: 'action',
          label: 'Add tenant',
          run: () => openChange?.({ at: 'dialog', kind: 'add', applianceId: null }),
        },
        {
          id: 'act-tenants',
          kind: 'action',
          label: 'Import tenants from CSV',
          run: () => openChange?.({ at: 'dialog', kind: 'add-many', applianceId: null }),
        },
      );
    }
    if (isAdmin) {
      found.push({
        id: 'act-add',
        kind: 'action',
        label: 'Add appliance',
        run: () => openApplianceDialog(),
      });
      found.push({
        id: 'act-import',
        kind: 'action',
        label: 'Import appliances',
        run: () => openApplianceDialog({ kind: 'import' }),
      });
    }
    for (const { entry } of fleet?.appliances ?? []) {
      const base = { detail: [entry.target.host, ...marksOf(entry)].join(' · '), machine: true };
      found.push({
        ...base,
        id: entry.id,
        kind: 'appliance',
        label: entry.name,
        run: go(places.appliance(entry.name)),
      });
      found.push({
        ...base,
        id: `${entry.id}-t`,
        kind: 'tenants of',
        label: entry.name,
        run: go(places.applianceTenants(entry.name)),
      });
      found.push({
        ...base,
        id: `${entry.id}-l`,
        kind: 'syslog of',
        label: entry.name,
        run: go(places.applianceSyslog(entry.name)),
      });
    }
    let lastTenant = '';
    for (const { applianceId, applianceName: name, clientId, port, destination } of ports?.rows ?? []) {
      const id = `${applianceId}/${clientId}`;
      if (id !== lastTenant)
        found.push({
          id,
          kind: 'tenant',
          label: clientId,
          detail: name,
          machine: true,
          run: go(places.tenant(name, clientId)),
        });
      lastTenant = id;
      if (port === null) continue;
      found.push({
        id: `${id}/${port}`,
        kind: 'port',
        label: String(port),
        detail: visibleText(`${clientId} on ${name}  ${destination ?? ''}`),
        machine: true,
        run: go(places.tenant(name, clientId, port)),
      });
    }
    return found;
  }, [pages, fleet, ports, navigateTo, refresh, setScheme, openChange, isOperator, isAdmin]);

  return <CommandPalette entries={entries} onOpen={() => setOpened(true)} onClose={() => setOpened(false)} />;
}
