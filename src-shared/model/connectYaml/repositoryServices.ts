export const repositoryServiceNames = ['smb', 'webdav', 'cmis', 'alfresco', 'cq5'] as const;
/** Services that Connect can forward to **[doc]**. */
export type RepositoryService = (typeof repositoryServiceNames)[number];
export type RepositoryScheme = 'http' | 'https';

type RepositoryServiceFacts = {
  label: string;
  /** The service's usual ports by scheme (`service+scheme`). A service with the empty scheme takes no `+http`. */
  usualPorts: { '': number } | Record<RepositoryScheme, number>;
  /** Other names of the service, each with the scheme that it implies, if any. */
  otherNames: Readonly<Record<string, RepositoryScheme | null>>;
  /** The minimum versions that the service needs on both sides **[doc]**. */
  minVersions: { appliance: string; connect: string };
};

/** Every fact about each service. A new one also needs a probe in `probeTunnel.ts` and a server in the lab's `labServices.ts`. */
export const repositoryServices = {
  smb: {
    label: 'SMB',
    usualPorts: { '': 445 },
    otherNames: { cifs: null, samba: null, smb2: null, smb3: null },
    minVersions: { appliance: '1.8.3', connect: '1.0.0' },
  },
  webdav: {
    label: 'WebDAV',
    usualPorts: { http: 80, https: 443 },
    otherNames: { http: 'http', https: 'https', dav: 'http', davs: 'https' },
    minVersions: { appliance: '1.8.3', connect: '1.0.0' },
  },
  cmis: {
    label: 'CMIS',
    usualPorts: { http: 80, https: 443 },
    otherNames: {},
    minVersions: { appliance: '1.14.4', connect: '1.0.0' },
  },
  alfresco: {
    label: 'Alfresco',
    // Tomcat's port.
    usualPorts: { http: 8080, https: 443 },
    otherNames: {},
    minVersions: { appliance: '1.14.4', connect: '1.0.0' },
  },
  cq5: {
    label: 'Adobe CQ5',
    // The port of an author instance.
    usualPorts: { http: 4502, https: 443 },
    otherNames: { aem: null, cq: null },
    minVersions: { appliance: '1.8.3', connect: '1.0.0' },
  },
} as const satisfies Record<RepositoryService, RepositoryServiceFacts>;

export function isRepositoryService(name: string): name is RepositoryService {
  return Object.hasOwn(repositoryServices, name);
}

/** The schemes of a service, one of which its URI must name; empty if it takes none. */
export function schemesOf(service: RepositoryService): readonly RepositoryScheme[] {
  return 'http' in repositoryServices[service].usualPorts ? ['http', 'https'] : [];
}

/** Finds a service by another of its names, e.g. `cifs`, whatever its case. */
export function serviceByOtherName(
  name: string,
): { service: RepositoryService; scheme: RepositoryScheme | null } | null {
  const lower = name.toLowerCase();
  for (const service of repositoryServiceNames) {
    const otherNames: RepositoryServiceFacts['otherNames'] = repositoryServices[service].otherNames;
    if (Object.hasOwn(otherNames, lower)) return { service, scheme: otherNames[lower] ?? null };
  }
  return null;
}

/** The usual port, and whether a URI without a port means it: application servers only tend to use theirs. */
export function usualPort(
  service: RepositoryService,
  scheme: string | null,
): { port: number; isDefault: boolean } {
  const { usualPorts } = repositoryServices[service];
  if (!('http' in usualPorts)) return { port: usualPorts[''], isDefault: true };
  const port = scheme === 'http' ? usualPorts.http : usualPorts.https;
  return { port, isDefault: port === 80 || port === 443 };
}

/** One line for a comment in connect.yaml: all services, and which of them take a scheme. */
export function describeServices(): string {
  const bare = repositoryServiceNames.filter((service) => schemesOf(service).length === 0);
  return `${repositoryServiceNames.join(', ')}; all but ${bare.join(', ')} take +http or +https.`;
}
