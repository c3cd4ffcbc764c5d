import { chromium, expect } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startWeb } from '../e2e/programs.ts';
import playwright from '../playwright.config.ts';
import { startStockBox, type StockBox } from '../test-support/stockBox.ts';
import { run } from './applianceFleet.ts';
import { cpuSecondsOf, peakMbOf, residentMbOf, residentMbOfTree } from './childProcesses.ts';
import { enterAppliances } from './enterAppliances.ts';
import { findGrowth, readHeap, type HeapContent } from './heapOf.ts';
import { describeMachine, median } from './machine.ts';
import { runInOwnNetwork, say } from './program.ts';
import { registerTenants, startFleet } from './tenantFleet.ts';
import { startUpstream } from './upstream.ts';

/*
 * npm run bench:memory -- [--appliances 100] [--tunnels 50] [--seconds 300] [--heap] [--json]
 *
 * A console with a page on the logs of all appliances, which are quiet: resident memory and processor time of its main
 * process, and of the log store's process apart. Two stock Debian boxes with the kit answer on many addresses each, so
 * that each address is an appliance with `--tunnels` tunnels of real Connects. With `--heap`, compares what the main process
 * holds after a sixth of the time and at the end, and fails if it grew. Needs root and `npm run build`.
 */
const { values } = parseArgs({
  options: {
    appliances: { type: 'string', default: '100' },
    tunnels: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '300' },
    heap: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const applianceCount = Number(values.appliances);
const tunnelCount = Number(values.tunnels);
/** The observer of a box has at most 64 watchers, and each address has one. */
const boxCount = Math.max(2, Math.ceil(applianceCount / 60));
const forwardsOfTenant = 10;
const sampleMs = 5000;

/** Lets a box answer on `count` more addresses, and routes these to it. */
async function addAddresses(box: StockBox, block: number, count: number): Promise<string[]> {
  const addresses = Array.from({ length: count }, (_, index) => `100.64.${block}.${index + 1}`);
  for (const address of addresses)
    await box.system.mustRun(['ip', 'addr', 'add', `${address}/32`, 'dev', 'lo']);
  await run(['ip', 'route', 'add', `100.64.${block}.0/24`, 'via', box.host]);
  return addresses;
}

async function startBoxes(upstreamPort: number) {
  const boxes = [];
  for (let block = 1; block <= boxCount; block += 1) {
    const appliance = await startStockBox({ licence: {} });
    const forwards = Math.min(forwardsOfTenant, tunnelCount);
    const count = Math.ceil(tunnelCount / forwards);
    const options = { appliance, forwards, upstreamPort };
    const tenants = await registerTenants({ ...options, count });
    const fleet = await startFleet({ kind: 'connect', tenants, ...options });
    const hosts = await addAddresses(appliance, block, Math.ceil(applianceCount / boxCount));
    boxes.push({ appliance, fleet, hosts });
  }
  return boxes;
}

function compareHeaps(before: HeapContent, after: HeapContent) {
  return { mb: [before.mb, after.mb], grown: findGrowth(before, after) };
}

async function sample(pid: number) {
  const main: number[] = [];
  const store: number[] = [];
  const totalMs = Number(values.seconds) * 1000;
  const [before, begun] = [cpuSecondsOf(pid), performance.now()];
  let heap: HeapContent | null = null;
  while (performance.now() - begun < totalMs) {
    await delay(sampleMs);
    if (values.heap && heap === null && performance.now() - begun > totalMs / 6) heap = await readHeap(pid);
    const mb = residentMbOf(pid);
    main.push(mb);
    store.push(residentMbOfTree(pid) - mb);
  }
  const seconds = (performance.now() - begun) / 1000;
  const corePercent = ((cpuSecondsOf(pid) - before) / seconds) * 100;
  return {
    ...(heap === null ? {} : { heap: compareHeaps(heap, await readHeap(pid)) }),
    mainMb: { median: median(main), first: main[0] ?? null, last: main.at(-1) ?? null, most: peakMbOf(pid) },
    storeMb: { median: median(store) },
    corePercent,
  };
}

async function measure() {
  const upstream = await startUpstream();
  const boxes = await startBoxes(upstream.port);
  const dataFolder = await mkdtemp(join(tmpdir(), 'bench-memory-'));
  const browser = await chromium.launch(playwright.use?.launchOptions);
  try {
    for (const [at, { appliance, hosts }] of boxes.entries())
      await enterAppliances(
        dataFolder,
        hosts.map((host, index) => ({ name: `quay-${at + 1}-${index + 1}`, host })),
        {
          port: 22,
          user: appliance.adminUser,
          keyFile: appliance.adminKeyFile,
          sudo: 'nopasswd',
          hostKey: appliance.hostKey(),
        },
      );
    const count = boxes.reduce((sum, { hosts }) => sum + hosts.length, 0);
    say(`${count} appliances with ${tunnelCount} tunnels each`);
    const web = await startWeb(dataFolder);
    try {
      const page = await browser.newPage();
      const begun = performance.now();
      await page.goto(web.url);
      await expect(page.getByText(`${count} appliances, ${count} connected`)).toBeVisible({
        timeout: 300_000,
      });
      const connectedSeconds = (performance.now() - begun) / 1000;
      say(`all are connected after ${connectedSeconds.toFixed(1)} s`);
      await page.getByRole('link', { name: 'Syslog' }).first().click();
      // The first minute reads what the logs have from before.
      await delay(60_000);
      return {
        appliances: count,
        tunnels: count * tunnelCount,
        connectedSeconds,
        ...(await sample(web.pid)),
      };
    } finally {
      await web.stop();
    }
  } finally {
    await browser.close();
    for (const { appliance, fleet } of boxes) {
      await fleet.stop();
      await appliance.stop();
    }
    upstream.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

await runInOwnNetwork(import.meta.filename, async () => {
  const figures = await measure();
  const { mainMb, storeMb, corePercent, heap } = figures;
  const report = {
    name: 'memory',
    unit: 'resident megabytes of the main process',
    ours: mainMb.most,
    peers: {},
    ratio: null,
    ...figures,
    machine: { ...describeMachine(), load: loadavg()[0] },
  };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(report)}\n`
      : `memory: ${figures.appliances} appliances, ${figures.tunnels} tunnels, quiet logs of all: main process ${mainMb.median?.toFixed(0)} MB, at most ${mainMb.most.toFixed(0)}, ${corePercent.toFixed(1)} % of a core; log store ${storeMb.median?.toFixed(0)} MB\n`,
  );
  if (heap === undefined) return;
  const [first = 0, last = 0] = heap.mb;
  say(`heap: ${first.toFixed(1)} MB after a sixth of the time, ${last.toFixed(1)} MB at the end`);
  const isFlat = last < first * 1.1 && Object.keys(heap.grown).length === 0;
  if (!isFlat) throw new Error(`the heap grew: ${JSON.stringify(heap.grown)}`);
});
