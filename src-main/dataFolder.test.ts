import { expect, test } from 'vitest';
import { defaultDataFolder } from './dataFolder.ts';

test.each([
  ['linux', {}, '/home/ada', '/home/ada/.local/share/sallyport'],
  ['linux', { XDG_DATA_HOME: '/srv/data' }, '/home/ada', '/srv/data/sallyport'],
  ['linux', { XDG_DATA_HOME: 'data' }, '/home/ada', '/home/ada/.local/share/sallyport'],
  ['linux', { XDG_DATA_HOME: '' }, '/home/ada', '/home/ada/.local/share/sallyport'],
  [
    'darwin',
    { XDG_DATA_HOME: '/srv/data' },
    '/Users/ada',
    '/Users/ada/Library/Application Support/Sallyport',
  ],
  ['win32', {}, 'C:\\Users\\ada', 'C:\\Users\\ada\\AppData\\Roaming\\Sallyport'],
  ['win32', { APPDATA: 'D:\\Roaming' }, 'C:\\Users\\ada', 'D:\\Roaming\\Sallyport'],
] as const)('on %s with %j', (platform, environment, home, expected) => {
  expect(defaultDataFolder({ platform, environment, home })).toBe(expected);
});
