import { open } from 'node:fs/promises';

type Which = { userId: number; range: { first: number; last: number } };

const newline = 0x0a;
const space = 0x20;
const colon = 0x3a;
const firstCapacity = 64 * 1024;

/** Returns where the next word starts. */
function nextWord(table: Buffer, at: number): number {
  let place = at;
  while (place < table.length && table[place] !== space) place += 1;
  while (place < table.length && table[place] === space) place += 1;
  return place;
}

function readNumber(table: Buffer, start: number): number {
  let value = 0;
  for (let at = start; at < table.length; at += 1) {
    const digit = (table[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Inodes of the listening sockets of each port. A port may have several, because it may be open on several
 * addresses.
 */
export type ListeningPorts = Map<number, number[]>;

/**
 * Finds the ports in the range on which a process of `userId` listens, in the content of /proc/net/tcp or
 * tcp6 (proc(5)). Parses the bytes directly, because creating strings for thousands of lines every second
 * would need much memory.
 */
export function findListeningPorts(table: Buffer, which: Which): { port: number; inode: number }[] {
  const ports: { port: number; inode: number }[] = [];
  for (let line = table.indexOf(newline) + 1; line > 0 && line < table.length;) {
    const end = table.indexOf(newline, line);
    const local = nextWord(table, table.indexOf(colon, line));
    const remote = nextWord(table, local);
    const state = nextWord(table, remote);
    // The state TCP_LISTEN is written as 0A.
    if (table[state] === 0x30 && table[state + 1] === 0x41) {
      const port = Number.parseInt(table.toString('latin1', remote - 5, remote - 1), 16);
      const user = nextWord(table, nextWord(table, nextWord(table, nextWord(table, state))));
      const isOurs = which.range.first <= port && port <= which.range.last;
      if (isOurs && readNumber(table, user) === which.userId)
        ports.push({ port, inode: readNumber(table, nextWord(table, nextWord(table, user))) });
    }
    line = end === -1 ? table.length : end + 1;
  }
  return ports;
}

/** Reads a file of /proc again and again into the same buffer. */
function createTableReader(path: string): () => Promise<Buffer> {
  let buffer = Buffer.alloc(firstCapacity);
  return async () => {
    const file = await open(path, 'r');
    try {
      for (let length = 0; ;) {
        if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
        const { bytesRead } = await file.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) return buffer.subarray(0, length);
        length += bytesRead;
      }
    } finally {
      await file.close();
    }
  };
}

/** Returns a function that finds the ports on which the user listens, for IPv4 and IPv6. */
export function createListeningPorts(which: Which): () => Promise<ListeningPorts> {
  const readers = ['tcp', 'tcp6'].map((name) => createTableReader(`/proc/net/${name}`));
  return async () => {
    const ports: ListeningPorts = new Map();
    for (const read of readers)
      for (const { port, inode } of findListeningPorts(await read(), which)) {
        const inodes = ports.get(port);
        if (inodes === undefined) ports.set(port, [inode]);
        else inodes.push(inode);
      }
    return ports;
  };
}
