import { type ViewOf, views, writeView } from './views.ts';

/** Addresses of the pages in the router's syntax: `$name` is required, `{-$name}` is optional. */
export const addresses = {
  fleet: '/',
  tenants: '/tenants/{-$name}/{-$client}/{-$port}',
  syslog: '/syslog',
  licences: '/licences',
  licenceTrip: '/licences/trips/$trip',
  audit: '/audit',
  connectYaml: '/connect-yaml',
  settings: '/settings',
  trust: '/trust',
  run: '/run',
  appliance: '/appliance/$name',
  applianceTenants: '/appliance/$name/tenants/{-$client}/{-$port}',
  applianceSyslog: '/appliance/$name/syslog',
  configuration: '/configuration',
  applianceConfiguration: '/appliance/$name/configuration',
  usage: '/usage',
  applianceUsage: '/appliance/$name/usage',
} as const;

export type AddressParams = Partial<Record<'name' | 'client' | 'port' | 'trip', string | number | null>>;

/** The address with `params` filled in; omits optional parts that are missing. */
export function fillAddress(address: string, params: AddressParams = {}): string {
  const values: Partial<Record<string, string | number | null>> = params;
  const parts = address.split('/').flatMap((part) => {
    const [, name] = /^\{?-?\$(\w+)\}?$/u.exec(part) ?? [];
    if (name === undefined) return part;
    const value = values[name] ?? null;
    return value === null ? [] : encodeURIComponent(String(value).toWellFormed());
  });
  return parts.join('/') || '/';
}

/** All link targets within the page. Pure, so that links, palette and tests agree. */
export const places = {
  fleet: (view: Partial<ViewOf<'fleet'>> = {}) =>
    `${fillAddress(addresses.fleet)}${writeView(views.fleet, view)}`,
  tenants: (view: Partial<ViewOf<'tenants'>> = {}) =>
    `${fillAddress(addresses.tenants)}${writeView(views.tenants, view)}`,
  /** Like `tenant`, but beside the table of all appliances. */
  anyTenant: (
    name: string,
    client: string,
    port: number | null = null,
    view: Partial<ViewOf<'tenants'>> = {},
  ) => `${fillAddress(addresses.tenants, { name, client, port })}${writeView(views.tenants, view)}`,
  licences: (view: Partial<ViewOf<'licences'>> = {}) =>
    `${fillAddress(addresses.licences)}${writeView(views.licences, view)}`,
  licenceTrip: (trip: string, view: Partial<ViewOf<'licenceTrip'>> = {}) =>
    `${fillAddress(addresses.licenceTrip, { trip })}${writeView(views.licenceTrip, view)}`,
  connectYaml: () => fillAddress(addresses.connectYaml),
  configuration: () => fillAddress(addresses.configuration),
  applianceConfiguration: (name: string) => fillAddress(addresses.applianceConfiguration, { name }),
  usage: (view: Partial<ViewOf<'usage'>> = {}) =>
    `${fillAddress(addresses.usage)}${writeView(views.usage, view)}`,
  applianceUsage: (name: string, view: Partial<ViewOf<'usage'>> = {}) =>
    `${fillAddress(addresses.applianceUsage, { name })}${writeView(views.usage, view)}`,
  settings: () => fillAddress(addresses.settings),
  /** `on`: names of appliances, separated by commas. */
  run: (on: string) => `${addresses.run}?on=${on}`,
  appliance: (name: string) => fillAddress(addresses.appliance, { name }),
  applianceTenants: (name: string, view: Partial<ViewOf<'tenants'>> = {}) =>
    `${fillAddress(addresses.applianceTenants, { name })}${writeView(views.tenants, view)}`,
  tenant: (name: string, client: string, port: number | null = null, view: Partial<ViewOf<'tenants'>> = {}) =>
    `${fillAddress(addresses.applianceTenants, { name, client, port })}${writeView(views.tenants, view)}`,
  syslog: (view: Partial<ViewOf<'syslog'>> = {}) =>
    `${fillAddress(addresses.syslog)}${writeView(views.syslog, view)}`,
  applianceSyslog: (name: string, view: Partial<ViewOf<'syslog'>> = {}) =>
    `${fillAddress(addresses.applianceSyslog, { name })}${writeView(views.syslog, view)}`,
};

/** Returns the place as an `href`. The path is after the hash, so that the page also works from a file. */
export function hrefOf(place: string): string {
  return `#${place}`;
}
