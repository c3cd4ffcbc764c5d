import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Page } from '@playwright/test';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { makeKey, startPlainSshd } from '../test-support/plainSshd.ts';
import { freePort } from '../test-support/freePorts.ts';
import { canConnect } from '../test-support/canConnect.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { expect, test } from './fixtures.ts';
import { createPages } from './pages.ts';

const servers: Server[] = [];
test.afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Starts a server of another user of this computer; resolves with its port. */
async function serve(host: string, port: number, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  server.listen({ host, port, ipv6Only: true });
  await once(server, 'listening');
  return z.object({ port: z.number() }).parse(server.address()).port;
}

/** Sends a call with `headers` to the console's port; resolves with the answer, or null if the host ends it. */
function callWith(port: number, headers: Record<string, string>): Promise<string | null> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers });
  return new Promise((resolve) => {
    socket.on('open', () => socket.send('{"i":"1","p":{"u":"/system/about","b":{"json":{}}}}'));
    socket.on('message', (data) => resolve(Buffer.isBuffer(data) ? data.toString('utf8') : ''));
    socket.on('error', () => {});
    socket.on('close', () => resolve(null));
  });
}

/** Returns everything that the page stores in the browser. */
function readStoredData(page: Page): Promise<unknown> {
  return page.evaluate(`({ cookie: document.cookie, local: { ...localStorage }, address: location.href,
    session: Object.keys(sessionStorage), length: history.length })`);
}

test('when the operator visits another server of this computer, it gets no cookie and no call', async ({
  openConsole,
  consoles,
  context,
}) => {
  const page = await openConsole();
  await expect(createPages(page).heading('Fleet')).toBeVisible();
  const seen: { path: string | undefined; cookie: string | undefined }[] = [];
  const thief: RequestListener = (request, response) => {
    seen.push({ path: request.url, cookie: request.headers.cookie });
    response.setHeader('Content-Type', 'text/html');
    response.end(
      request.url === '/' ? '<script>fetch("/b").then(() => document.title = "done")</script>' : '',
    );
  };
  const port = await serve('127.0.0.1', 0, thief);
  const evil = await serve('127.0.0.1', 0, (_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(
      ['127.0.0.1', 'localhost'].map((host) => `<a href="http://${host}:${port}/">${host}</a>`).join(' '),
    );
  });
  for (const host of ['127.0.0.1', 'localhost']) {
    const victim = await context.newPage();
    await victim.goto(`http://evil.localhost:${evil}/`);
    await victim.getByRole('link', { name: host }).click();
    await expect(victim).toHaveTitle('done');
  }
  expect(seen.filter(({ path }) => path === '/b')).toHaveLength(2);
  expect(seen.flatMap(({ cookie }) => cookie ?? [])).toEqual([]);
  expect(await context.cookies()).toEqual([]);

  // The attacker knows the port from the list of sockets, and sends everything that it saw.
  const { hostname, port: consolePort } = new URL(consoles.addresses[0] ?? '');
  const cookie = seen.map((request) => request.cookie ?? '').join('; ');
  for (const host of [`127.0.0.1:${consolePort}`, `localhost:${consolePort}`, `${hostname}:${consolePort}`]) {
    const answer = await callWith(Number(consolePort), { cookie, host, origin: `http://${host}` });
    expect(answer).toBeNull();
  }
});

const hijack = `self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => event.respondWith(new Response('<title>OWNED</title>',
  { headers: { 'Content-Type': 'text/html' } })));`;

/** Installs a service worker that answers every request. */
const squatter: RequestListener = (request, response) => {
  const isScript = request.url === '/worker.js';
  response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
  response.setHeader('Cache-Control', 'max-age=31536000, immutable');
  response.end(
    isScript
      ? hijack
      : `<script>navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)
          .then(() => { document.title = 'left'; })</script>`,
  );
};

test('when another program had the fixed port before, its service worker does not run in the console', async ({
  page,
  context,
  consoles,
}) => {
  const port = await serve('127.0.0.1', 0, squatter);
  await serve('::1', port, squatter);
  for (const host of ['127.0.0.1', 'localhost']) {
    const visit = await context.newPage();
    await visit.goto(`http://${host}:${port}/`);
    await expect(visit).toHaveTitle('left');
    await visit.close();
  }
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  const address = await consoles.start('--port', String(port));
  expect(new URL(address).port).toBe(String(port));
  await page.goto(address);
  await expect(createPages(page).heading('Fleet')).toBeVisible();
  // The service worker still answers under the names that others may serve.
  const trap = await context.newPage();
  await trap.goto(`http://127.0.0.1:${port}/`);
  await expect(trap).toHaveTitle('OWNED');
  await page.close();
});

for (const host of ['127.0.0.1', '::1'])
  test(`when another program has the fixed port on ${host}, the console does not start`, async ({
    consoles,
  }) => {
    const port = await serve(host, 0, (_request, response) => response.end('another program'));
    await expect(consoles.start('--port', String(port))).rejects.toThrow('ended with 5');
  });

