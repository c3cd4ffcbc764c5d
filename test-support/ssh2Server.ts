import { Socket, type Server } from 'node:net';
import ssh2, { type AuthContext, type Connection } from 'ssh2';

export function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts a server of ssh2 that `onClient` makes behave. */
export async function startSsh2Server(
  options: { banner?: string; greeting?: string },
  onClient: (client: Connection) => void,
): Promise<{ port: number; stop: () => void }> {
  const server = new ssh2.Server(
    { hostKeys: [ssh2.utils.generateKeyPairSync('ed25519').private], ...options },
    (client) => {
      client.on('error', () => undefined);
      onClient(client);
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: portOf(server), stop: () => server.close() };
}

/** Ends the connection as a broken network does. */
export const resetConnection = (client: Connection) => {
  const socket: unknown = Reflect.get(client, '_sock');
  if (socket instanceof Socket) socket.resetAndDestroy();
};
export const sendDisconnect = (client: Connection, code: number) => {
  const protocol: unknown = Reflect.get(client, '_protocol');
  Reflect.get(Object(protocol), 'disconnect').call(protocol, code);
};
// ssh2 sends a banner only behind SERVICE_ACCEPT, which is left out here.
export const sendBanner = (client: Connection, text: string) => {
  const protocol: unknown = Reflect.get(client, '_protocol');
  const cipher: unknown = Reflect.get(Object(protocol), '_cipher');
  Reflect.set(Object(protocol), '_banner', text);
  Reflect.set(Object(cipher), 'encrypt', () => Reflect.deleteProperty(Object(cipher), 'encrypt'));
  Reflect.get(Object(protocol), 'serviceAccept').call(protocol, 'ssh-userauth');
};
/** Sends a banner and ends the connection. */
export const endWithText = (text: string) => (client: Connection) => {
  sendBanner(client, text);
  client.end();
};
/** Takes the key, and ends the connection in `end` when the signature arrives. */
export const takeKey =
  (end: (client: Connection) => void) =>
  (client: Connection, attempt: AuthContext): void =>
    attempt.method === 'publickey' && attempt.signature === undefined ? attempt.accept() : end(client);
