import { existsSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { readWrittenPath } from '../../../src-shared/base/writtenPath.ts';

type Homes = { passwd: string; own: { user: string; home: string } };

function ownHome(): Homes['own'] {
  const home = homedir();
  try {
    return { user: userInfo().username, home };
  } catch {
    // An ID without an entry in the list of users, as in some containers.
    return { user: '', home };
  }
}

const [rootHome, homesFolder] = process.platform === 'darwin' ? ['/var/root', '/Users'] : ['/root', '/home'];

/** The home folder of a user of this computer; null if there is no such user. */
function findHome(user: string, { passwd, own }: Homes): string | null {
  if (user === '' || user === own.user) return own.home;
  try {
    const entry = readFileSync(passwd, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === user);
    if (entry?.[5] !== undefined && entry[5] !== '') return entry[5];
  } catch {
    // Windows has no such file.
  }
  if (user === 'root' && process.platform !== 'win32') return rootHome;
  // Users of a directory and of macOS are not in the file, but their home folders are beside each other. Only root's isn't.
  const beside = join(own.home === rootHome ? homesFolder : dirname(own.home), user);
  return existsSync(beside) ? beside : null;
}

/**
 * Expands `~`, `~/…`, `~user/…` and the other ways to write a home folder, without quotes around the path. Other
 * paths stay unchanged, such as `~no-such-user` and a file named `./~`.
 */
export function expandHome(path: string, homes: Homes = { passwd: '/etc/passwd', own: ownHome() }): string {
  const plain = readWrittenPath(path);
  const [start = '', user] = /^~([A-Za-z0-9_][\w.-]*)?(?=$|[/\\])/u.exec(plain) ?? [];
  if (start === '') return plain;
  const home = findHome(user ?? '', homes);
  return home === null ? plain : join(home, plain.slice(start.length));
}
