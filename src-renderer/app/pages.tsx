import { useParams } from '@tanstack/react-router';
import { type ComponentType, useMemo } from 'react';
import type { ApplianceView } from '../../src-shared/contract/fleet.ts';
import type { Role } from '../../src-shared/contract/procedure.ts';
import { countDue, countTenants } from '../features/fleet/summary.ts';
import { addresses, fillAddress } from '../state/places.ts';
import { PageSkeleton } from '../ui/feedback/Loaded.tsx';
import type { IconName } from '../ui/layout/Icon.tsx';
import { lazyComponent } from '../ui/layout/lazyComponent.tsx';

/** Parameters of an address; each is set only if the address contains it. */
type PageParams = { name?: string; client?: string; port?: string; trip?: string };

type PageDefinition<Props> = {
  title: string;
  /** True for a page that is large or rarely opened; its code is not preloaded. */
  isLoadedOnOpen?: boolean;
  icon: IconName;
  /** The key that opens the page when it is pressed after `g`. */
  key?: string;
  /** The lowest role that sees links to the page. The console checks each call itself. */
  role: Role;
  navigation: 'top' | 'bottom' | null;
  /** Returns the number beside the page's title in the navigation, or what is due there. */
  count?: (appliances: readonly ApplianceView[]) => number | string;
  load: () => Promise<ComponentType<Props>>;
  /**
   * For each address of the page, a function that returns the page's props. Navigation and palette use the
   * first address.
   */
  routes: Record<string, (params: PageParams) => Props>;
};

/** Creates a component for each address of a page. It shows the page's frame until its code is loaded. */
function page<Props extends object>({ load, routes, ...definition }: PageDefinition<Props>) {
  const { Component, preload } = lazyComponent(load);
  const [first = ''] = Object.keys(routes);
  return {
    ...definition,
    preload,
    /**
     * The address that navigation, palette and keys open. Null if the page needs parameters in its address.
     */
    place: first.includes('/$') ? null : fillAddress(first),
    routes: Object.entries(routes).map(([path, propsOf]) => ({
      path,
      component: function PageRoute() {
        const { name, client, port, trip }: PageParams = useParams({ strict: false });
        const props = useMemo(
          () =>
            propsOf({
              ...(name === undefined ? {} : { name }),
              ...(client === undefined ? {} : { client }),
              ...(port === undefined ? {} : { port }),
              ...(trip === undefined ? {} : { trip }),
            }),
          [name, client, port, trip],
        );
        return (
          <Component
            // With another key for each appliance or renewal, React starts its page with new state.
            key={path.includes('/$name') ? name : (trip ?? path)}
            props={props}
            part="This page"
            fallback={<PageSkeleton title={definition.title} />}
          />
        );
      },
    })),
  };
}

function namedTunnel({ name, client, port }: PageParams) {
  return name === undefined || client === undefined
    ? null
    : { applianceName: name, clientId: client, port: port ?? null };
}

