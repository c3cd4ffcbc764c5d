import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import ssh2 from 'ssh2';
import { createSshKeyPair } from './sshKeyPair.ts';

export type AnsweringSshd = {
  user: string;
  host: string;
  port: number;
  identityFile: string;
  hostKeySha256: string;
  stop: () => Promise<void>;
};

/** The output of a command. Null if the appliance does not have the command. */
export type CommandOutput = string | Buffer | null;

/** Starts an SSH server on loopback that answers each command with the result of `answerTo`. */
export async function startAnsweringSshd(
  answerTo: (command: string) => CommandOutput,
): Promise<AnsweringSshd> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-answering-'));
  const hostKey = createSshKeyPair('host');
  const clientKey = createSshKeyPair('client');
  const identityFile = join(folder, 'id_ed25519');
  writeFileSync(identityFile, clientKey.privateKey, { mode: 0o600 });
  const connections = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (connection) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
    // A console that stops cuts the connection, which is no error here.
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      if (context.method === 'publickey') context.accept();
      else context.reject(['publickey']);
    });
    connection.on('tcpip', (_accept, reject) => reject());
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        // The console lets the shell print this word in front of the command's output.
        const [, startWord = '', marked] = / (begin-[0-9a-f]+) (.*)$/su.exec(command) ?? [];
        const answer = answerTo(marked ?? command);
        // Send all output before the exit code, as sshd does.
        Readable.from([marked === undefined ? '' : `${startWord}\n`, answer ?? ''])
          .on('end', () => {
            channel.exit(answer === null ? 127 : 0);
            channel.end();
          })
          .pipe(channel, { end: false });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    user: 'ubuntu',
    host: '127.0.0.1',
    port: address.port,
    identityFile,
    hostKeySha256: hostKey.publicKey.fingerprint,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.end();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
