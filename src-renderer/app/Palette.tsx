import { useMemo, useState } from 'react';
import { useFleet, useTenants } from '../features/fleet/queries.ts';
import { useOpenTerminal } from '../features/appliance/mutations.ts';
import { useRefresh } from '../features/fleet/mutations.ts';
import { useTenantChanges } from '../features/tenants/changes/changesContext.ts';
import { useLockVault, useVault } from '../features/secrets/vaultQuery.ts';
import { useMay } from '../features/system/queries.ts';
import { usePorts } from '../features/tenants/queries.ts';
import { useTestNow } from '../features/tenants/rowActions.ts';
import { useNavigateTo } from '../state/navigate.ts';
import { openApplianceDialog, setView } from '../state/viewState.ts';
import { CommandPalette, type PaletteEntry } from '../ui/layout/CommandPalette.tsx';
import { useColorScheme } from '../ui/UiProvider.tsx';
import { useMenuPages } from './menuPages.ts';
import { applianceEntries, codeEntries, tunnelEntries } from './paletteEntries.ts';

/** Entries for pages and for actions on the console or the whole fleet. */
function useCommands(go: (place: string) => void): PaletteEntry[] {
  const { mutate: refresh } = useRefresh();
  const { setScheme } = useColorScheme();
  const openChange = useTenantChanges()?.open;
  const isOperator = useMay('operator');
  const isAdmin = useMay('admin');
  const pages = useMenuPages();
  const isUnlocked = useVault()?.condition === 'unlocked';
  const { mutate: lockVault } = useLockVault();
  return useMemo(() => {
    const command = (id: string, label: string, run: () => void, kind = 'action'): PaletteEntry => ({
      id: `act-${id}`,
      kind,
      label,
      run,
    });
    const openTenants = (kind: 'add' | 'add-many') => () =>
      openChange?.({ at: 'dialog', kind, applianceId: null });
    return [
      ...pages.map(({ title, place }) => command(`page-${place}`, title, () => go(place), 'page')),
      command('notifications', 'Notifications', () => setView({ showingNotifications: true })),
      command('refresh', 'Refresh all appliances', () => refresh({ id: null })),
      command('keys', 'Keyboard shortcuts', () => setView({ showingKeys: true })),
      ...(isUnlocked ? [command('lock', 'Lock now', () => lockVault({}))] : []),
      command('dark', 'Dark', () => setScheme('dark'), 'appearance'),
      command('light', 'Light', () => setScheme('light'), 'appearance'),
      command('auto', 'Same as the system', () => setScheme('auto'), 'appearance'),
      ...(isOperator
        ? [
            command('tenant', 'Add tenant', openTenants('add')),
            command('tenants', 'Import tenants from CSV', openTenants('add-many')),
          ]
        : []),
      ...(isAdmin
        ? [
            command('add', 'Add appliance', () => openApplianceDialog()),
            command('import', 'Import appliances', () => openApplianceDialog({ kind: 'import' })),
          ]
        : []),
    ];
  }, [pages, go, refresh, setScheme, openChange, isOperator, isAdmin, isUnlocked, lockVault]);
}

/** Every appliance, tenant, port, page and action. Tunnels and keys are read only while the palette is open. */
export function Palette() {
  const go = useNavigateTo();
  const [opened, setOpened] = useState(false);
  const appliances = useFleet().data?.appliances;
  const rows = usePorts({ applianceId: null, enabled: opened }).data?.rows;
  const views = useTenants({ applianceId: null, enabled: opened }).data?.tenants;
  const commands = useCommands(go);
  const test = useTestNow();
  const openTerminal = useOpenTerminal();
  const mayChange = useMay('operator');
  const entries = useMemo(
    () => [
      ...commands,
      ...applianceEntries(appliances ?? [], go, openTerminal, mayChange),
      ...tunnelEntries({ rows: rows ?? [], views: views ?? [], go, test: mayChange ? test : null }),
      ...codeEntries,
    ],
    [commands, appliances, rows, views, go, openTerminal, test, mayChange],
  );
  return <CommandPalette entries={entries} onOpen={() => setOpened(true)} onClose={() => setOpened(false)} />;
}
