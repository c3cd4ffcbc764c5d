/** Every address inside the page. Pure, so that links, palette and tests agree. */
export const places = {
  fleet: () => '/',
  tenants: () => '/tenants',
  syslog: () => '/syslog',
  audit: () => '/audit',
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
