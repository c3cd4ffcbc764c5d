import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  askForPort,
  createDesktopFolders,
  onlyWindow,
  startDesktopHost,
} from '../../../test-support/electron/startDesktopHost.ts';
import { createFrame } from '../../../test-support/electron/windows.ts';
import type { PagePort } from '../../rpc/transports.ts';

let folders: ReturnType<typeof createDesktopFolders>;
beforeEach(() => {
  folders = createDesktopFolders();
});
afterEach(() => folders.remove());

/**
 * Starts a hand-over whose console echoes each message, and records which ports were served and which ended.
 */
async function start() {
  const served: PagePort[] = [];
  const ended: PagePort[] = [];
  const { electron } = await startDesktopHost(folders, {
    openConsole: () =>
      Promise.resolve({
        serve: (port) => {
          served.push(port);
          port.on('message', (event) => port.postMessage({ heard: event?.data }));
          port.on('close', () => ended.push(port));
        },
        refresh: () => Promise.resolve(),
        close: () => Promise.resolve(),
      }),
  });
  const window = onlyWindow(electron);
  return { electron, window, contents: window.webContents, served, ended };
}

function firstPort(received: readonly { ports: MessagePort[] }[]): MessagePort {
  const port = received[0]?.ports[0];
  if (port === undefined) throw new Error('no port arrived');
  return port;
}

test('gives the page’s top frame one port, over which both sides talk', async () => {
  const { electron, contents, served } = await start();
  const received = askForPort(electron, contents);
  expect(received).toEqual([{ channel: 'sallyport-port', message: null, ports: [expect.anything()] }]);
  const port = firstPort(received);
  port.postMessage('hello', []);
  expect(await once(port, 'message')).toEqual([{ heard: 'hello' }]);
  expect(served).toHaveLength(1);
  port.close();
});

test('has no other channel to the main process', async () => {
  const { electron } = await start();
  expect(electron.ipcChannels()).toEqual(['sallyport-port']);
});

test.each([
  ['another origin', createFrame('https://example.com/')],
  ['a host that only begins like ours', createFrame('app://sallyport.example/')],
  ['a blank document', createFrame('about:blank')],
  ['a file', createFrame('file:///out/renderer/index.html')],
  ['a frame inside the page', createFrame('app://sallyport/', createFrame('app://sallyport/'))],
])('gives %s no port', async (_name, frame) => {
  const { electron, contents, served } = await start();
  expect(askForPort(electron, contents, frame)).toEqual([]);
  expect(served).toEqual([]);
});

test('gives no port to other web contents or to a frame that is gone', async () => {
  const { electron, contents, served } = await start();
  expect(askForPort(electron, electron.addContents())).toEqual([]);
  electron.sendFrom(contents, null, 'sallyport-port');
  expect(served).toEqual([]);
});

test('when the page asks again, ends the earlier port', async () => {
  const { electron, contents, served, ended } = await start();
  const former = firstPort(askForPort(electron, contents));
  const formerEnded = once(former, 'close');
  const next = firstPort(askForPort(electron, contents));
  await formerEnded;
  expect(ended).toEqual([served[0]]);
  next.postMessage(1, []);
  expect(await once(next, 'message')).toEqual([{ heard: 1 }]);
  next.close();
});

test('when the window closes, ends the port on both sides, once', async () => {
  const { electron, window, contents, served, ended } = await start();
  const port = firstPort(askForPort(electron, contents));
  const portEnded = once(port, 'close');
  window.close();
  await portEnded;
  expect(ended).toEqual(served);
  // The port ignores messages after its end and does not throw.
  expect(() => served[0]?.postMessage('late')).not.toThrow();
  expect(askForPort(electron, contents)).toEqual([]);
});

test('when the page is gone, ends the port, once', async () => {
  const { electron, contents, served, ended } = await start();
  const port = firstPort(askForPort(electron, contents));
  const heard = Promise.withResolvers<void>();
  served[0]?.on('close', () => heard.resolve());
  port.close();
  await heard.promise;
  contents.events.emit('render-process-gone', {}, { reason: 'crashed' });
  expect(ended).toEqual(served);
});
