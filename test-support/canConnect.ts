import { once } from 'node:events';
import { connect } from 'node:net';

/** Whether a program listens on this address now. */
export async function canConnect(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