/** The only list of pages: router, navigation, palette and keys are built from it. */
export const pages = [
  page({
    title: 'Fleet',
    icon: 'stack',
    key: 'f',
    role: 'viewer',
    navigation: 'top',
    count: (appliances) => appliances.length,
    load: async () => (await import('../features/fleet/FleetPage.tsx')).FleetPage,
    routes: { [addresses.fleet]: () => ({}) },
  }),
  page({
    title: 'Tenants & ports',
    icon: 'tunnel',
    key: 't',
    role: 'viewer',
    navigation: 'top',
    count: countTenants,
    load: async () => (await import('../features/tenants/TenantsPage.tsx')).TenantsPage,
    routes: {
      [addresses.tenants]: (params) => ({
        applianceName: params.client === undefined ? (params.name ?? null) : null,
        named: namedTunnel(params),
      }),
      [addresses.applianceTenants]: (params) => ({
        applianceName: params.name ?? null,
        named: namedTunnel(params),
      }),
    },
  }),
  page({
    title: 'Syslog',
    icon: 'lines',
    key: 'l',
    role: 'viewer',
    navigation: 'top',
    load: async () => (await import('../features/syslog/SyslogPage.tsx')).SyslogPage,
    routes: {
      [addresses.syslog]: () => ({ applianceName: null }),
      [addresses.applianceSyslog]: ({ name = '' }) => ({ applianceName: name }),
    },
  }),
  page({
    title: 'Licences',
    isLoadedOnOpen: true,
    icon: 'calendar',
    key: 'e',
    role: 'viewer',
    navigation: 'top',
    count: countDue,
    load: async () => (await import('../features/licences/LicencesPage.tsx')).LicencesPage,
    routes: { [addresses.licences]: () => ({}) },
  }),
  page({
    title: 'Renew offline',
    isLoadedOnOpen: true,
    icon: 'calendar',
    role: 'viewer',
    navigation: null,
    load: async () => (await import('../features/licences/trip/TripPage.tsx')).TripPage,
    routes: { [addresses.licenceTrip]: ({ trip = '' }) => ({ tripId: trip }) },
  }),
  page({
    title: 'Usage & billing',
    isLoadedOnOpen: true,
    icon: 'bars',
    key: 'u',
    role: 'viewer',
    navigation: 'top',
    load: async () => (await import('../features/usage/UsagePage.tsx')).UsagePage,
    routes: {
      [addresses.usage]: () => ({ applianceName: null }),
      [addresses.applianceUsage]: ({ name = '' }) => ({ applianceName: name }),
    },
  }),
  page({
    title: 'Configuration',
    isLoadedOnOpen: true,
    icon: 'sliders',
    key: 'o',
    role: 'viewer',
    navigation: 'top',
    load: async () => (await import('../features/configuration/ConfigurationPage.tsx')).ConfigurationPage,
    routes: {
      [addresses.configuration]: () => ({ applianceName: null }),
      [addresses.applianceConfiguration]: ({ name = '' }) => ({ applianceName: name }),
    },
  }),
  page({
    title: 'Audit',
    icon: 'shield',
    key: 'a',
    role: 'viewer',
    navigation: 'top',
    load: async () => (await import('../features/audit/AuditPage.tsx')).AuditPage,
    routes: { [addresses.audit]: () => ({}) },
  }),
  page({
    title: 'Check connect.yaml',
    isLoadedOnOpen: true,
    icon: 'file',
    key: 'c',
    role: 'viewer',
    navigation: null,
    load: async () => (await import('../features/connect/ConnectYamlPage.tsx')).ConnectYamlPage,
    routes: { [addresses.connectYaml]: () => ({}) },
  }),
  page({
    title: 'Run on many',
    isLoadedOnOpen: true,
    icon: 'stack',
    key: 'r',
    role: 'viewer',
    navigation: null,
    load: async () => (await import('../features/fanOut/FanOutPage.tsx')).FanOutPage,
    routes: { [addresses.run]: () => ({}) },
  }),
  page({
    title: 'Trust',
    isLoadedOnOpen: true,
    icon: 'lock',
    key: 'h',
    role: 'viewer',
    navigation: 'bottom',
    load: async () => (await import('../features/trust/TrustPage.tsx')).TrustPage,
    routes: { [addresses.trust]: () => ({}) },
  }),
  page({
    title: 'Settings',
    icon: 'gear',
    key: 's',
    role: 'viewer',
    navigation: 'bottom',
    isLoadedOnOpen: true,
    load: async () => (await import('../features/settings/SettingsPage.tsx')).SettingsPage,
    routes: { [addresses.settings]: () => ({}) },
  }),
  page({
    title: 'Appliance',
    icon: 'stack',
    role: 'viewer',
    navigation: null,
    load: async () => (await import('../features/appliance/AppliancePage.tsx')).AppliancePage,
    routes: { [addresses.appliance]: ({ name = '' }) => ({ name }) },
  }),
];
