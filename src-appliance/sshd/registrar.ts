import { setTimeout as delay } from 'node:timers/promises';
import type { ApplianceConfig } from '../core/config.ts';
import { readStat } from '../core/procfs.ts';
import { serveRegistrar } from '../core/registrar.ts';
import { saveRegistrarRecord } from '../core/registrarRecords.ts';

/** How often the registrar looks whether its sshd still lives; nothing tells a process of its parent's end. */
const parentCheckMs = 500;

/** sshd's forced command for a tenant: its parent is the session's sshd process, whose end is the session's. */
export async function runRegistrar(
  config: ApplianceConfig,
  tenant: { clientId: string; fingerprint: string },
): Promise<void> {
  const session = await readStat(process.ppid);
  if (session === null || session.pid === 1) return;
  const gone = new AbortController();
  const [address, port] = process.env['SSH_CONNECTION']?.split(' ') ?? [];
  const served = serveRegistrar({
    config,
    ...tenant,
    peer: address === undefined ? null : { address, port: Number(port) },
    input: process.stdin,
    output: process.stdout,
    onState: (state) =>
      saveRegistrarRecord(config.runFolder, {
        sessionPid: session.pid,
        sessionStartTicks: session.startTicks,
        ...state,
      }),
    signal: gone.signal,
    now: Date.now,
  }).finally(() => gone.abort());
  while (!gone.signal.aborted) {
    if (process.ppid !== session.pid) gone.abort();
    await delay(parentCheckMs, undefined, { signal: gone.signal }).catch(() => undefined);
  }
  if ((await served) !== 'expelled') return;
  try {
    // Without its session's end the client would keep its forwards and come back with another channel.
    process.kill(session.pid, 'SIGTERM');
  } catch {
    // It is gone already.
  }
}
