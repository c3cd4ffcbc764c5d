import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canConnect } from './canConnect.ts';
import { waitFor } from './waitFor.ts';
import { dayMs } from '../src-shared/base/time.ts';

const run = promisify(execFile);

/** A running service of a tenant: one of Debian's daemons on its own loopback port. */
export type TenantService = { stop: () => Promise<void> };

async function serving(name: string, daemon: ChildProcess, ports: readonly number[]): Promise<TenantService> {
  let said = '';
  daemon.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const stop = async () => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  };
  await waitFor(`${name} listens`, async () => {
    if (daemon.exitCode !== null) throw new Error(`${name} ended: ${said}`);
    const answers = await Promise.all(ports.map((port) => canConnect('127.0.0.1', port)));
    return answers.every(Boolean);
  });
  return { stop };
}

/** Starts Debian's nginx with these `server` blocks. */
export async function startNginx(settings: {
  folder: string;
  ports: readonly number[];
  servers: string;
}): Promise<TenantService> {
  const folder = join(settings.folder, `nginx-${settings.ports.join('-')}`);
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(' ');
  await writeFile(
    file,
    `daemon off; user root; worker_processes 1; pid ${join(folder, 'pid')}; error_log stderr;
events { worker_connections 256; }
http { access_log off; ${paths} ${settings.servers} }
`,
  );
  const daemon = spawn('nginx', ['-c', file, '-p', folder, '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return serving('nginx', daemon, settings.ports);
}

type SmbdSettings = { folder: string; port: number; protocols: { least: string; most: string } };

/**
 * Prepares Debian's smbd with one share, which every user who can log in may use. `protocols` are values of
 * smb.conf, and `interfaces` are the networks in which it listens. Returns its command and the file for its PID.
 */
export async function prepareSmbd(settings: SmbdSettings & { interfaces: string }) {
  const folder = join(settings.folder, `smbd-${settings.port}`);
  const share = join(folder, 'share');
  await mkdir(share, { recursive: true });
  await chmod(folder, 0o755);
  const file = join(folder, 'smb.conf');
  const own = ['private dir', 'lock directory', 'state directory', 'cache directory', 'pid directory'];
  await writeFile(
    file,
    `[global]
${own.map((name) => `  ${name} = ${folder}`).join('\n')}
  ncalrpc dir = ${join(folder, 'ncalrpc')}
  smb ports = ${settings.port}
  bind interfaces only = yes
  interfaces = ${settings.interfaces}
  server min protocol = ${settings.protocols.least}
  server max protocol = ${settings.protocols.most}
  disable spoolss = yes
  load printers = no
  log level = 0
[office]
  path = ${share}
`,
  );
  return {
    command: ['smbd', '--foreground', '--debug-stdout', '-s', file],
    pidFile: join(folder, 'smbd.pid'),
  };
}

/** Starts smbd on loopback. */
export async function startSmbd(settings: SmbdSettings): Promise<TenantService> {
  const { command } = await prepareSmbd({ ...settings, interfaces: '127.0.0.1/8' });
  const [program = '', ...argv] = command;
  const daemon = spawn(program, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  return serving('smbd', daemon, [settings.port]);
}

/** Formats a time as openssl-ca(1) expects it: YYYYMMDDHHMMSSZ. */
function instant(daysFromNow: number): string {
  const at = new Date(Date.now() + daysFromNow * dayMs);
  return `${at.toISOString().replaceAll(/[-:T]/gu, '').slice(0, 14)}Z`;
}

/**
 * Creates a self-signed certificate. `from` and `to` are its dates in days from now; both may be negative.
 */
export async function makeCertificate(settings: {
  folder: string;
  name: string;
  host: string;
  from: number;
  to: number;
}): Promise<{ certificate: string; key: string }> {
  const base = join(settings.folder, settings.name);
  const files = { certificate: `${base}.pem`, key: `${base}.key` };
  const request = `${base}.csr`;
  const database = `${base}.db`;
  await writeFile(database, '');
  await writeFile(
    `${base}.cnf`,
    `[ca]
default_ca = own
[own]
database = ${database}
new_certs_dir = ${settings.folder}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:${settings.host}
`,
  );
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', files.key];
  await run('openssl', ['req', '-new', ...key, '-subj', `/CN=${settings.host}`, '-out', request]);
  const authority = ['-selfsign', '-config', `${base}.cnf`, '-keyfile', files.key];
  const term = ['-startdate', instant(settings.from), '-enddate', instant(settings.to)];
  const output = ['-in', request, '-out', files.certificate];
  await run('openssl', ['ca', '-batch', '-notext', ...authority, ...term, ...output]);
  return files;
}

/** Starts a service that accepts connections but sends nothing. */
export async function startSilentService(port: number): Promise<TenantService> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.resume();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    stop: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
