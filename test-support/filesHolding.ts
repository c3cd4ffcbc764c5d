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
/** File system clocks advance in ticks and may be this far behind the clock of `since`. */
const tickMs = 20;

/** Folders of this machine where programs leave files outside their own folders. */
export const sharedPlaces = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm', '/run', '/var/log', homedir()].filter(
  existsSync,
);

/** Lines with secret bytes. The lines before contain the public half, which may be anywhere. */
export function secretLinesOf(privateKey: string): string[] {
  const body = privateKey.split('\n').filter((line) => !line.startsWith('-----'));
  const lines = body.slice(2).filter((line) => /^[A-Za-z0-9+/=]{20,}$/u.test(line));
  if (lines.length < 2) throw new Error('this is no unencrypted private key as ssh-keygen writes it');
  return lines;
}

async function search(places: readonly string[], lines: readonly string[], since: number): Promise<string[]> {
  // A network namespace is listed as an unreadable file. Other file systems must be named.
  const written = ['-xdev', '-type', 'f', '!', '-fstype', 'nsfs', '-newerct', `@${(since - tickMs) / 1000}`];
  const grep = ['-exec', 'grep', '-lZaF', ...lines.flatMap((line) => ['-e', line]), '{}', '+'];
  const ended = await run('find', [...places, '-ignore_readdir_race', ...written, ...grep], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  }).then(
    (output) => ({ code: 0, ...output }),
    // Exit code 1 means that a grep found nothing; stderr shows whether everything was read.
    (error: unknown) => endedSchema.parse(error),
  );
  // Other programs also use these folders, so files that vanish are ignored.
  const complaints = ended.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(': No such file or directory'));
  if (ended.code > 1 || complaints.length > 0) throw new Error(`the search failed: ${complaints.join('; ')}`);
  return ended.stdout.split('\0').filter((path) => path !== '');
}

/**
 * Files below `places` that were written after `since` (milliseconds of the clock) and contain any of `lines`, sorted.
 * Rejects if a file can't be searched, or if the search misses a test file that it writes itself for each place and
 * line.
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
