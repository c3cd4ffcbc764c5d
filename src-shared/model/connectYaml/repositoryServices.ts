export const repositoryServiceNames = ['smb', 'webdav', 'cmis', 'alfresco', 'cq5'] as const;
/** Services that Connect can forward to **[doc]**. */
export type RepositoryService = (typeof repositoryServiceNames)[number];
export type RepositoryScheme = 'http' | 'https';

type RepositoryServiceFacts = {
  label: string;
  /**
   * The service's usual port for each scheme (`service+scheme`). Under the key '' for a service without
   * schemes.
   */
  usualPorts: { '': number } | Record<RepositoryScheme, number>;
  /** Other names of the service, each with the scheme that it implies. Null if it implies none. */
  otherNames: Readonly<Record<string, RepositoryScheme | null>>;
  /** Minimum versions of appliance and Connect that support the service **[doc]**. */
  minVersions: { appliance: string; connect: string };
};

/**
 * All facts about each service. A new service also needs a probe in `probeTunnel.ts` and a server in the
 * lab's `labServices.ts`.
 */
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
    // Alfresco usually runs on Tomcat, whose port is 8080.
    usualPorts: { http: 8080, https: 443 },
    otherNames: {},
    minVersions: { appliance: '1.14.4', connect: '1.0.0' },
  },
  cq5: {
    label: 'Adobe CQ5',
    // The usual port of an AEM author instance.
    usualPorts: { http: 4502, https: 443 },
    otherNames: { aem: null, cq: null },
    minVersions: { appliance: '1.8.3', connect: '1.0.0' },
  },
} as const satisfies Record<RepositoryService, RepositoryServiceFacts>;

export function isRepositoryService(name: string): name is RepositoryService {
  return Object.hasOwn(repositoryServices, name);
}

/** The schemes of a service; its URI must name one of them. Empty if the service has no schemes. */
export function schemesOf(service: RepositoryService): readonly RepositoryScheme[] {
  return 'http' in repositoryServices[service].usualPorts ? ['http', 'https'] : [];
}

/** Finds a service by another of its names, e.g. `cifs`. Ignores upper and lower case. */
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

/**
 * The usual port. `isDefault`: a URI without a port means it. Not so for application servers, whose port
 * often differs.
 */
export function usualPort(
  service: RepositoryService,
  scheme: string | null,
): { port: number; isDefault: boolean } {
  const { usualPorts } = repositoryServices[service];
  if (!('http' in usualPorts)) return { port: usualPorts[''], isDefault: true };
  const port = scheme === 'http' ? usualPorts.http : usualPorts.https;
  return { port, isDefault: port === 80 || port === 443 };
}

/** One line for a comment in connect.yaml. It lists all services and says which of them have a scheme. */
export function describeServices(): string {
  const bare = repositoryServiceNames.filter((service) => schemesOf(service).length === 0);
  return `${repositoryServiceNames.join(', ')}; all but ${bare.join(', ')} take +http or +https.`;
}
