import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { createAuthority } from '../src-appliance/authority/store/authority.ts';
import { defaultContract, type Contract } from '../src-appliance/authority/store/contract.ts';
import { canConnect } from './canConnect.ts';
import { createCable } from './networkCable.ts';
import { startOwnNetwork } from './ownNetwork.ts';
import { makeSelfSigned } from './selfSigned.ts';
import type { StockBox } from './stockBox.ts';
import { waitFor } from './waitFor.ts';

const program = join(import.meta.dirname, '../src-appliance/authority/main.ts');
const port = 443;

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

/**
 * A real licence authority in its own network, which only this computer reaches, and no box. `device` is the network device
 * of this computer that leads there. Needs root.
 */
export async function startAuthoritySite() {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-authority-'));
  const network = await startOwnNetwork();
  const { pid } = network;
  const authority = createAuthority({ folder: join(folder, 'authority') });
  const cable = await createCable(pid);
  const host = cable.address;
  const tls = makeSelfSigned(host);
  await writeFile(join(folder, 'cert.pem'), tls.cert);
  await writeFile(join(folder, 'key.pem'), tls.key);
  let service: ChildProcess | null = null;

  const start = async () => {
    const listen = ['--listen', `${host}:${port}`, '--tls-cert', join(folder, 'cert.pem')];
    service = spawn(
      'nsenter',
      [
        `--net=/proc/${pid}/ns/net`,
        process.execPath,
        program,
        '--data',
        join(folder, 'authority'),
        'serve',
        ...listen,
        '--tls-key',
        join(folder, 'key.pem'),
      ],
      { stdio: 'ignore' },
    );
    await waitFor('the authority answers', () => canConnect(host, port));
  };
  await start();

  return {
    authority,
    host,
    port,
    cert: tls.cert,
    device: cable.devices[0],
    start,
    stopService: async () => {
      if (service !== null) await endProcess(service);
    },
    /** Lets the service wait with everything that it would record, until the returned function is called. */
    holdRecords: (): (() => void) => {
      const database = new Database(join(folder, 'authority', 'authority.db'));
      database.exec('BEGIN IMMEDIATE');
      return () => {
        database.exec('ROLLBACK');
        database.close();
      };
    },
    /** SIGSTOP lets the authority accept connections without an answer; SIGCONT goes on. */
    signal: (signal: 'SIGSTOP' | 'SIGCONT') => service?.kill(signal),
    stop: async () => {
      if (service !== null) await endProcess(service);
      authority.close();
      await cable.remove();
      await network.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type AuthoritySite = Awaited<ReturnType<typeof startAuthoritySite>>;

/**
 * Registers a box with the authority, and names the authority in the settings of the box. It stays in offline mode, because
 * it has no route there. Resolves with the ID of its contract.
 */
export async function subscribeBox(
  box: Pick<StockBox, 'config' | 'configFile' | 'system'>,
  site: AuthoritySite,
  contract: Partial<Contract> = {},
): Promise<string> {
  const { id } = site.authority.appliances.add({
    id: box.config.applianceId,
    name: 'quay-01',
    contract: { ...defaultContract, ...contract },
  });
  await writeFile(box.config.authorityKeys, JSON.stringify(site.authority.keys.exportSet()));
  await writeFile(box.system.path('/etc/sallyport/authority-ca.pem'), site.cert);
  await mkdir(box.system.path('/data'), { recursive: true });
  await writeFile(box.config.configuration, 'hostname: quay-01.example\n');
  await setAuthority(box, { url: `https://${site.host}` });
  return id;
}

/** Changes the authority in the settings of a box. */
export async function setAuthority(
  { configFile }: Pick<StockBox, 'configFile'>,
  changes: Record<string, unknown>,
): Promise<void> {
  const settings: unknown = JSON.parse(await readFile(configFile, 'utf8'));
  const authority = { caFile: '/etc/sallyport/authority-ca.pem', mode: 'offline', ...changes };
  await writeFile(configFile, JSON.stringify({ ...Object(settings), authority }));
}
