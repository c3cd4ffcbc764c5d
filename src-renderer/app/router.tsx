import { createHashHistory, createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { AppliancePage } from '../features/appliance/AppliancePage.tsx';
import { AuditPage } from '../features/audit/AuditPage.tsx';
import { FleetPage } from '../features/fleet/FleetPage.tsx';
import { SyslogPage } from '../features/syslog/SyslogPage.tsx';
import { TenantsPage } from '../features/tenants/TenantsPage.tsx';
import { places } from '../state/places.ts';
import { PlaceLink } from '../ui/Place.tsx';
import { EmptyState } from '../ui/States.tsx';
import { Shell } from './Shell.tsx';

/** Pages take plain properties; only this file knows how an address becomes them. */
export function createPageRouter() {
  const root = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage });
  const fleet = createRoute({ getParentRoute: () => root, path: '/', component: FleetPage });
  const tenants = createRoute({
    getParentRoute: () => root,
    path: '/tenants',
    component: () => <TenantsPage applianceName={null} clientId={null} port={null} />,
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
      const number = port !== undefined && /^\d{1,5}$/u.test(port) ? Number(port) : null;
      return <TenantsPage key={name} applianceName={name} clientId={client ?? null} port={number} />;
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
  const audit = createRoute({ getParentRoute: () => root, path: '/audit', component: AuditPage });
  return createRouter({
    routeTree: root.addChildren([
      fleet,
      tenants,
      appliance,
      applianceTenants,
      syslog,
      applianceSyslog,
      audit,
    ]),
    history: createHashHistory(),
  });
}

function NoSuchPage() {
  return (
    <EmptyState title="No such page" action={<PlaceLink to={places.fleet()}>Go to the fleet</PlaceLink>}>
      This address leads nowhere in Sallyport.
    </EmptyState>
  );
}
