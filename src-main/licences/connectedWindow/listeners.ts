import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import type { Session } from '../../ssh/types.ts';

const listening = '0A';
/** The kernel's notation of 127.x.x.x, ::1 and ::ffff:127.x.x.x on a little-endian computer. */
const loopback = /^(?:[\dA-F]{6}7F|0{24}01000000|0{16}FFFF0000[\dA-F]{6}7F)$/u;
const heading = 'local_address';
const listenerSchema = z.string().regex(/^(?:[\dA-F]{8}|[\dA-F]{32}):[\dA-F]{4}$/u);

/** The listening sockets of all programs. The heading shows that the tables could be read. */
const argv = ['grep', '-hs', '-e', heading, '-e', ` ${listening} `, '/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Asks the appliance's kernel what listens on a TCP port: nothing, only its own loopback, or an address that other
 * computers may reach. Rejects with COMMAND_FAILED if the appliance can't tell.
 */
export async function findListeners(
  session: Pick<Session, 'run'>,
  port: number,
): Promise<'none' | 'loopback' | 'beyond'> {
  const { stdout } = await session.run({ argv, privileged: false });
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/u));
  if (!rows.some((row) => row.includes(heading)))
    throw new AppError('COMMAND_FAILED', 'The appliance does not tell which ports are in use.');
  const hosts = rows.flatMap(([, local, , state]) => {
    const address = listenerSchema.safeParse(local);
    if (state !== listening || !address.success) return [];
    const [host = '', number = ''] = address.data.split(':');
    return Number.parseInt(number, 16) === port ? [host] : [];
  });
  if (hosts.length === 0) return 'none';
  return hosts.every((host) => loopback.test(host)) ? 'loopback' : 'beyond';
}
