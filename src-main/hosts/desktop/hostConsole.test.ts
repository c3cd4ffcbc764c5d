import { once } from 'node:events';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Contract } from '../../../src-shared/contract/index.ts';
import {
  askForPort,
  createDesktopFolders,
  onlyWindow,
  startDesktopHost,
} from '../../../test-support/electron/startDesktopHost.ts';
import { hostServices } from './hostConsole.ts';

let folders: ReturnType<typeof createDesktopFolders>;
beforeEach(() => {
  folders = createDesktopFolders();
});
afterEach(() => folders.remove());

/** The real console with a temporary data folder, and the page's client on the port that the host transferred. */
async function startWithPage() {
  const { electron, warnings } = await startDesktopHost(folders, {
    openConsole: () =>
      Promise.resolve(
        hostServices({ dataFolder: folders.dataFolder, host: 'desktop', version: '1.2.3', lab: true }),
      ),
  });
  const window = onlyWindow(electron);
  const [port] = askForPort(electron, window.webContents)[0]?.ports ?? [];
  if (port === undefined) throw new Error('no port arrived');
  const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port }));
  port.start();
  return { electron, warnings, window, port, client };
}

test('the page calls the console over its port', async () => {
  const { electron, client, window } = await startWithPage();
  expect(await client.system.about({})).toEqual({
    version: '1.2.3',
    host: 'desktop',
    operator: expect.any(String),
    role: 'admin',
    lab: true,
  });
  expect(await client.fleet.overview({})).toEqual({ appliances: [] });
  window.close();
  expect(await electron.exited).toBe(0);
});

test('rubbish from the page is refused with its code, and the port lives on', async () => {
  const { electron, client } = await startWithPage();
  await expect(
    client.appliances.connect({ id: 'x' }).catch((error: unknown) => Promise.reject(error)),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect((await client.system.about({})).host).toBe('desktop');
  electron.quit();
  expect(await electron.exited).toBe(0);
});

test('closing the window ends the watch, the port and the console', async () => {
  const { electron, client, window, port, warnings } = await startWithPage();
  const watch = await client.fleet.watch({});
  expect((await watch.next()).done).toBe(false);
  const next = watch.next().then(
    (result) => (result.done === true ? 'ended' : 'went on'),
    () => 'ended',
  );
  const portEnded = once(port, 'close');
  window.close();
  await portEnded;
  expect(await next).toBe('ended');
  expect(await electron.exited).toBe(0);
  expect(warnings).toEqual([]);
});

test('the next start finds the data folder in order', async () => {
  const first = await startWithPage();
  first.electron.quit();
  expect(await first.electron.exited).toBe(0);
  const second = await startWithPage();
  expect(await second.client.audit.verify({})).toMatchObject({ ok: true, unfinished: [] });
  second.electron.quit();
  expect(await second.electron.exited).toBe(0);
});
