import { BlockList, isIP } from 'node:net';

const own = createList(['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128']);
const inside = createList([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fe80::/10',
]);

function createList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** The host as resolvers understand it: they take `0x7f.1` and `2130706433` as addresses. */
function canonicalHost(host: string): string {
  const url = URL.parse(`https://${isIP(host) === 6 ? `[${host}]` : host}`);
  return url?.hostname.replace(/^\[(.+)\]$/u, '$1') ?? host;
}

/**
 * What is unusual about the address of a licence authority. The appliance chooses it, and this computer may reach what the
 * appliance can't.
 */
export function warnAboutHost(host: string): string[] {
  const mind = 'Open the window only if you know that the licence authority is there.';
  const name = canonicalHost(host);
  const family = isIP(name);
  const isIn = (list: BlockList) => family !== 0 && list.check(name, family === 6 ? 'ipv6' : 'ipv4');
  if (isIn(own) || /^(?:.+\.)?localhost\.?$/iu.test(name))
    return [`${host} is this computer itself. ${mind}`];
  if (isIn(inside)) return [`${host} is an address of an internal network. ${mind}`];
  if (family === 0 && !name.includes('.')) return [`${host} is a name of an internal network. ${mind}`];
  return [];
}
