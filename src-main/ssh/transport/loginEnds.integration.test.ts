import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthContext, Connection } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppError } from '../../../src-shared/errors.ts';
import { expectRefusal, rootAt } from '../../../test-support/connectAttempt.ts';
import { makeKey } from '../../../test-support/plainSshd.ts';
import {
  endWithText,
  resetConnection,
  sendBanner,
  sendDisconnect,
  startSsh2Server,
  takeKey,
} from '../../../test-support/ssh2Server.ts';
import { startSession } from '../../../test-support/openedSession.ts';

let folder: string;
let key: ReturnType<typeof makeKey>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ends-'));
  key = makeKey(folder, 'right');
});
afterAll(() => rmSync(folder, { recursive: true }));

const banner = 'Authorized use only.';
const lost = 'CONNECT_FAILED';
const refused = 'AUTHENTICATION_FAILED';
const askSecret = () => Promise.resolve(['secret']);

test.each<
  [what: string, end: (client: Connection, attempt: AuthContext) => void, codes: string[], words: string]
>([
  ['ends without a word', (client) => void client.end(), [lost, lost, lost], 'closed'],
  ['resets the connection', resetConnection, [lost, lost, lost], 'reset'],
  ['says a passing reason', (client) => sendDisconnect(client, 12), [lost, lost], 'ended the connection'],
  ['says a reason', (client) => sendDisconnect(client, 14), [refused], 'no more login methods'],
  ['repeats its banner', endWithText(banner), [lost, lost, lost], banner],
  ['says something before it took the key', endWithText('Welcome.'), [lost, lost, lost], 'Welcome.'],
  ['takes the key and ends', takeKey((client) => void client.end()), [lost, refused], '(accepted, then'],
  ['takes the key and resets', takeKey(resetConnection), [lost, lost, lost], 'reset'],
  [
    'takes the key, repeats its banner and resets',
    takeKey((client) => {
      sendBanner(client, banner);
      resetConnection(client);
    }),
    [lost, lost, lost],
    'reset',
  ],
  [
    'takes the key and refuses the account',
    takeKey(endWithText('Account expired.')),
    [refused],
    'Account expired.',
  ],
])('when it %s during the login, each attempt in a row has its code', async (_what, end, codes, words) => {
  const server = await startSsh2Server({ banner }, (client) =>
    client.on('authentication', (attempt) =>
      attempt.method === 'none' ? attempt.reject(['publickey']) : end(client, attempt),
    ),
  );
  const target = rootAt(server.port, { keyFile: key.path });
  const unclearEnds = new Set<string>();
  const errors: AppError[] = [];
  for (const _code of codes) errors.push((await expectRefusal({ target, unclearEnds })).error);
  server.stop();
  expect(errors.map(({ code }) => code)).toEqual(codes);
  expect(errors.at(-1)?.message).toContain(words);
  expect(errors.at(-1)?.message).toContain(banner);
});

test.each<[what: string, end: (client: Connection) => void, codes: string[]]>([
  ['ends without a word', (client) => void client.end(), [lost, refused]],
  ['resets the connection', resetConnection, [lost, lost, lost]],
  ['refuses the account', endWithText('Account expired.'), [refused]],
])('when it %s after a password, each attempt in a row has its code', async (_what, end, codes) => {
  const server = await startSsh2Server({ banner }, (client) =>
    client.on('authentication', (attempt) =>
      attempt.method === 'none' ? attempt.reject(['password']) : end(client),
    ),
  );
  const target = rootAt(server.port, { password: true });
  const unclearEnds = new Set<string>();
  const seen: string[] = [];
  for (const _code of codes) seen.push((await expectRefusal({ target, unclearEnds, askSecret })).error.code);
  server.stop();
  expect(seen).toEqual(codes);
});

test('when it takes the key and ends each time, the link stops after the second attempt', async () => {
  let attempts = 0;
  const server = await startSsh2Server({}, (client) => {
    attempts += 1;
    client.on('authentication', (attempt) =>
      attempt.method === 'none'
        ? attempt.reject(['publickey'])
        : takeKey(() => void client.end())(client, attempt),
    );
  });
  const session = startSession(rootAt(server.port, { keyFile: key.path }), { random: () => 0 });
  await expect(session.ready(20_000)).rejects.toMatchObject({ code: refused });
  session.release();
  server.stop();
  expect(attempts).toBe(2);
});
