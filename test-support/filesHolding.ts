import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const endedSchema = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });
/** Longest that a file system's clock, which ticks, is behind the one that `since` is read from. */
const tickMs = 20;

/** Where programs leave things outside folders of their own, as far as this machine has them. */
export const sharedPlaces = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm', '/run', '/var/log', homedir()].filter(
  existsSync,
);

/** Any of its lines that hold secret bytes; those before them hold the public half, which may lie anywhere. */
export function secretLinesOf(privateKey: string): string[] {
  const body = privateKey.split('\n').filter((line) => !line.startsWith('-----'));
  const lines = body.slice(2).filter((line) => /^[A-Za-z0-9+/=]{20,}$/u.test(line));
  if (lines.length < 2) throw new Error('this is no unencrypted private key as ssh-keygen writes it');
  return lines;
}

async function search(places: readonly string[], lines: readonly string[], since: number): Promise<string[]> {
  // A network namespace is listed as an unreadable file. Other file systems have to be named.
  const written = ['-xdev', '-type', 'f', '!', '-fstype', 'nsfs', '-newerct', `@${(since - tickMs) / 1000}`];
  const grep = ['-exec', 'grep', '-lZaF', ...lines.flatMap((line) => ['-e', line]), '{}', '+'];
  const ended = await run('find', [...places, '-ignore_readdir_race', ...written, ...grep], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  }).then(
    (output) => ({ code: 0, ...output }),
    // 1 where any grep found nothing: whether all was read is told by stderr alone.
    (error: unknown) => endedSchema.parse(error),
  );
  // Other programs use these folders, too: files that vanish are skipped.
  const complaints = ended.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(': No such file or directory'));
  if (ended.code > 1 || complaints.length > 0) throw new Error(`the search failed: ${complaints.join('; ')}`);
  return ended.stdout.split('\0').filter((path) => path !== '');
}

/**
 * Files below `places` that were written after `since` (milliseconds of the clock) and hold any of `lines`, sorted.
 * Whatever is there but could not be searched rejects, as does a search that does not find what it plants itself in
 * each place and for each line.
 */
export async function filesHolding(
  places: readonly string[],
  lines: readonly string[],
  since: number,
): Promise<string[]> {
  if (lines.length === 0) throw new Error('nothing to search for');
  const controls = [...new Set(places)].flatMap((place) =>
    lines.map((line) => ({ path: join(place, `control-${randomUUID()}`), line })),
  );
  try {
    for (const { path, line } of controls) await writeFile(path, `before ${line}\\nafter`, { mode: 0o600 });
    const found = new Set(await search([...new Set(places)], lines, since));
    for (const { path } of controls)
      if (!found.delete(path)) throw new Error(`the search did not find ${path}, which it had planted`);
    return [...found].toSorted();
  } finally {
    for (const { path } of controls) await rm(path, { force: true });
  }
}
