import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Appliance } from '../appliance.ts';
import { maskKey } from '../licence/licence.ts';
import { makePing, readLicenceKey } from '../licence/pingContent.ts';

/** An address for documentation (RFC 5737): the route to it is the one to the Internet. Nothing is sent to it. */
const anyAddress = '192.0.2.1';

/** The local address of the route to `address`. A UDP socket asks the kernel and sends nothing. Null without a route. */
function findLocalAddress(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
    const end = (local: string | null) => {
      socket.close();
      resolve(local?.split('%', 1)[0] ?? null);
    };
    socket.once('error', () => end(null));
    socket.connect(443, address, () => end(socket.address().address));
  });
}

/** Looks no name up, because the question would leave the site. */
async function readPrivateAddress({ config }: Appliance): Promise<string | null> {
  if (config.authority === undefined) return null;
  const host = new URL(config.authority.url).hostname.replace(/^\[(.+)\]$/u, '$1');
  const found = await findLocalAddress(isIP(host) === 0 ? anyAddress : host);
  const isOwn = Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === found),
  );
  return isOwn ? found : null;
}

/**
 * The body of the licence ping **[doc: the fields]**. The licence key is a secret, so it is masked unless asked for. Throws
 * NOT_FOUND without a key.
 */
export async function makePingReport(appliance: Appliance, { hasKey }: { hasKey: boolean }): Promise<string> {
  const licenceKey = await readLicenceKey(appliance);
  const ping = makePing(appliance, { privateIp: await readPrivateAddress(appliance), licenceKey });
  return JSON.stringify(hasKey ? ping : { ...ping, licenceKey: maskKey(licenceKey) });
}
