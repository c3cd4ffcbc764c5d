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
/**
 * The times of files may be this far behind the clock of `since`, because file systems use a coarser clock.
 */
const tickMs = 20;

/** Folders of this machine in which programs could leave files outside their own folders. */
export const sharedPlaces = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm', '/run', '/var/log', homedir()].filter(
  existsSync,
);

/**
 * Returns the lines of a private key that contain secret bytes. The lines before them contain only the public
 * key.
 */
export function secretLinesOf(privateKey: string): string[] {
  const body = privateKey.split('\n').filter((line) => !line.startsWith('-----'));
  const lines = body.slice(2).filter((line) => /^[A-Za-z0-9+/=]{20,}$/u.test(line));
  if (lines.length < 2) throw new Error('this is no unencrypted private key as ssh-keygen writes it');
  return lines;
}

async function search(places: readonly string[], lines: readonly string[], since: number): Promise<string[]> {
  // Skip network namespaces, because find lists them as files that can't be read. Search no other file
  // systems, unless they are in `places`.
  const written = ['-xdev', '-type', 'f', '!', '-fstype', 'nsfs', '-newerct', `@${(since - tickMs) / 1000}`];
  const grep = ['-exec', 'grep', '-lZaF', ...lines.flatMap((line) => ['-e', line]), '{}', '+'];
  const ended = await run('find', [...places, '-ignore_readdir_race', ...written, ...grep], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  }).then(
    (output) => ({ code: 0, ...output }),
    // Exit code 1 only means that a grep found nothing. stderr shows whether all files were read.
    (error: unknown) => endedSchema.parse(error),
  );
  // Ignore files that were deleted during the search, because other programs use these folders, too.
  const complaints = ended.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(': No such file or directory'));
  if (ended.code > 1 || complaints.length > 0) throw new Error(`the search failed: ${complaints.join('; ')}`);
  return ended.stdout.split('\0').filter((path) => path !== '');
}

/**
 * Returns the files below `places` that were written after `since` (epoch ms) and contain any of `lines`,
 * sorted. Rejects if a file can't be searched, or if the search misses one of the test files that it creates
 * itself.
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
