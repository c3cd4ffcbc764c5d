import type { MenuItemConstructorOptions } from 'electron';
import { expect, test } from 'vitest';
import { menuTemplate } from './menu.ts';

function flatten(items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])]);
}

const platforms = ['linux', 'win32', 'darwin'] as const;

test.each(platforms)('on %s has neither reload nor developer tools in production', (platform) => {
  const roles = flatten(menuTemplate({ platform, isDevelopment: false })).map((item) => item.role);
  expect(roles).toContain('copy');
  expect(roles).not.toContain('reload');
  expect(roles).not.toContain('forceReload');
  expect(roles).not.toContain('toggleDevTools');
  // Electron's role `viewMenu` would add the reload and developer tools items.
  expect(roles).not.toContain('viewMenu');
});

test.each(platforms)('on %s has both in development', (platform) => {
  const roles = flatten(menuTemplate({ platform, isDevelopment: true })).map((item) => item.role);
  expect(roles).toEqual(expect.arrayContaining(['reload', 'toggleDevTools']));
});

test.each(platforms)('on %s uses only the roles’ own accelerators, none of which is Ctrl+K', (platform) => {
  const items = flatten(menuTemplate({ platform, isDevelopment: true }));
  expect(items.filter((item) => item.accelerator !== undefined)).toEqual([]);
  // Roles with known default accelerators: Z, Y, X, C, V, A, 0, +, -, R, I, Q, M, H and F11.
  const known = ['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll', 'resetZoom', 'zoomIn', 'zoomOut'];
  const more = ['togglefullscreen', 'reload', 'toggleDevTools', 'quit', 'appMenu', 'windowMenu'];
  const roles = items.flatMap((item) => (item.role === undefined ? [] : [item.role]));
  expect([...known, ...more]).toEqual(expect.arrayContaining(roles));
});

test('macOS starts with the app menu, the others with File', () => {
  expect(menuTemplate({ platform: 'darwin', isDevelopment: false })[0]).toEqual({ role: 'appMenu' });
  expect(menuTemplate({ platform: 'linux', isDevelopment: false })[0]?.label).toBe('&File');
  expect(menuTemplate({ platform: 'win32', isDevelopment: false })[0]?.label).toBe('&File');
});
