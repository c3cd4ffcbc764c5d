import { homedir } from 'node:os';
import { join } from 'node:path';

/** The platform's folder for the data that one user has in this program. */
export function userFolder(): string {
  const home = homedir();
  switch (process.platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Sallyport');
    case 'win32':
      return join(process.env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Sallyport');
    default: {
      // The XDG specification requires that a relative path is ignored.
      const xdg = process.env['XDG_DATA_HOME'];
      return join(
        xdg !== undefined && xdg.startsWith('/') ? xdg : join(home, '.local', 'share'),
        'sallyport',
      );
    }
  }
}
