import { expect, test } from 'vitest';
import { createLocalTransport, localSession } from '../../../test-support/localTransport.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import type { RemoteFiles } from '../types.ts';

/** An SFTP peer that answers every request but never closes its channel. */
function neverClosing(opened: () => void): RemoteFiles {
  opened();
  return {
    realPath: () => Promise.resolve('/root'),
    create: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    close: () => undefined,
    closed: Promise.withResolvers<void>().promise,
  };
}

test('when an appliance never closes its SFTP, uploads continue, and the link is lost if it keeps channels', async () => {
  const transport = createLocalTransport();
  const session = await localSession(transport);
  const [connection] = transport.connections;
  if (connection === undefined) throw new Error('no connection');
  let opened = 0;
  connection.openFiles = () => Promise.resolve(neverClosing(() => (opened += 1)));
  const upload = () => session.files((files) => files.realPath('.'));
  expect(await upload()).toBe('/root');
  expect(await upload()).toBe('/root');
  expect(opened).toBe(2);
  expect(await upload()).toBe('/root');
  await waitFor('the link is given up', () => session.state().state !== 'connected');
  session.release();
});
