import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { expandPath } from './expandPath.ts';

test.each([
  ['k.pub', { npm_lifecycle_event: 'sallyport', INIT_CWD: '/home/op' }, '/home/op/k.pub'],
  ['../k.pub', { npm_lifecycle_event: 'sallyport', INIT_CWD: '/home/op' }, '/home/k.pub'],
  ['/k.pub', { npm_lifecycle_event: 'sallyport', INIT_CWD: '/home/op' }, '/k.pub'],
  ['k.pub', { npm_lifecycle_event: 'test', INIT_CWD: '/home/op' }, resolve('k.pub')],
  ['k.pub', {}, resolve('k.pub')],
])('%s in %j', (path, environment, expected) => {
  expect(expandPath(path, environment)).toBe(expected);
});
