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
import { anInput } from '../../../test-support/anEntry.ts';
import type { OpenTerminal } from '../../links/applianceActions.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { hostServices } from './hostConsole.ts';

let folders: ReturnType<typeof createDesktopFolders>;
beforeEach(() => {
  folders = createDesktopFolders();
});
afterEach(() => folders.remove());

/**
 * Starts the real console with a temporary data folder, and connects the page's client to the port that the
 * host transferred.
 */
async function startWithPage(openTerminal: OpenTerminal | null = null) {
  const { electron, warnings } = await startDesktopHost(folders, {
    openConsole: () =>
      Promise.resolve(
        hostServices({
          dataFolder: folders.dataFolder,
          host: 'desktop',
          version: '1.2.3',
          lab: true,
          openTerminal,
        }),
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
    labAuthority: null,
    canOpenTerminal: false,
  });
  expect(await client.fleet.overview({})).toEqual({ appliances: [] });
  window.close();
  expect(await electron.exited).toBe(0);
});

test('when the page sends invalid data, answers with the code and keeps the port open', async () => {
  const { electron, client } = await startWithPage();
  await expect(
    client.appliances.connect({ id: 'x' }).catch((error: unknown) => Promise.reject(error)),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect((await client.system.about({})).host).toBe('desktop');
  electron.quit();
  expect(await electron.exited).toBe(0);
});

test.each([
  ['opens', null],
  ['fails', 'TERMINAL_FAILED'],
] as const)(
  'when a terminal %s for a locked appliance, the trail has intent and outcome',
  async (_, errorCode) => {
    const opened: string[] = [];
    const { electron, client } = await startWithPage((entry) => {
      opened.push(entry.target.host);
      return errorCode === null
        ? Promise.resolve()
        : Promise.reject(new AppError(errorCode, 'xterm ended with exit code 1.'));
    });
    expect((await client.system.about({})).canOpenTerminal).toBe(true);
    const { appliance } = await client.appliances.add({ appliance: anInput('kiln'), hostKey: null });
    await client.appliances.setLock({ id: appliance.id, locked: true });
    const [answer] = await Promise.allSettled([client.appliances.openTerminal({ id: appliance.id })]);
    expect(answer).toMatchObject(
      errorCode === null
        ? { status: 'fulfilled', value: {} }
        : { status: 'rejected', reason: { code: errorCode, data: { retryable: true } } },
    );
    expect(opened).toEqual(['kiln']);
    const { actions } = await client.audit.actions({ before: null, limit: 1, query: '', chip: 'access' });
    expect(actions).toMatchObject([
      {
        start: { event: 'terminal.open', object: 'kiln', command: 'ssh ubuntu@kiln', phase: 'intent' },
        outcome: { result: errorCode === null ? 'ok' : 'failed', errorCode },
      },
    ]);
    electron.quit();
    expect(await electron.exited).toBe(0);
  },
);

test('when the window closes, ends the watch, the port and the console', async () => {
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

test('when started again, the data folder is valid', async () => {
  const first = await startWithPage();
  first.electron.quit();
  expect(await first.electron.exited).toBe(0);
  const second = await startWithPage();
  expect(await second.client.audit.verify({})).toMatchObject({ ok: true, unfinished: [] });
  second.electron.quit();
  expect(await second.electron.exited).toBe(0);
});
