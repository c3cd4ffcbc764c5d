import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** Where the console keeps its data unless `--data` says otherwise; the same for every host, so that they share it. **[ours]** */
export function defaultDataFolder(
  computer: {
    platform: NodeJS.Platform;
    environment: Readonly<Record<string, string | undefined>>;
    home: string;
  } = { platform: process.platform, environment: process.env, home: homedir() },
): string {
  const { platform, environment, home } = computer;
  if (platform === 'win32') {
    return win32.join(environment['APPDATA'] || win32.join(home, 'AppData', 'Roaming'), 'Sallyport');
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Sallyport');
  const named = environment['XDG_DATA_HOME'];
  // A relative one must be ignored, says the XDG base directory specification.
  const base = named !== undefined && posix.isAbsolute(named) ? named : posix.join(home, '.local', 'share');
  return posix.join(base, 'sallyport');
}
