import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runNamedCommand } from '../src-appliance/commands/keCommands.ts';
import { createAppliance } from '../src-appliance/core/appliance.ts';
import { applianceConfigSchema } from '../src-appliance/core/config.ts';
import type {
  ObservedListener,
  ObservedSession,
  SessionSelection,
} from '../src-appliance/core/procfs/runtime.ts';
import { createProcessLock } from '../src-appliance/core/state/stateLock.ts';
import { installAuthority } from './licenceSupply.ts';

/** Called with each part of the output, which waits for it. */
type OnOutput = () => Promise<void>;

function collect(onOutput: OnOutput = async () => undefined) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    async write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      await onOutput();
      done();
    },
  });
  return {
    stream,
    /** Ends the stream, and resolves with all that was written. */
    text: async (): Promise<string> => {
      if (!stream.destroyed) await new Promise<void>((resolve) => stream.end(resolve));
      return Buffer.concat(chunks).toString();
    },
  };
}

/**
 * Runs the kit's commands with their own state folder and without sshd. `sessions` are the sessions that they
 * see; `ended` are those that they have ended. `options` replace the clock and stop between file operations.
 */
export async function startKitAppliance(
  options: Pick<Parameters<typeof createAppliance>[0], 'now' | 'afterFileStep'> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'kit-appliance-'));
  for (const name of [
    'state',
    'state/group-keys',
    'state/secrets',
    'data',
    'run',
    'run/announcements',
    'run/dial-failures',
    'run/endings',
    'run/command-endings',
  ])
    await mkdir(join(folder, name), { mode: 0o755 });
  const config = applianceConfigSchema.parse({
    applianceId: randomUUID(),
    applianceVersion: '1.14.4',
    stateFolder: join(folder, 'state'),
    runFolder: join(folder, 'run'),
    connectUser: 'connect',
    syslog: join(folder, 'syslog'),
    authorityKeys: join(folder, 'authority.jwks'),
    configuration: join(folder, 'data', 'kloudless.yml'),
  });
  const sessions: ObservedSession[] = [];
  const listeners: ObservedListener[] = [];
  const ended: SessionSelection[] = [];
  const logged: string[] = [];
  const appliance = createAppliance({
    ...options,
    config,
    lock: createProcessLock(),
    caller: 'test',
    log: async ({ message }) => void logged.push(message),
    runtime: {
      observe: async () => ({ sessions, listeners }),
      endSessions: async (which) => {
        ended.push(which);
        return 0;
      },
      endListener: async () => false,
      services: async () => [],
      sshdVersion: async () => null,
      findRefusingShell: async () => null,
      findForwardingOff: async () => null,
    },
  });
  return {
    appliance,
    config,
    folder,
    sessions,
    listeners,
    ended,
    logged,
    ke: async (argv: readonly string[], stdin: string | Buffer = '', onOutput?: OnOutput) => {
      const [stdout, stderr] = [collect(onOutput), collect()];
      const exitCode = await runNamedCommand({
        argv,
        appliance,
        stdin: Readable.from([Buffer.from(stdin)]),
        stdout: stdout.stream,
        stderr: stderr.stream,
      });
      return { exitCode, stdout: await stdout.text(), stderr: await stderr.text() };
    },
    state: () => readFile(join(config.stateFolder, 'tenants.json'), 'utf8').catch(() => ''),
    writeKeySet: (text: string, mode = 0o644) => writeFile(config.authorityKeys, text, { mode }),
    /** Creates a licence authority. Resolves with a function that installs its licences. */
    installAuthority: () => installAuthority(config),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}
export type KitAppliance = Awaited<ReturnType<typeof startKitAppliance>>;
