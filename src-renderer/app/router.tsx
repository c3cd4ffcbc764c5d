import { createHashHistory, createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { AppliancePage } from '../features/appliance/AppliancePage.tsx';
import { AuditPage } from '../features/audit/AuditPage.tsx';
import { ConnectYamlPage } from '../features/connect/ConnectYamlPage.tsx';
import { FleetPage } from '../features/fleet/FleetPage.tsx';
import { SettingsPage } from '../features/settings/SettingsPage.tsx';
import { SyslogPage } from '../features/syslog/SyslogPage.tsx';
import { useMemo } from 'react';
import type { NamedTunnel } from '../features/tenants/selection.ts';
import { TenantsPage } from '../features/tenants/TenantsPage.tsx';
import { places } from '../state/places.ts';
import { PlaceLink } from '../ui/layout/Place.tsx';
import { EmptyState } from '../ui/feedback/States.tsx';
import { Shell } from './Shell.tsx';

/** Pages take plain properties; only this file knows how an address becomes them. */
export function createPageRouter() {
  const root = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage });
  const fleet = createRoute({ getParentRoute: () => root, path: '/', component: FleetPage });
  const tenants = createRoute({
    getParentRoute: () => root,
    path: '/tenants/{-$name}/{-$client}/{-$port}',
    component: function TenantsRoute() {
      const { name, client, port } = tenants.useParams();
      const named = useNamedTunnel({ name, client, port });
      return <TenantsPage applianceName={client === undefined ? (name ?? null) : null} named={named} />;
    },
  });
  const appliance = createRoute({
    getParentRoute: () => root,
    path: '/appliance/$name',
    component: function ApplianceRoute() {
      const { name } = appliance.useParams();
      return <AppliancePage key={name} name={name} />;
    },
  });
  const applianceTenants = createRoute({
    getParentRoute: () => root,
    path: '/appliance/$name/tenants/{-$client}/{-$port}',
    component: function ApplianceTenantsRoute() {
      const { name, client, port } = applianceTenants.useParams();
      const named = useNamedTunnel({ name, client, port });
      return <TenantsPage key={name} applianceName={name} named={named} />;
    },
  });
  const syslog = createRoute({
    getParentRoute: () => root,
    path: '/syslog',
    component: () => <SyslogPage applianceName={null} />,
  });
  const applianceSyslog = createRoute({
    getParentRoute: () => root,
    path: '/appliance/$name/syslog',
    component: function ApplianceSyslogRoute() {
      const { name } = applianceSyslog.useParams();
      return <SyslogPage key={name} applianceName={name} />;
    },
  });
  const settings = createRoute({
    getParentRoute: () => root,
    path: '/settings',
    component: SettingsPage,
  });
  const connectYaml = createRoute({
    getParentRoute: () => root,
    path: '/connect-yaml',
    component: ConnectYamlPage,
  });
  const audit = createRoute({ getParentRoute: () => root, path: '/audit', component: AuditPage });
  return createRouter({
    routeTree: root.addChildren([
      fleet,
      tenants,
      connectYaml,
      appliance,
      applianceTenants,
      syslog,
      applianceSyslog,
      audit,
      settings,
    ]),
    history: createHashHistory(),
  });
}

/** The same object for as long as the address stays. */
function useNamedTunnel({
  name,
  client,
  port,
}: {
  name: string | undefined;
  client: string | undefined;
  port: string | undefined;
}): NamedTunnel | null {
  return useMemo(
    () =>
      name === undefined || client === undefined
        ? null
        : { applianceName: name, clientId: client, port: port ?? null },
    [name, client, port],
  );
}

function NoSuchPage() {
  return (
    <EmptyState title="Page not found" action={<PlaceLink to={places.fleet()}>Go to the fleet</PlaceLink>}>
      Nothing is at this address.
    </EmptyState>
  );
}
