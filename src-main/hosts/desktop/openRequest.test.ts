import { expect, test } from 'vitest';
import { findOpenRequest, parseOpenRequest } from './openRequest.ts';

test.each([
  ['sallyport://page/', { kind: 'page', path: '' }],
  ['sallyport://page/tenants', { kind: 'page', path: 'tenants' }],
  ['sallyport://page/appliances/kiln-01?add=1#x', { kind: 'page', path: 'appliances/kiln-01' }],
  [
    '/home/ada/sallyport.deb.sallyport-update',
    { kind: 'update', file: '/home/ada/sallyport.deb.sallyport-update' },
  ],
])('when the system opens %s, it is understood', (target, request) => {
  expect(parseOpenRequest(target)).toEqual(request);
});

test.each([
  'sallyport://other/tenants',
  'sallyport:tenants',
  'sallyport://page/..%2f..%2fetc',
  'sallyport://page/.hidden',
  'sallyport://page/a//b',
  'sallyport://user@evil/page/tenants',
  'https://page/tenants',
  '--data=x.sallyport-update',
  '/etc/passwd',
  '',
])('when the system opens %s, nothing happens', (target) => {
  expect(parseOpenRequest(target)).toBeNull();
});

test('when a start has flags of Chromium too, the first request counts', () => {
  expect(findOpenRequest(['/opt/Sallyport/sallyport-desktop', '--lab', 'sallyport://page/audit'])).toEqual({
    kind: 'page',
    path: 'audit',
  });
  expect(findOpenRequest(['main.js', '--data', '/tmp'])).toBeNull();
});
