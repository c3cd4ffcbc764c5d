import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labAnnouncementSchema } from '../../src-shared/model/appliance/labAnnouncement.ts';
import { startAnsweringProcess, type AnsweringProcess } from '../../test-support/answeringProcess.ts';
import { applianceInput } from '../../test-support/applianceInput.ts';
import { hostileAnswers } from '../../test-support/hostileAnswers.ts';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const honestCount = 10;
const controlMs = 45_000;
const hostileMs = 120_000;
const maxBlockMs = 250;
const maxAgeMs = 10_000;

let lab: ChildProcess;
let hostile: AnsweringProcess;
let running: TestServices;
let hostileId: string;
const honestIds: string[] = [];
const watching = new AbortController();

async function startLab() {
  lab = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, '../../src-appliance/lab/main.ts'),
      '--appliances',
      String(honestCount),
      '--tenants',
      '4',
      '--exit-with-stdin',
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  if (lab.stdout === null) throw new Error('the lab has no output');
  const [line] = await once(createInterface(lab.stdout), 'line');
  return labAnnouncementSchema.parse(JSON.parse(String(line)));
}

beforeAll(async () => {
  const announcement = await startLab();
  hostile = await startAnsweringProcess();
  running = createTestServices();
  const { appliances, fleet } = running.services;
  for (const { name, host, port, user, identityFile, hostKeySha256 } of announcement.appliances) {
    const reached = { host, port, adminUser: user, adminKeyFile: identityFile, sudo: 'nopasswd' as const };
    const hostKey = { type: 'ssh-ed25519', fingerprint: hostKeySha256 };
    honestIds.push((await appliances.add(applianceInput(reached, name), hostKey)).id);
  }
  void (async () => {
    for await (const changes of fleet.watch(watching.signal)) JSON.stringify(changes);
  })();
  for (const id of honestIds)
    await waitFor('each appliance has answered', () => fleet.view(id).tenants !== null);
});
afterAll(async () => {
  watching.abort();
  await running.close();
  await hostile.stop();
  lab.stdin?.end();
  await once(lab, 'exit');
});

/**
 * Measures the worst values of a period: the event loop's delay, which other load affects; the main thread's
 * longest work in processor time, which it hardly affects; and the age of the oldest data of an honest
 * appliance.
 */
function observe() {
  const loop = monitorEventLoopDelay({ resolution: 10 });
  const worst = { blockMs: 0, ageMs: 0 };
  let before = process.threadCpuUsage();
  const blocks = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    worst.blockMs = Math.max(worst.blockMs, (user + system) / 1000);
    before = process.threadCpuUsage();
  }, 10);
  const ages = setInterval(() => {
    for (const id of honestIds) {
      const { observedAt } = running.services.fleet.view(id);
      worst.ageMs = Math.max(
        worst.ageMs,
        observedAt === null ? Infinity : Date.now() - Date.parse(observedAt),
      );
    }
  }, 500);
  loop.enable();
  return () => {
    loop.disable();
    clearInterval(blocks);
    clearInterval(ages);
    return { ...worst, loopDelayMs: loop.max / 1e6 };
  };
}

/** Requests each hostile answer again and again, as fast as an operator can press Refresh. */
async function ask(untilMs: number): Promise<number> {
  let answers = 0;
  for (;;)
    for (const name of Object.keys(hostileAnswers)) {
      if (performance.now() >= untilMs) return answers;
      await hostile.print(name);
      await running.services.fleet.refresh([hostileId]);
      answers += 1;
      await delay(1000);
    }
}

test('when one of eleven appliances is hostile, the console stays quick and the others’ data fresh', async () => {
  const endControl = observe();
  await delay(controlMs);
  const control = endControl();
  hostileId = (await running.services.appliances.add(hostile.input('hostile'), hostile.hostKey)).id;
  const endHostile = observe();
  const answers = await ask(performance.now() + hostileMs);
  const beside = endHostile();
  process.stdout.write(`${JSON.stringify({ answers, control, beside })}\n`);
  expect(answers).toBeGreaterThan(Object.keys(hostileAnswers).length);
  expect(beside.blockMs).toBeLessThanOrEqual(maxBlockMs);
  expect(beside.ageMs).toBeLessThan(maxAgeMs);
  // Other load on the computer delays the event loops of both consoles.
  expect(beside.loopDelayMs).toBeLessThanOrEqual(Math.max(maxBlockMs, 2 * control.loopDelayMs));
});
