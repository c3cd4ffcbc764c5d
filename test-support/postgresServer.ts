import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from './waitFor.ts';

const run = promisify(execFile);
const versions = '/usr/lib/postgresql';
const user = 'kloudless';
const password = 'planted-database-password';
const port = 5432;

/** PostgreSQL refuses to run as root, so root runs it as Debian's user for it. */
async function readServerUser(): Promise<{ uid: number; gid: number }> {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid };
  const ids = await Promise.all(['-u', '-g'].map((option) => run('id', [option, 'postgres'])));
  const [serverUid = 0, serverGid = 0] = ids.map(({ stdout }) => Number(stdout));
  return { uid: serverUid, gid: serverGid };
}

/** Debian's PostgreSQL on a Unix socket in a folder of its own, with a password. */
export async function startPostgres() {
  const [version = ''] = (await readdir(versions)).toSorted((a, b) => Number(b) - Number(a));
  const program = (name: string) => join(versions, version, 'bin', name);
  const folder = await mkdtemp(join(tmpdir(), 'pg-'));
  await chmod(folder, 0o755);
  const owner = await readServerUser();
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  for (const path of [folder, passwordFile]) await chown(path, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const options = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, `--username=${user}`, '--no-sync'];
  await run(program('initdb'), ['-D', data, '--encoding=UTF8', '--locale=C.UTF-8', ...options], {
    ...owner,
    cwd: folder,
  });
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off', `port=${port}`];
  const server = spawn(program('postgres'), ['-D', data, ...settings.flatMap((one) => ['-c', one])], {
    ...owner,
    cwd: folder,
    stdio: 'ignore',
  });
  const ended = once(server, 'close');
  const environment = {
    ...process.env,
    PGPASSWORD: password,
    PGHOST: folder,
    PGUSER: user,
    PGPORT: `${port}`,
  };
  /** Runs SQL with psql and resolves with its lines, without alignment. */
  const psql = async (sql: string, database = 'postgres'): Promise<string> => {
    const argv = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', sql];
    const { stdout } = await run(program('psql'), argv, { env: environment, cwd: folder, maxBuffer: 1e9 });
    return stdout;
  };
  await waitFor('PostgreSQL answers', () =>
    psql('SELECT 1').then(
      () => true,
      () => false,
    ),
  );
  let databases = 0;
  return {
    psql,
    /** psql with the environment in which it reaches the server. */
    client: { program: program('psql'), environment },
    password,
    /** Makes an empty database. Resolves with its name, how to connect, and the configuration of an appliance that uses it. */
    createDatabase: async (options = '') => {
      databases += 1;
      const name = `accounts${databases}`;
      await psql(`CREATE DATABASE ${name} ${options}`);
      const configuration = `db:\n  name: ${name}\n  user: ${user}\n  password: ${password}\n  host: ${folder}\n  port: ${port}\nredis: redis.example\n`;
      return { name, configuration, settings: { host: folder, port, database: name, user, password } };
    },
    stop: async () => {
      server.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type PostgresServer = Awaited<ReturnType<typeof startPostgres>>;
