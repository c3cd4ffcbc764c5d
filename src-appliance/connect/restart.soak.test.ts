import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';

const repository = join(import.meta.dirname, '../..');
const tenants = 150;
const ports = 3000;

/** Limit in bytes that the appliance's documents promise **[ours]**. */
const maxMemory = 150e6;
const maxMemoryPerSession = 1e6;

const processesSchema = z.object({ processes: z.number(), bytes: z.number() });
const reportSchema = z.object({
  ports: z.number(),
  memory: z.object({ service: processesSchema, clients: processesSchema }),
  rounds: z.object({ connect: z.array(z.object({ seconds: z.number() })) }),
  all: z.object({
    /** Tunnels that are not OK after the probe, with their codes. */
    faults: z.array(z.string()),
    listed: z.number(),
    consoleListSeconds: z.number(),
    probed: z.number(),
    ok: z.number(),
    probeSeconds: z.number(),
  }),
});

it('when sshd is restarted, 150 tenants with 3,000 ports reconnect and memory stays within the limit', async () => {
  const bench = [join(repository, 'bench/connect.ts'), '--tenants', `${tenants}`, '--rounds', '1'];
  const { stdout } = await promisify(execFile)(process.execPath, [...bench, '--no-peers', '--json'], {
    cwd: repository,
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    maxBuffer: 16 * 1024 * 1024,
  });
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report.ports).toBe(ports);
  const [restart] = report.rounds.connect;
  if (restart === undefined) throw new Error('nothing was measured');
  // It usually takes less than a minute. `npm run bench:connect` prints the duration and the load of the
  // clients.
  expect(restart.seconds).toBeLessThan(600);
  expect(report.all).toMatchObject({ faults: [], listed: ports, probed: ports, ok: ports });
  expect(report.all.consoleListSeconds + report.all.probeSeconds).toBeLessThan(600);
  const { service, clients } = report.memory;
  expect([service.processes, clients.processes]).toEqual([1, tenants]);
  // The service's memory and its client processes, in addition to sshd's own processes.
  const bytes = service.bytes + clients.bytes;
  expect(bytes).toBeLessThan(maxMemory);
  expect(bytes / clients.processes).toBeLessThanOrEqual(maxMemoryPerSession);
});