test('when ssh leads to the console from another local port, its page works through it', async ({
  page,
  consoles,
  dataFolder,
}) => {
  const key = makeKey(dataFolder, 'jump');
  const sshd = await startPlainSshd({ authorizedKeys: [key.publicKey] });
  const address = new URL(await consoles.start());
  const local = await freePort();
  const ssh = spawn(
    'ssh',
    [
      ['-N', '-F', 'none', '-i', key.path, '-p', String(sshd.port), '-o', 'StrictHostKeyChecking=no'],
      ['-o', 'UserKnownHostsFile=/dev/null', '-o', 'ExitOnForwardFailure=yes'],
      ['-L', `127.0.0.1:${local}:localhost:${address.port}`],
      ['-L', `[::1]:${local}:localhost:${address.port}`],
      'root@127.0.0.1',
    ].flat(),
    { stdio: 'ignore' },
  );
  try {
    await waitFor('ssh forwards', () => canConnect('127.0.0.1', local));
    address.port = String(local);
    await page.goto(address.href);
    await expect(createPages(page).heading('Fleet')).toBeVisible();
    await expect(page.getByText('host: web')).toBeVisible();
    expect(page.url()).toBe(`http://${address.hostname}:${local}/#/`);
    await page.reload();
    await expect(page.getByText('host: web')).toBeVisible();
    await page.close();
  } finally {
    ssh.kill();
    await sshd.stop();
  }
});

test('when the page is loaded again or opened in a second tab, it stays signed in, and keeps no token', async ({
  openConsole,
  context,
  browser,
}) => {
  const page = await openConsole();
  await expect(page.getByText('host: web')).toBeVisible();
  const { origin } = new URL(page.url());
  await page.reload();
  await expect(page.getByText('host: web')).toBeVisible();
  expect(await readStoredData(page)).toMatchObject({
    cookie: '',
    address: `${origin}/#/`,
    session: ['sallyport-session'],
  });
  const second = await context.newPage();
  await second.goto(`${origin}/#/audit`);
  await expect(createPages(second).heading('Audit')).toBeVisible();
  await expect(second.getByText('host: web')).toBeVisible();
  // Another browser has no signed-in tab.
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(origin);
  await expect(createPages(stranger).heading('This tab is not signed in')).toBeVisible();
  await expect(stranger.getByText('press Enter in the terminal', { exact: false })).toBeVisible();
  await stranger.context().close();
});

test('when a tab was opened before any tab signed in, it joins the first that does', async ({
  consoles,
  page,
  context,
}) => {
  const address = await consoles.start();
  await page.goto(new URL(address).origin);
  await expect(createPages(page).heading('This tab is not signed in')).toBeVisible();
  const other = await context.newPage();
  await other.goto(address);
  await expect(other.getByText('host: web')).toBeVisible();
  await expect(page.getByText('host: web')).toBeVisible();
  for (const tab of [page, other]) await tab.close();
});

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('when one tab signs out, all do, and a new address signs in again', async ({
      openConsole,
      consoles,
      context,
    }, testInfo) => {
      const shoot = (tab: Page, name: string) =>
        tab.screenshot({ path: testInfo.outputPath(`${colorScheme}-${name}.png`) });
      const page = await openConsole();
      const second = await context.newPage();
      await second.goto(new URL(page.url()).origin);
      await expect(second.getByText('host: web')).toBeVisible();
      await shoot(second, 'signed-in');
      await second.getByRole('button', { name: 'Sign out' }).click();
      for (const tab of [second, page]) {
        await expect(createPages(tab).heading('Signed out')).toBeVisible();
        expect(await readStoredData(tab)).toMatchObject({ cookie: '', local: {}, session: [] });
      }
      await shoot(page, 'signed-out');
      await second.reload();
      await expect(createPages(second).heading('This tab is not signed in')).toBeVisible();
      await second.close();
      // In the signed-out tab only the fragment of the address changes, so the browser doesn't reload the
      // page.
      await page.goto(await consoles.newAddress());
      await expect(page.getByText('host: web')).toBeVisible();
    });

    test('when the address has another name, a page without script says what to do', async ({
      consoles,
      context,
    }, testInfo) => {
      const { port } = new URL(await consoles.start());
      for (const host of ['127.0.0.1', 'localhost', '[::1]', 'other.localhost']) {
        const tab = await context.newPage();
        const response = await tab.goto(`http://${host}:${port}/#/tenants`);
        expect(response?.status()).toBe(403);
        await expect(tab.getByRole('heading', { name: 'Sallyport is not at this address' })).toBeVisible();
        expect(await tab.locator('script').count()).toBe(0);
        await tab.screenshot({ path: testInfo.outputPath(`${colorScheme}-wrong-name.png`) });
      }
    });
  });
}

test('when there is no input for the idle limit, the page signs out', async ({ page, consoles }) => {
  await page.goto(await consoles.start('--idle-minutes', '0.1'));
  await expect(page.getByText('host: web')).toBeVisible();
  await expect(createPages(page).heading('Signed out due to inactivity')).toBeVisible();
  expect(await readStoredData(page)).toMatchObject({ session: [] });
  await page.goto(await consoles.newAddress());
  await expect(page.getByText('host: web')).toBeVisible();
  await page.close();
});

test('when the name is fixed, the page works under it, and still without a cookie', async ({
  page,
  consoles,
}) => {
  await page.goto(await consoles.start('--host-name', '127.0.0.1'));
  await expect(page.getByText('host: web')).toBeVisible();
  expect(await page.context().cookies()).toEqual([]);
  expect(await readStoredData(page)).toMatchObject({ cookie: '', session: ['sallyport-session'] });
  await page.close();
});
