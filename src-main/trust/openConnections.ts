import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenConnection } from '../../src-shared/model/trust/trust.ts';

type Socket = Omit<OpenConnection, 'applianceName'> & { localPort: number };

/** The states of the kernel's table **[doc]**: proc(5), net/tcp_states.h. */
const established = '01';
const listening = '0A';
/** A socket that waits for its last packets belongs to no program any more. */
const maxSockets = 5_000;

/** An address of the kernel's table: words of four bytes, each in the byte order of this computer. */
function readAddress(hex: string): string {
  const words = hex.match(/.{8}/gu) ?? [];
  const bytes = words.flatMap((word) => [...Buffer.from(word, 'hex')].toReversed());
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  // The URL parser shortens an IPv6 address as RFC 5952 says.
  return new URL(`http://[${groups.join(':')}]`).hostname;
}

function readEndpoint(text: string): { address: string; port: number } {
  const [address = '', port = ''] = text.split(':');
  return { address: readAddress(address), port: Number.parseInt(port, 16) };
}

/** The sockets of a table such as `/proc/self/net/tcp` whose inode is in `inodes`. */
export function readSocketTable(
  table: string,
  protocol: OpenConnection['protocol'],
  inodes: ReadonlySet<string>,
): Socket[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, from = '', to = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/u);
      if (!inodes.has(inode)) return [];
      const local = readEndpoint(from);
      const remote = readEndpoint(to);
      return {
        protocol,
        local: `${local.address}:${local.port}`,
        localPort: local.port,
        remote: remote.port === 0 ? null : `${remote.address}:${remote.port}`,
        state:
          state === listening
            ? ('listening' as const)
            : state === established
              ? ('established' as const)
              : ('other' as const),
      };
    });
}

function readOwnInodes(folder: string): Set<string> {
  return new Set(
    readdirSync(join(folder, 'fd')).flatMap((name) => {
      try {
        return /^socket:\[(\d+)\]$/u.exec(readlinkSync(join(folder, 'fd', name)))?.[1] ?? [];
      } catch {
        // Closed since the folder was read.
        return [];
      }
    }),
  );
}

/** The network sockets of this process as the kernel lists them. Null on a system without `/proc`. */
export function readOwnSockets(folder = '/proc/self'): Socket[] | null {
  try {
    const inodes = readOwnInodes(folder);
    return (['tcp', 'tcp6', 'udp', 'udp6'] as const)
      .flatMap((name) =>
        readSocketTable(
          readFileSync(join(folder, 'net', name), 'utf8'),
          name.startsWith('tcp') ? 'tcp' : 'udp',
          inodes,
        ),
      )
      .slice(0, maxSockets);
  } catch {
    return null;
  }
}
