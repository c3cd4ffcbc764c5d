import { expect, test } from 'vitest';
import { findNamedTunnels } from './namedTunnels.ts';

const rows = [
  { applianceName: 'kiln-01', clientId: 'northwind', port: 2200 },
  { applianceName: 'kiln-01', clientId: 'northwind', port: 2204 },
  { applianceName: 'kiln-01', clientId: 'acme', port: null },
];
const names = (message: string) =>
  findNamedTunnels(message, rows).map(({ clientId, port }) => `${clientId} ${port}`);

test.each([
  ['tenant=northwind port=2204 destination=smb://files.nw.lan', ['northwind 2204']],
  ['session of northwind ended.', ['northwind null']],
  ['listening on 127.0.0.1:2200', ['northwind 2200']],
  ['acme took over from northwind:2200', ['northwind 2200', 'acme null']],
])('when a line says "%s", its known tenants and ports are found', (message, found) => {
  expect(names(message)).toEqual(found);
});

test.each([
  'Accepted publickey for ops from 10.20.0.9 port 2200 ssh2',
  'northwind-2 is unknown',
  'pid 22000 exited',
])('when a line says "%s", no tenant is found', (message) => {
  expect(names(message)).toEqual([]);
});
