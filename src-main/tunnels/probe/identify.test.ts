import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { readRepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { identifyService } from './identify.ts';
import { createMeteredStream } from './meteredStream.ts';

const silent = () => new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });

test('when connections open only after the time limit, ends without an answer and closes them', async () => {
  const uri = readRepositoryUri('smb://files.lan:445');
  if (typeof uri === 'string') throw new Error(uri);
  const over = AbortSignal.timeout(5);
  const channels: Duplex[] = [];
  const connect = async () => {
    await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
    const channel = silent();
    channels.push(channel);
    return createMeteredStream(channel);
  };
  const protocols = ['http', 'tls', 'smb'] as const;
  expect(await identifyService({ uri, connect, protocols, timeoutMs: 1 })).toBeNull();
  expect(channels.map((channel) => channel.destroyed)).toEqual([true, true, true]);
});
