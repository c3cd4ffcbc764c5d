import type { MenuItemConstructorOptions } from 'electron';

/**
 * The least menu each platform expects. Roles bring the platform's own accelerators; Ctrl/Cmd K belongs to the page.
 * Reload and the developer tools exist in development only: a reload cuts what the operator is reading.
 */
export function menuTemplate(options: {
  platform: NodeJS.Platform;
  isDevelopment: boolean;
}): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin';
  const development: MenuItemConstructorOptions[] = options.isDevelopment
    ? [{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }]
    : [];
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      ...development,
    ],
  };
  const edit: MenuItemConstructorOptions = {
    label: '&Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      { type: 'separator' },
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
    ],
  };
  if (isMac) return [{ role: 'appMenu' }, edit, view, { role: 'windowMenu' }];
  return [{ label: '&File', submenu: [{ role: 'quit' }] }, edit, view];
}
