import type { Appliance } from '../core/appliance.ts';
import type { EmbeddedAppliance } from './embeddedAppliance.ts';
import type { LabTenant } from './fleetPlan.ts';
import type { RunningService } from './services/start.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
import { runKeCommand } from '../commands/runKeCommand.ts';
import { generateKeyPair } from '../core/tenants/keyPair.ts';
import { listTenants } from '../core/tenants/tenantList.ts';
import { startConnect, type ConnectProcess } from './connectProcess.ts';
import { createNetworkLine, type NetworkLine } from './networkLine.ts';
import { startService } from './services/start.ts';
import { systemClock } from '../../src-shared/base/clock.ts';

/** A customer's site with its repositories, its Connect and its network connection. */
export type TenantSite = { stop: () => Promise<void> };

/** Runs a `ke_*` command like an operator. Throws with the command's error message if it fails. */
async function runCommand(appliance: Appliance, call: { argv: string[]; stdin?: string }): Promise<void> {
  const stderr = new PassThrough();
  const code = await runKeCommand({
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
  const command = 'ke_manage_remote_networks';
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
}): Promise<TenantSite> {
  const { plan, embedded, folder, bindAddress, signal, onNotice } = options;
  const { appliance } = embedded;
  const { publicKey, privateKey } = generateKeyPair(plan.clientId);
  await register(appliance, { plan, publicKey: `${publicKey.type} ${publicKey.blob}\n` });
  await mkdir(folder, { recursive: true });
  const services: (RunningService & LabTenant['repositories'][number])[] = await Promise.all(
    plan.repositories.map(async (repository) => ({
      ...repository,
      ...(await startService({ ...repository, clientId: plan.clientId, folder: join(folder, 'data') })),
    })),
  );
  const line: NetworkLine | null =
    plan.scenario === 'stale' ? await createNetworkLine({ to: embedded, sourceAddress: bindAddress }) : null;
  const connect: ConnectProcess = await startConnect({
    clientId: plan.clientId,
    folder: join(folder, 'connect'),
    privateKey,
    appliance: line ?? embedded,
    hostKeySha256: embedded.hostKeySha256,
    bindAddress: line === null ? bindAddress : null,
    repositories: services.map(({ group, repository, uri }) => ({ group, repository, uri })),
    compileCache: options.compileCache,
    onUnexpectedEnd: (reason) => {
      if (!signal.aborted) onNotice(`Connect of ${plan.clientId} ended: ${reason}`);
    },
  });
  if (plan.scenario === 'dead' || line !== null)
    void waitUntilUp({ appliance, plan, signal })
      .then(() => (line === null ? connect.kill() : line.cut()))
      .catch((error: unknown) => onNotice(error instanceof Error ? error.message : 'unknown error'));
  return {
    stop: async () => {
      line?.close();
      await connect.stop();
      for (const service of services) service.close();
    },
  };
}
