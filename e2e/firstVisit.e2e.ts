import { expect, test } from './fixtures.ts';
import { createPages } from './pages.ts';
import { addAppliance } from './programs.ts';

/** Bytes on the wire for everything that a first visit loads, including preloaded pages. */
const maxBytes = 450_000;

test('when the console is opened for the first time, it loads at most 450 kB, all of it compressed', async ({
  lab,
  dataFolder,
  page,
  consoles,
}) => {
  for (const appliance of lab.appliances) await addAppliance(dataFolder, appliance);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const urls = new Map<string, string>();
  const files = new Map<string, { bytes: number; encoding: string; type: string }>();
  session.on('Network.responseReceived', ({ requestId, response }) => {
    urls.set(requestId, response.url);
    const { 'Content-Encoding': encoding = 'none', 'Content-Type': type = '' } = response.headers;
    files.set(requestId, { bytes: 0, encoding, type });
  });
  let loaded = 0;
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const file = files.get(requestId);
    if (file !== undefined) file.bytes = encodedDataLength;
    loaded += 1;
  });
  await page.goto(await consoles.start());
  const { fleet } = createPages(page);
  for (const { name } of lab.appliances) await expect(fleet.row(name)).toContainText('connected');
  const untilFleet = [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  // Pages are preloaded while the browser is idle; each has its own script.
  for (const name of ['Tenants', 'Syslog', 'Audit', 'Appliance'])
    await expect
      .poll(() =>
        [...urls].some(([id, url]) => url.includes(`/${name}Page-`) && (files.get(id)?.bytes ?? 0) > 0),
      )
      .toBe(true);
  await expect.poll(() => loaded).toBe(files.size);
  const total = [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  test.info().annotations.push({
    type: 'first visit',
    description: `${untilFleet} bytes until the fleet shows, ${total} with all pages, ${files.size} files`,
  });
  process.stdout.write(`${test.info().annotations.at(-1)?.description}\n`);
  expect(total).toBeLessThanOrEqual(maxBytes);
  const uncompressed = [...files.values()].filter(
    ({ bytes, encoding, type }) => encoding === 'none' && /javascript|css/u.test(type) && bytes > 2048,
  );
  // Leave the page before the console stops, because an open page would try to reconnect and log the failure.
  await page.goto('about:blank');
  expect(uncompressed).toEqual([]);
});
