import { expect, test } from 'vitest';
import {
  describeServices,
  repositoryServiceNames,
  repositoryServices,
  schemesOf,
  serviceByOtherName,
  usualPort,
} from './repositoryServices.ts';

test('when a service has other names, they are unique and are not names of services', () => {
  const names = repositoryServiceNames.flatMap((service) =>
    Object.keys(repositoryServices[service].otherNames),
  );
  expect(new Set([...names, ...repositoryServiceNames]).size).toBe(
    names.length + repositoryServiceNames.length,
  );
  expect(serviceByOtherName('DAVS')).toEqual({ service: 'webdav', scheme: 'https' });
  expect(serviceByOtherName('aem')).toEqual({ service: 'cq5', scheme: null });
  expect(serviceByOtherName('constructor')).toBeNull();
});

test('when a service takes no scheme, the comment in connect.yaml says so', () => {
  expect(schemesOf('smb')).toEqual([]);
  expect(describeServices()).toBe('smb, webdav, cmis, alfresco, cq5; all but smb take +http or +https.');
});

test.each([
  ['smb', null, 445, true],
  ['webdav', 'http', 80, true],
  ['alfresco', 'http', 8080, false],
  ['cq5', 'http', 4502, false],
  ['cq5', 'https', 443, true],
] as const)('when %s uses %s, its usual port is %i', (service, scheme, port, isDefault) => {
  expect(usualPort(service, scheme)).toEqual({ port, isDefault });
});
