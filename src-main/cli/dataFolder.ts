import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where this platform keeps a program's data for one user, unless `--data` names a folder. */
export function dataFolder(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  const home = homedir();
  switch (process.platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Sallyport');
    case 'win32':
      return join(process.env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Sallyport');
    default: {
      // The XDG specification: a relative path is to be ignored.
      const xdg = process.env['XDG_DATA_HOME'];
      return join(
        xdg !== undefined && xdg.startsWith('/') ? xdg : join(home, '.local', 'share'),
        'sallyport',
      );
    }
  }
}
