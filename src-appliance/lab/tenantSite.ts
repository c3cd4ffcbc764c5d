import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';
import type { Appliance } from '../core/appliance.ts';
import type { EmbeddedAppliance } from './embeddedAppliance.ts';
import type { LabTenant } from './fleetPlan.ts';
import type { RunningService } from './services/start.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
import { runNamedCommand } from '../commands/keCommands.ts';
import { generateKeyPair } from '../core/tenants/keyPair.ts';
import { listTenants } from '../core/tenants/tenantList.ts';
import { startConnect, type ConnectProcess } from './connectProcess.ts';
import { createNetworkLine, type NetworkLine } from './networkLine.ts';
import { startService } from './services/start.ts';
import { systemClock } from '../../src-shared/base/clock.ts';

type SiteService = RunningService & LabTenant['repositories'][number];

/** A customer's site with its repositories, its Connect and its network connection. */
export type TenantSite = {
  clientId: string;
  quota: number;
  publicKey: { type: string; blob: string };
  /** Runs `ke_manage_remote_networks` on the tenant's appliance. Rejects with its error message. */
  ke: (words: string[], stdin?: string) => Promise<void>;
  connect: ConnectProcess;
  /** The network between site and appliance, if it can fail. */
  line: NetworkLine | null;
  services: readonly SiteService[];
  /** The repositories of connect.yaml at first. */
  repositories: readonly ConnectRepository[];
  /** Resolves when all planned forwards are open. */
  untilUp: () => Promise<void>;
  stop: () => Promise<void>;
};

const command = 'ke_manage_remote_networks';

/** Runs a `ke_*` command like an operator. Throws with the command's error message if it fails. */
async function runCommand(
  appliance: Appliance,
  call: { argv: string[]; stdin?: string | undefined },
): Promise<void> {
  const stderr = new PassThrough();
  const code = await runNamedCommand({
    argv: call.argv,
    appliance,
    stdin: Readable.from(call.stdin === undefined ? [] : [call.stdin]),
    stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
    stderr,
  });
  stderr.end();
  if (code !== 0) throw new Error(`${call.argv.join(' ')}: ${(await text(stderr)).trim()}`);
}

const lookEveryMs = 200;

/** Resolves when all of the tenant's forwards are announced and open, or when `signal` aborts. */
async function waitUntilUp(options: {
  appliance: Appliance;
  plan: LabTenant;
  signal: AbortSignal;
}): Promise<void> {
  const { appliance, plan, signal } = options;
  const expected = Math.min(plan.repositories.length, plan.quota);
  while (!signal.aborted) {
    const { tenants } = await listTenants(appliance, plan.clientId);
    const forwards = tenants[0]?.forwards ?? [];
    const up = forwards.filter((one) => one.announcedAt !== null && one.sessionPid !== null);
    if (up.length >= expected) return;
    await systemClock.sleep(lookEveryMs, signal);
  }
}

/** Registers the tenant on its appliance with key and quota, and suspends it if planned. */
async function register(
  appliance: Appliance,
  registration: { plan: LabTenant; publicKey: string },
): Promise<void> {
  const { plan, publicKey } = registration;
  await runCommand(appliance, {
    argv: [command, 'add', plan.clientId, '--pub-key', '/dev/stdin'],
    stdin: publicKey,
  });
  if (plan.quota !== appliance.config.defaultQuota)
    await runCommand(appliance, { argv: [command, 'change', `${plan.quota}`, plan.clientId] });
  // Replace the key on the appliance. The site keeps its old key, so that its login fails.
  if (plan.scenario === 'wrong-key') {
    const successor = generateKeyPair(plan.clientId).publicKey;
    await runCommand(appliance, {
      argv: [command, 'add', plan.clientId, '-f', '--pub-key', '/dev/stdin'],
      stdin: `${successor.type} ${successor.blob}\n`,
    });
  }
  if (plan.scenario === 'suspended')
    await runCommand(appliance, { argv: [command, 'change', '0', plan.clientId] });
}

/** Registers the tenant and starts its site. A planned fault begins after its tunnels were up. */
export async function startTenant(options: {
  plan: LabTenant;
  embedded: EmbeddedAppliance;
  folder: string;
  bindAddress: string | null;
  compileCache: string;
  signal: AbortSignal;
  onNotice: (message: string) => void;
  /** True if the network between site and appliance can fail. */
  hasLine: boolean;
}): Promise<TenantSite> {
  const { plan, embedded, folder, bindAddress, signal, onNotice } = options;
  const { appliance } = embedded;
  const { publicKey, privateKey } = generateKeyPair(plan.clientId);
  await register(appliance, { plan, publicKey: `${publicKey.type} ${publicKey.blob}\n` });
  await mkdir(folder, { recursive: true });
  const services: SiteService[] = await Promise.all(
    plan.repositories.map(async (repository) => ({
      ...repository,
      ...(await startService({ ...repository, clientId: plan.clientId, folder: join(folder, 'data') })),
    })),
  );
  const line: NetworkLine | null =
    options.hasLine || plan.scenario === 'stale'
      ? await createNetworkLine({ to: embedded, sourceAddress: bindAddress })
      : null;
  const repositories = services.map(({ group, repository, uri }) => ({ group, repository, uri }));
  const connect: ConnectProcess = await startConnect({
    clientId: plan.clientId,
    folder: join(folder, 'connect'),
    privateKey,
    appliance: line ?? embedded,
    hostKeySha256: embedded.hostKeySha256,
    bindAddress: line === null ? bindAddress : null,
    repositories,
    compileCache: options.compileCache,
    onUnexpectedEnd: (reason) => {
      if (!signal.aborted) onNotice(`Connect of ${plan.clientId} ended: ${reason}`);
    },
  });
  const untilUp = () => waitUntilUp({ appliance, plan, signal });
  if (plan.scenario === 'dead' || plan.scenario === 'stale')
    void untilUp()
      .then(() => (line === null ? connect.kill() : line.cut()))
      .catch((error: unknown) => onNotice(error instanceof Error ? error.message : 'unknown error'));
  return {
    clientId: plan.clientId,
    quota: plan.quota,
    publicKey,
    ke: (words, stdin) => runCommand(appliance, { argv: [command, ...words], stdin }),
    connect,
    line,
    services,
    repositories,
    untilUp,
    stop: async () => {
      line?.close();
      await connect.stop();
      for (const service of services) service.close();
    },
  };
}
