import { startListedAppliance } from '../test-support/listedAppliance.ts';
import { expect, test } from './fixtures.ts';
import { addAppliance } from './programs.ts';

/** 2 appliances × 125 tenants × 20 forwards. */
const size = { tenants: 125, forwards: 20 } as const;
const rows = 2 * size.tenants * size.forwards;
const longestFrameMs = 50;
const scrollMs = 15_000;
/** A reading of all rows is about this large; nothing else on the wire is. */
const wholeListBytes = 500_000;

// A recorder that takes pictures of the page all the time would be measured too.
test.use({ trace: 'off' });

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

test('5,000 tunnels scroll from end to end without a stutter, while answers come in', async ({
  dataFolder,
  consoles,
  page,
}) => {
  test.setTimeout(180_000);
  const appliances = [
    await startListedAppliance({ name: 'kiln-01', ...size }),
    await startListedAppliance({ name: 'kiln-02', ...size }),
  ];
  try {
    for (const appliance of appliances) await addAppliance(dataFolder, appliance, { sudo: 'none' });
    let readings = 0;
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (payload.length > wholeListBytes) readings += 1;
      }),
    );
    await page.goto(await consoles.start());
    await page.getByRole('link', { name: 'Tenants & ports' }).first().click();
    await expect(page.getByRole('grid', { name: 'Tunnels' })).toHaveAttribute(
      'aria-rowcount',
      String(rows + 1),
      { timeout: 60_000 },
    );
    // A person waits for the page to come to rest before scrolling; programs start up meanwhile.
    await expect(page.getByText('listening').first()).toBeVisible();
    const readBefore = readings;

    const frames = await page.getByTestId('table').evaluate(
      (table, duration) =>
        new Promise<number[]>((resolve) => {
          const found: number[] = [];
          const view = table.ownerDocument.defaultView;
          if (view === null) throw new Error('the table is on no page');
          const end = table.scrollHeight - table.clientHeight;
          const start = performance.now();
          let last = start;
          const frame = (now: number): void => {
            found.push(now - last);
            last = now;
            const share = Math.min(1, (now - start) / duration);
            // Down and up again.
            table.scrollTop = end * (share < 0.5 ? share * 2 : 2 - share * 2);
            if (share < 1) view.requestAnimationFrame(frame);
            else resolve(found.slice(1));
          };
          view.requestAnimationFrame(frame);
        }),
      scrollMs,
    );
    const sorted = frames.toSorted((a, b) => a - b);
    const figures = {
      rows,
      frames: frames.length,
      median: Math.round(percentile(sorted, 0.5)),
      p95: Math.round(percentile(sorted, 0.95)),
      p99: Math.round(percentile(sorted, 0.99)),
      longest: Math.round(sorted.at(-1) ?? 0),
      over50: sorted.filter((milliseconds) => milliseconds > longestFrameMs).length,
      listsReadMeanwhile: readings - readBefore,
    };
    test.info().annotations.push({ type: 'frames', description: JSON.stringify(figures) });
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    expect(figures.listsReadMeanwhile).toBeGreaterThan(1);
    expect(figures.p99).toBeLessThanOrEqual(longestFrameMs);

    // Every row is really there, to its last.
    await page.getByTestId('table').evaluate((table) => {
      table.scrollTop = table.scrollHeight;
    });
    await expect(page.getByRole('row', { name: 'tenant-124 4699' })).toBeVisible();
  } finally {
    await page.close();
    for (const appliance of appliances) await appliance.stop();
  }
});
