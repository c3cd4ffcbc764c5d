import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signalUnlessEnded } from '../src-shared/node/signalUnlessEnded.ts';
import { descendantsOf, readCommandLine } from '../test-support/processTree.ts';
import { expect, test } from './fixtures.ts';
import { createPages } from './pages.ts';

let folder = '';
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-start-'));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `npm start` with `folder` for its temporary files, until it has printed its address. */
async function startSallyport() {
  // A test runner's colour settings make Node warn on stderr, where only Sallyport may write.
  const { FORCE_COLOR: _force, NO_COLOR: _no, ...env } = process.env;
  // In its own process group, which receives SIGINT as a whole: this is what a terminal does on Ctrl+C.
  const child = spawn('npm', ['start', '--', '--web', '--no-open'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...env, TMPDIR: folder },
  });
  const pid = child.pid ?? 0;
  const said = { out: '', err: '' };
  const gone = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said.out += chunk.toString();
      const found = /http:\S+/.exec(said.out);
      if (found !== null) resolve(found[0]);
    });
    child.once('exit', () => reject(new Error(`ended before it was ready: ${said.out}${said.err}`)));
  });
  return { pid, address, said, gone };
}

test('npm start opens the fleet with live data, and Ctrl+C leaves nothing behind', async ({ page }) => {
  const started = await startSallyport();
  // Folders of the lab and of its console.
  const made = readdirSync(folder).filter((name) => /^sallyport-(lab|data)-/.test(name));
  expect(made).toHaveLength(2);
  try {
    await page.goto(started.address);
    const { fleet } = createPages(page);
    for (const name of ['kiln-01', 'kiln-02', 'quay-01'])
      await expect(fleet.row(name)).toContainText('connected');
    await expect(fleet.dot('kiln-01', 'OK')).toBeVisible();
    const heads = await page.getByRole('grid', { name: 'Appliances' }).locator('th').allInnerTexts();
    const column = heads.findIndex((head) => head.startsWith('Lines/s'));
    await expect(fleet.row('kiln-01').locator('td').nth(column)).toHaveText(/^[1-9]\d*$/u);
  } finally {
    // Close the page before its console ends, because the page would report that.
    await page.close();
    signalUnlessEnded(-started.pid, 'SIGINT');
    await started.gone;
  }
  await expect(() => expect(made.filter((name) => existsSync(join(folder, name)))).toEqual([])).toPass();
});

for (const { part, words, says } of [
  {
    part: 'the lab',
    words: 'lab/main.ts',
    says: /The lab ended with exit code 1\. Its last lines:\n.*SIGKILL/u,
  },
  { part: 'the web host', words: ' web ', says: /The web host was ended by SIGKILL\. No output\./u },
])
  test(`when ${part} is killed, npm start says so, ends the rest and exits with 1`, async () => {
    const started = await startSallyport();
    const pids = await descendantsOf(started.pid);
    const lines = await Promise.all(pids.map(readCommandLine));
    const killed = pids.find((_, index) => lines[index]?.includes(words));
    expect(killed).toBeDefined();
    process.kill(killed ?? 0, 'SIGKILL');
    expect(await started.gone).toBe(1);
    expect(started.said.err).toMatch(says);
    expect(started.said.err).toContain('Sallyport ends.');
    await expect(() => expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])).toPass();
  });
