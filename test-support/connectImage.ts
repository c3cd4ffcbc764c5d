import { spawn, type ChildProcess } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { collectOutput, type CommandResult } from './boxSystem.ts';
import { buildKitBundle } from './kitBundle.ts';

const imageSchema = z.object({
  Docker: z.object({
    config: z.object({
      User: z.string().default(''),
      Entrypoint: z.array(z.string()),
      Cmd: z.array(z.string()),
      Env: z.array(z.string()),
      Healthcheck: z.object({ Test: z.array(z.string()) }),
    }),
  }),
});

type ContainerCall = { container: string; options: readonly string[]; argv: readonly string[] };

/**
 * The image of Connect, built from its Containerfile on a Debian root file system of this machine's packages.
 */
export type ConnectImage = {
  config: z.infer<typeof imageSchema>['Docker']['config'];
  /** Runs a program as the user that builds the image. */
  asBuilder: (...argv: string[]) => Promise<string>;
  /** Creates a container and resolves with its name. */
  create: () => Promise<string>;
  /** Starts a program in a container with `buildah run` and its `options`. */
  start: (call: ContainerCall) => ChildProcess;
  run: (call: ContainerCall) => Promise<CommandResult>;
};

/** ID of the user that `asBuilder.sh` creates. */
export const builderId = 12_345;

const settings = ['--root=storage', '--runroot=runroot', '--storage-driver=vfs'];

function startAsBuilder(folder: string, argv: readonly string[]): ChildProcess {
  const script = join(import.meta.dirname, 'asBuilder.sh');
  return spawn('unshare', ['--mount', 'sh', script, folder, ...argv], { stdio: ['pipe', 'pipe', 'pipe'] });
}

/**
 * Builds the image with buildah as an unprivileged user. Uses no container engine, network or registry, and
 * keeps all files in `folder`. Needs root to switch to that user.
 */
export async function buildConnectImage(folder: string, name: string): Promise<ConnectImage> {
  const asBuilder: ConnectImage['asBuilder'] = async (...argv) => {
    const { exitCode, stdout, stderr } = await collectOutput(startAsBuilder(folder, argv));
    if (exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`);
    return stdout.trim();
  };
  const buildah = (...argv: string[]) => asBuilder('buildah', ...settings, ...argv);

  // Root copies the files, because the unprivileged user may not be able to read this repository.
  await cp(join(import.meta.dirname, 'debianRoot.sh'), join(folder, 'debianRoot.sh'));
  await cp(process.execPath, join(folder, 'node'));
  await cp(join(await buildKitBundle(), 'sallyport-connect'), join(folder, 'package'), { recursive: true });
  await asBuilder('sh', 'debianRoot.sh', 'debian', 'node');
  const scratch = await buildah('from', '--pull-never', 'scratch');
  await buildah('copy', '--quiet', scratch, 'debian', '/');
  await buildah('commit', '--quiet', '--rm', scratch, 'localhost/debian');
  const options = ['--quiet', '--format', 'docker', '--pull-never', '--build-arg', 'BASE=localhost/debian'];
  await buildah('build', ...options, '--file', 'package/Containerfile', '--tag', name, 'package');

  const start: ConnectImage['start'] = ({ container, options: given, argv }) =>
    startAsBuilder(folder, ['buildah', ...settings, 'run', ...given, container, '--', ...argv]);
  return {
    config: imageSchema.parse(JSON.parse(await buildah('inspect', '--type', 'image', name))).Docker.config,
    asBuilder,
    create: () => buildah('from', '--pull-never', name),
    start,
    run: (call) => collectOutput(start(call)),
  };
}
