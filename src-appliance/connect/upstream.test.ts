import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { readRepositoryUri } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { createHealthRecord } from './health.ts';
import { createUpstreams } from './upstream.ts';

it('when a repository answers after the connection to the appliance has ended, closes the connection to it', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const uri = readRepositoryUri(`smb://127.0.0.1:${address.port}`);
  if (typeof uri === 'string') throw new Error(uri);
  const health = createHealthRecord();
  const repository = { group: 'g', repository: 'r', uri };
  health.setForwards({ forwards: [{ port: 2200, repository }], unplaced: [] });
  const met = once(server, 'connection');
  createUpstreams({ isOpen: () => false, log: () => undefined, health }).open({
    forward: { port: 2200, repository },
    accept: () => {
      throw new Error('a channel was opened');
    },
    reject: () => undefined,
  });
  const [socket] = await met;
  await once(socket.resume(), 'close');
  expect(health.read().forwards).toMatchObject([{ port: 2200, connections: 0 }]);
  server.close();
});
