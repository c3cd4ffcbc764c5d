import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { formatRepositoryUri } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { exitCodes } from '../connect/exitCodes.ts';
import { secondMs } from '../../src-shared/base/time.ts';

export type ConnectProcess = {
  /** Kills the process, like a crash or a power cut. */
  kill: () => void;
  /** Starts it again after `kill`. */
  start: () => void;
  signal: (signal: 'SIGSTOP' | 'SIGCONT') => void;
  /** Writes these repositories into connect.yaml, and lets Connect read it again. */
  configure: (repositories: readonly ConnectRepository[]) => Promise<void>;
  stop: () => Promise<void>;
};

/**
 * In the lab there is no service manager that restarts Connect (`Restart=always`). If its key is refused,
 * Connect ends and is started again after this delay, so that a resumed tenant reconnects.
 */
const restartAfterMs = 10 * secondMs;

/** A built lab runs the kit's bundle, which loads with less than half of the processor time. The tests name it too. */
const program =
  process.env['SALLYPORT_LAB_CONNECT'] ??
  join(import.meta.dirname, '..', import.meta.url.endsWith('.ts') ? 'connect/main.ts' : 'kit/connect.mjs');

/** Converts a tenant's repositories to the `repositories` of connect.yaml. */
function toMapping(repositories: readonly ConnectRepository[]): Record<string, Record<string, string>> {
  const mapping: Record<string, Record<string, string>> = {};
  for (const { group, repository, uri } of repositories)
    mapping[group] = { ...mapping[group], [repository]: formatRepositoryUri(uri) };
  return mapping;
}

/**
 * Writes a tenant's connect.yaml and key, and starts the real Connect with them, by default from source. Connect
 * ends with the lab, because its standard input is then closed.
 */
export async function startConnect(tenant: {
  clientId: string;
  folder: string;
  privateKey: string;
  appliance: { host: string; port: number };
  hostKeySha256: string;
  bindAddress: string | null;
  repositories: readonly ConnectRepository[];
  compileCache: string;
  onUnexpectedEnd: (reason: string) => void;
}): Promise<ConnectProcess> {
  const { folder } = tenant;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'ssh_key.priv'), tenant.privateKey, { mode: 0o600 });
  const configFile = join(folder, 'connect.yaml');
  const writeConfig = (repositories: readonly ConnectRepository[]) =>
    writeFile(
      configFile,
      stringify({
        appliance: `${tenant.appliance.host}:${tenant.appliance.port}`,
        ssh_key: 'ssh_key.priv',
        host_key: tenant.hostKeySha256,
        ...(tenant.bindAddress === null ? {} : { bind_address: tenant.bindAddress }),
        repositories: toMapping(repositories),
      }),
    );
  await writeConfig(tenant.repositories);
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  let ended: Promise<void> = Promise.resolve();
  const run = (): ChildProcess => {
    const started = spawn(
      process.execPath,
      [
        // Use little memory and few threads, because a dozen processes run at once. Flags that change
        // generated code would make the compile cache useless.
        '--max-semi-space-size=1',
        '--v8-pool-size=1',
        program,
        'start',
        '--config',
        configFile,
        '--log-file',
        join(folder, `ke_connect_${tenant.clientId}.log`),
        // Use a relative path, because the path of a socket is limited and the lab's folder may have a long
        // path.
        '--socket',
        'control.sock',
        '--exit-with-stdin',
      ],
      {
        cwd: folder,
        stdio: ['pipe', 'ignore', 'pipe'],
        env: { ...process.env, NODE_COMPILE_CACHE: tenant.compileCache, NODE_NO_WARNINGS: '1' },
      },
    );
    let output = '';
    started.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (output = `${output}${text}`.slice(-500)));
    ended = new Promise((resolve) => {
      started.once('error', (error) => {
        tenant.onUnexpectedEnd(error.message);
        resolve();
      });
      started.once('close', (code, signal) => {
        resolve();
        if (stopped || code === exitCodes.done) return;
        if (code === exitCodes.permissionDenied) timer = setTimeout(() => (child = run()), restartAfterMs);
        else tenant.onUnexpectedEnd(`${signal ?? `exit code ${code ?? ''}`} ${output.trim()}`.trim());
      });
    });
    started.stdin.on('error', () => undefined);
    return started;
  };
  let child = run();
  const expectEnd = (): void => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
  return {
    kill: () => {
      expectEnd();
      child.kill('SIGKILL');
    },
    start: () => {
      stopped = false;
      child = run();
    },
    signal: (signal) => void child.kill(signal),
    configure: async (repositories) => {
      await writeConfig(repositories);
      child.kill('SIGHUP');
    },
    stop: async () => {
      expectEnd();
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const killTimer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(killTimer);
    },
  };
}
