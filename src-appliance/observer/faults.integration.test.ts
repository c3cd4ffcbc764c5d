import { rename, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { changeTenant } from '../../test-support/remoteNetworks.ts';
import { expectWithin } from '../../test-support/expectWithin.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { watchBox } from '../../test-support/watchedBox.ts';

let box: StockBox;
const sh = (script: string) => box.system.mustRun(['sh', '-e', '-c', script]);

/** Waits until the observer answers: it starts beside the service. */
const untilObserved = () =>
  waitFor('the observer', async () => {
    const watched = watchBox(box);
    await Promise.race([watched.untilSnapshot(), watched.ended]);
    watched.stop();
    return watched.lines.length > 0;
  });

beforeAll(async () => {
  box = await startStockBox({ licence: {} });
  await untilObserved();
});
afterAll(() => box.stop());

async function watchThis() {
  const watched = watchBox(box);
  onTestFinished(() => void watched.stop());
  await watched.untilSnapshot();
  return watched;
}
type Watched = Awaited<ReturnType<typeof watchThis>>;

/** Adds a tenant, and waits until the observer says it, for at most `limitMs` of a quiet computer. */
async function addAndHear(watched: Watched, clientId: string, limitMs: number): Promise<void> {
  await changeTenant(box, 'add', clientId);
  await expectWithin(limitMs, () =>
    watched.until(`the tenant ${clientId}`, ({ remoteNetworks }) =>
      remoteNetworks.tenants.some((tenant) => tenant.clientId === clientId),
    ),
  );
}

/** The resident memory of the observer, MB. */
async function residentMb(): Promise<number> {
  const text = await sh('cat /proc/$(cat /run/sallyport-observer.pid)/status');
  return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(text)?.[1]) / 1024;
}

const floodCount = 120_000;
/** Renames a file in a watched folder this often, 10,000 times a second if the machine can. */
const flood = `
use Time::HiRes qw(time sleep);
my ($path, $count, $start) = ("/var/lib/sallyport/.flood", 0, time);
open my $file, ">", $path or die; close $file;
while ($count < ${floodCount}) {
  for (1 .. 50) { rename $path, "$path-" or die; rename "$path-", $path or die; $count += 2; }
  my $ahead = $count / 10000 - (time - $start);
  sleep $ahead if $ahead > 0;
}
unlink $path;
print $count;
`;

test('when a folder changes 10,000 times a second, memory stays bounded, and a change is said while and after it lasts', async () => {
  const watched = await watchThis();
  await addAndHear(watched, 'before', 4000);
  const before = await residentMb();
  const flooded = sh(`perl -e '${flood}'`);
  await addAndHear(watched, 'during', 5000);
  const linesBefore = watched.lines.length;
  expect(Number(await flooded)).toBe(floodCount);
  expect(await residentMb()).toBeLessThan(before + 64);
  // Nothing of what consoles show changed.
  expect(watched.lines.slice(linesBefore).filter(({ type }) => type === 'change').length).toBeLessThan(10);
  await addAndHear(watched, 'afterwards', 2000);
  await watched.untilEqualsList();
});

test('when the clock is set back an hour and ahead a day, changes are said at once, and its time is the new one', async () => {
  const offset = '/run/offset';
  await sh(`
    /etc/init.d/sallyport stop
    echo +0 >${offset}
    FAKETIME_TIMESTAMP_FILE=${offset} FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
      LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 /etc/init.d/sallyport start`);
  await untilObserved();
  const watched = await watchThis();
  const skewHours = () => (Date.parse(watched.lines.at(-1)?.seen.now ?? '') - Date.now()) / 3_600_000;
  const steady: number[] = [];
  for (const [clientId, set, hours] of [
    ['true', '+0', 0],
    ['back', '-1h', -1],
    ['ahead', '+1d', 24],
    ['again', '+0', 0],
  ] as const) {
    // Renamed, so that no program reads an empty file.
    await writeFile(box.system.path(`${offset}.new`), `${set}\n`);
    await rename(box.system.path(`${offset}.new`), box.system.path(offset));
    await addAndHear(watched, clientId, 4000);
    expect(skewHours()).toBeCloseTo(hours, 1);
    steady.push(watched.lines.at(-1)?.seen.ms ?? 0);
  }
  expect(steady).toEqual(steady.toSorted((a, b) => a - b));
  expect(watched.lines.filter(({ type }) => type === 'snapshot')).toHaveLength(1);
  await watched.untilEqualsList();
});
