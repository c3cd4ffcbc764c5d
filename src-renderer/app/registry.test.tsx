import '../../test-support/renderer/pageSetup.ts';
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { createFakeConsole, sampleAbout } from '../../test-support/renderer/fakeConsole.ts';
import { fillAddress, places } from '../state/places.ts';
import { App } from './App.tsx';
import { pages } from './pages.tsx';
import { createPageRouter } from './router.tsx';

function open(hash: string, role: 'viewer' | 'admin' = 'admin') {
  location.hash = hash;
  const fake = createFakeConsole({
    'system.about': () => sampleAbout({ role }),
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
}

const router = createPageRouter();

function routeOf(place: string): string | undefined {
  const [, , found] = router.getMatchedRoutes(place);
  return found?.fullPath;
}

test('when a page links to a place, a page is registered there', () => {
  const name = 'kiln-01';
  expect({
    fleet: routeOf(places.fleet()),
    tenants: routeOf(places.tenants()),
    tenantOfAll: routeOf(places.anyTenant(name, 'acme.example', 2200)),
    licences: routeOf(places.licences()),
    connectYaml: routeOf(places.connectYaml()),
    settings: routeOf(places.settings()),
    appliance: routeOf(places.appliance(name)),
    applianceTenants: routeOf(places.applianceTenants(name)),
    tenant: routeOf(places.tenant(name, 'acme.example')),
    tunnel: routeOf(places.tenant(name, 'acme.example', 2200)),
    applianceSyslog: routeOf(places.applianceSyslog(name)),
    configuration: routeOf(places.configuration()),
    applianceConfiguration: routeOf(places.applianceConfiguration(name)),
    usage: routeOf(places.usage()),
    applianceUsage: routeOf(places.applianceUsage(name)),
    nothing: routeOf('/nothing/here'),
  }).toEqual({
    fleet: '/',
    tenants: '/tenants/{-$name}/{-$client}/{-$port}',
    tenantOfAll: '/tenants/{-$name}/{-$client}/{-$port}',
    licences: '/licences',
    connectYaml: '/connect-yaml',
    settings: '/settings',
    appliance: '/appliance/$name',
    applianceTenants: '/appliance/$name/tenants/{-$client}/{-$port}',
    tenant: '/appliance/$name/tenants/{-$client}/{-$port}',
    tunnel: '/appliance/$name/tenants/{-$client}/{-$port}',
    applianceSyslog: '/appliance/$name/syslog',
    configuration: '/configuration',
    applianceConfiguration: '/appliance/$name/configuration',
    usage: '/usage',
    applianceUsage: '/appliance/$name/usage',
    nothing: undefined,
  });
});

test('when an address is filled, missing parts are left out and names are escaped', () => {
  expect(fillAddress('/tenants/{-$name}/{-$client}/{-$port}')).toBe('/tenants');
  expect(fillAddress('/tenants/{-$name}/{-$client}/{-$port}', { name: 'a b', client: 'x/y' })).toBe(
    '/tenants/a%20b/x%2Fy',
  );
  expect(fillAddress('/')).toBe('/');
});

test('when pages are registered, each key and each address belongs to one page', () => {
  const keys = pages.flatMap(({ key }) => key ?? []);
  const paths = pages.flatMap(({ routes }) => routes.map(({ path }) => path));
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(paths).size).toBe(paths.length);
});

test.each([
  { key: 't', title: 'Tenants & ports' },
  { key: 'l', title: 'Syslog' },
  { key: 'e', title: 'Licences' },
  { key: 'o', title: 'Configuration' },
  { key: 'a', title: 'Audit' },
  { key: 'c', title: 'connect.yaml' },
  { key: 's', title: 'Settings' },
])('when g and $key are pressed, $title opens', async ({ key, title }) => {
  open('#/');
  await screen.findByRole('heading', { level: 1, name: 'Fleet' });
  fireEvent.keyDown(document.body, { key });
  expect(location.hash).toBe('#/');
  fireEvent.keyDown(document.body, { key: 'g' });
  fireEvent.keyDown(document.body, { key });
  expect(await screen.findByRole('heading', { level: 1, name: title })).toBeDefined();
});

test('when a field has the cursor, g and a key are text', async () => {
  open('#/audit');
  const field = await screen.findByRole('searchbox', { name: 'Search records' });
  fireEvent.keyDown(field, { key: 'g' });
  fireEvent.keyDown(field, { key: 'f' });
  expect(location.hash).toBe('#/audit');
});
