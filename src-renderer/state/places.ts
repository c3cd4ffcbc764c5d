/** Every address inside the page. Pure, so that links, palette and tests agree. */
export const places = {
  fleet: () => '/',
  tenants: () => '/tenants',
  /** As `tenant`, beside the table of all appliances. */
  anyTenant: (name: string, clientId: string, port: number | null = null) =>
    `/tenants/${encodeURIComponent(name)}/${encodeURIComponent(clientId)}${port === null ? '' : `/${port}`}`,
  syslog: () => '/syslog',
  audit: () => '/audit',
  connectYaml: () => '/connect-yaml',
  settings: () => '/settings',
  appliance: (name: string) => `/appliance/${encodeURIComponent(name)}`,
  applianceTenants: (name: string) => `/appliance/${encodeURIComponent(name)}/tenants`,
  tenant: (name: string, clientId: string, port: number | null = null) =>
    `/appliance/${encodeURIComponent(name)}/tenants/${encodeURIComponent(clientId)}${port === null ? '' : `/${port}`}`,
  applianceSyslog: (name: string) => `/appliance/${encodeURIComponent(name)}/syslog`,
};

/** As an `href`: the page lives behind the hash, so that it works from a file too. */
export function hrefOf(place: string): string {
  return `#${place}`;
}
