import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from './fixtures.ts';
import { pagesOf } from './pages.ts';

/** Folders of labs and of their consoles. */
function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^sallyport-(lab|data)-/.test(name));
}

test('npm start opens the fleet with live data, and Ctrl-C leaves nothing behind', async ({ page }) => {
  const before = leftovers();
  // In a process group of its own, which gets SIGINT as a whole: what a terminal does at Ctrl-C.
  const child = spawn('npm', ['start', '--', '--web', '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const address = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /http:\S+/.exec(printed);
      if (found !== null) resolve(found[0]);
    });
    child.once('exit', () => reject(new Error(`ended before it was ready: ${printed}`)));
  });
  const made = leftovers().filter((name) => !before.includes(name));
  expect(made).toHaveLength(2);
  try {
    await page.goto(address);
    const { fleet } = pagesOf(page);
    for (const name of ['kiln-01', 'kiln-02', 'quay-01'])
      await expect(fleet.row(name)).toContainText('connected');
    await expect(fleet.dot('kiln-01', 'well')).toBeVisible();
    await expect(fleet.row('kiln-01')).toContainText(/[1-9]\d* l\/s/);
  } finally {
    // Before its console ends, which the page would report.
    await page.close();
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    await gone;
  }
  await expect(() => expect(made.filter((name) => existsSync(`${tmpdir()}/${name}`))).toEqual([])).toPass();
});
