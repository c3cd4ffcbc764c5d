import type { AnnouncedForward, RememberedPort } from './registrarProtocol.ts';

/**
 * The ports that a tenant's repositories have or had, the least recently used first; at most one entry for each
 * port. Returns the memory after a session announced `forwards`.
 */
export function rememberForwards(
  memory: readonly RememberedPort[],
  forwards: readonly Omit<AnnouncedForward, 'uri'>[],
): RememberedPort[] {
  const used = new Set(forwards.map(({ port }) => port));
  return [
    ...memory.filter(({ port }) => !used.has(port)),
    ...forwards
      .map(({ port, group, repository }) => ({ port, group, repository }))
      .toSorted((a, b) => a.port - b.port),
  ];
}

/** Splits the memory into parts of at most `maxBytes` as JSON. Returns at least one part. */
export function splitMemory(memory: readonly RememberedPort[], maxBytes: number): RememberedPort[][] {
  const parts: RememberedPort[][] = [];
  let part: RememberedPort[] = [];
  let size = 0;
  for (const entry of memory) {
    const entrySize = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (size + entrySize > maxBytes) {
      parts.push(part);
      part = [];
      size = 0;
    }
    part.push(entry);
    size += entrySize;
  }
  return [...parts, part];
}
